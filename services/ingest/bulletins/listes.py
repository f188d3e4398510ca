"""The lists of a notes file, resolved: classes, services with their matière, teachers' names. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.ingest.bulletins.brut import FichierBrut, MatiereBrute, ServiceBrut
from services.ingest.bulletins.matieres import CODE, matiere_nationale
from services.ingest.bulletins.nombres import TEXTE_MAX, effectif, entier, langue, note
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.refus import FichierRefuse
from shared.events.modeles import NoteRemontee

TERMINALE = "terminale"
_DECOUPAGES = frozenset({"2", "3"})


@dataclass(frozen=True, slots=True)
class Classe:
    nom: str
    annee: int
    terminale: bool
    decoupage: int


@dataclass(frozen=True, slots=True)
class Service:
    """A group over one period; ``modele``: what all its notes share."""

    annee: int
    periode: int | None
    matiere: str
    libelle: str | None
    modele: NoteRemontee
    enseignants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manque:
    """What of a bulletin was not taken, or is not there. ``matiere``: label, for a person."""

    code: str
    matiere: str | None = None


@dataclass(slots=True)
class Index:
    """The lists of a file, resolved. ``bloques``: service → why its notes cannot be taken, and its label."""

    session: int
    classes: dict[tuple[str, int], Classe]
    services: dict[tuple[str, int], Service] = field(default_factory=dict)
    bloques: dict[tuple[str, int], Manque] = field(default_factory=dict)
    lignes: list[Ligne] = field(default_factory=list)
    classes_du_service: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def service(self, code: str, annee: int) -> Service | Manque:
        """The service of a note, or why there is none; one without ``annee`` serves any."""
        for cle in ((code, annee), (code, 0)):
            if trouve := self.services.get(cle) or self.bloques.get(cle):
                return trouve
        return Manque("SERVICE_INCONNU")


def indexer(fichier: FichierBrut, session: int, nomenclature: Collection[str]) -> Index:
    """Resolve the lists. ``nomenclature``: codes matière of the lycée's own Nomenclature, if it sent one.

    Raises:
        FichierRefuse: no class of terminale of this year.
    """
    index = Index(session, _classes(fichier))
    _exiger_terminale(index)
    _matieres(fichier, index, nomenclature)
    noms = {code: _nom(brut.prenom, brut.nom) for code, brut in fichier.enseignants.items()}
    for (code, _), brut in fichier.services.items():
        cle = (code, entier(brut.annee) or 0)
        matiere = fichier.matieres.get(brut.matiere)
        if matiere is None:
            index.bloques[cle] = Manque("SERVICE_SANS_MATIERE", brut.groupe[:TEXTE_MAX] or None)
        elif not CODE.fullmatch(matiere.sconet):
            index.bloques[cle] = Manque("MATIERE_SANS_CODE", matiere.libelle[:TEXTE_MAX] or None)
        else:
            index.services[cle] = _service(brut, matiere, cle[1], noms)
    _dire_sans_matiere(index)
    return index


def _service(brut: ServiceBrut, matiere: MatiereBrute, annee: int, noms: Mapping[str, str]) -> Service:
    libelle = matiere.libelle[:TEXTE_MAX] or None
    modele = NoteRemontee(
        matiere=matiere.sconet,
        etat="N",
        libelle=libelle,
        effectif=effectif(brut.effectif),
        moyenne_classe=note(brut.moyenne),
        moyenne_haute=note(brut.haute),
        moyenne_basse=note(brut.basse),
        langue=langue(brut.langue),
        groupe=brut.groupe[:TEXTE_MAX] or None,
        enseignants=tuple(noms[code] for code in brut.enseignants if noms.get(code)),
    )
    return Service(annee, entier(brut.periode), matiere.sconet, libelle, modele, brut.enseignants)


def _dire_sans_matiere(index: Index) -> None:
    """Once for the file."""
    combien = sum(manque.code == "SERVICE_SANS_MATIERE" for manque in index.bloques.values())
    if combien:
        phrase = (
            f"{combien} service(s) de notation n’ont pas de matière : leurs notes ne sont pas prises."
            " Rattachez-les à une matière dans le logiciel de notes."
        )
        index.lignes.append(Ligne(0, "SERVICE_SANS_MATIERE", phrase, Gravite.AVERTISSEMENT))


def _classes(fichier: FichierBrut) -> dict[tuple[str, int], Classe]:
    return {
        (code, annee): Classe(
            (brut.nom or code.removeprefix("C-"))[:TEXTE_MAX],
            annee,
            brut.niveau == TERMINALE,
            int(brut.decoupage),
        )
        for (code, _), brut in fichier.classes.items()
        if (annee := entier(brut.annee)) and brut.decoupage in _DECOUPAGES
    }


def _exiger_terminale(index: Index) -> None:
    terminales = {classe.annee for classe in index.classes.values() if classe.terminale}
    if index.session in terminales:
        return
    if index.session - 1 in terminales:
        raise FichierRefuse(
            "ANNEE",
            f"Les classes de terminale du fichier sont de l’année {index.session - 1} : l’année s’écrit par sa fin"
            f" ({index.session} pour {index.session - 1}-{index.session}). Vérifiez le logiciel de notes.",
        )
    raise FichierRefuse(
        "SANS_TERMINALE",
        f"Le fichier ne contient aucune classe de terminale de l’année {index.session - 1}-{index.session} :"
        " vérifiez l’export, et le niveau et le découpage de chaque classe.",
    )


def _matieres(fichier: FichierBrut, index: Index, nomenclature: Collection[str]) -> None:
    """A matière without code is not taken; an unknown code is, and told: nothing is lost by it."""
    utiles = {brut.matiere for brut in fichier.services.values()}
    for code, matiere in fichier.matieres.items():
        if code not in utiles:
            continue
        nom = f"La matière « {matiere.libelle[:80] or code.removeprefix('M-')[:40]} »"
        if not CODE.fullmatch(matiere.sconet):
            phrase = (
                f"{nom} n’a pas de code SIECLE (code-sconet) : ses notes ne sont pas prises."
                " Donnez-lui son code dans le logiciel de notes, puis renvoyez."
            )
            index.lignes.append(Ligne(0, "MATIERE_SANS_CODE", phrase, Gravite.AVERTISSEMENT))
        elif not (matiere.sconet in nomenclature or matiere_nationale(matiere.sconet)):
            phrase = (
                f"{nom} porte le code {matiere.sconet}, inconnu de la nomenclature : ses notes sont prises telles"
                " quelles. Vérifiez le code, ou déposez la Nomenclature de SIECLE."
            )
            index.lignes.append(Ligne(0, "MATIERE_INCONNUE", phrase, Gravite.AVERTISSEMENT))


def _nom(prenom: str, nom: str) -> str:
    return f"{prenom} {nom}".strip()[:TEXTE_MAX]


def classes_notees(index: Index) -> Mapping[str, int]:
    """Name → découpage of this year's terminale classes."""
    return {
        classe.nom: classe.decoupage
        for classe in index.classes.values()
        if classe.terminale and classe.annee == index.session
    }
