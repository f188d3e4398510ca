"""Rules of a notes file: its header, its classes, services and matières, and the bulletins of one pupil.

Pure. Source: siecle_reference §4.1, §4.2. ``annee`` is the END of the school year: 2026 for 2025-2026.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.ingest.bulletins.brut import EleveBrut, EnteteBrut, FichierBrut, NoteBrute
from services.ingest.bulletins.matieres import CODE, matiere_nationale
from services.ingest.compte_rendu import Gravite, Ligne
from services.ingest.refus import FichierRefuse
from shared.events.modeles import EnseignantRemonte, NoteRemontee, ServiceEnseigne
from shared.nomenclatures import uai_valide

PARIS = ZoneInfo("Europe/Paris")
TERMINALE = "terminale"
ANNEES_AVANT = 3
"""Earlier years that are taken, as far as available."""
NOTE_MAX = 20.0
_ETATS = frozenset("SADN")
_DECOUPAGES = frozenset({"2", "3"})
_NOMBRE = re.compile(r"-?[0-9]{1,6}([.,][0-9]{1,6})?")
_LANGUE = re.compile(r"LV([1-3]|[ABC])")
_LANGUES = {"A": "1", "B": "2", "C": "3"}
_APPRECIATION_MAX, _TEXTE_MAX, _ENTIER_MAX, _COEFFICIENT_MAX = 2_000, 300, 100_000, 1_000.0


@dataclass(frozen=True, slots=True)
class Entete:
    """``creation``: day on which the gradebook wrote the file; None when it does not say."""

    session: int
    uai: str
    logiciel: str
    creation: date | None

    @property
    def version(self) -> int | None:
        """Order of the files of one lycée, µs: midnight in Paris of the day of creation."""
        if self.creation is None:
            return None
        minuit = datetime(self.creation.year, self.creation.month, self.creation.day, tzinfo=PARIS)
        return int(minuit.timestamp()) * 1_000_000


def lire_entete(brut: EnteteBrut, session: int, uai_attendu: str | None) -> Entete:
    """Judge the header.

    Raises:
        FichierRefuse: no valid UAI, or that of another lycée.
    """
    uai = brut.rne.upper()
    if not uai_valide(uai):
        quoi = "n’est pas un UAI valide" if uai else "manque"
        raise FichierRefuse(
            "RNE",
            f"Le code de l’établissement (etablissement, rne) {quoi} : corrigez-le dans le logiciel de notes.",
        )
    if uai_attendu and uai != uai_attendu:
        raise FichierRefuse(
            "AUTRE_UAI",
            f"Ce fichier est celui de l’établissement {uai}, pas de {uai_attendu} : vérifiez le fichier.",
        )
    return Entete(session, uai, brut.logiciel[:_TEXTE_MAX], _jour(brut.date_creation))


def _jour(texte: str) -> date | None:
    try:
        return date.fromisoformat(texte[:10])
    except ValueError:
        return None


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


@dataclass(frozen=True, slots=True)
class BulletinLu:
    """One period of one pupil, taken from the file."""

    annee: int
    periode: int
    decoupage: int
    classe: str
    notes: tuple[NoteRemontee, ...]
    manques: tuple[Manque, ...]


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
    sans_matiere = 0
    for (code, _), brut in fichier.services.items():
        cle = (code, _entier(brut.annee) or 0)
        matiere = fichier.matieres.get(brut.matiere)
        if matiere is None:
            sans_matiere += 1
            index.bloques[cle] = Manque("SERVICE_SANS_MATIERE", brut.groupe[:_TEXTE_MAX] or None)
        elif not CODE.fullmatch(matiere.sconet):
            index.bloques[cle] = Manque("MATIERE_SANS_CODE", matiere.libelle[:_TEXTE_MAX] or None)
        else:
            enseignants = tuple(noms[code] for code in brut.enseignants if noms.get(code))
            libelle = matiere.libelle[:_TEXTE_MAX] or None
            modele = NoteRemontee(
                matiere=matiere.sconet,
                etat="N",
                libelle=libelle,
                effectif=_effectif(brut.effectif),
                moyenne_classe=_note(brut.moyenne),
                moyenne_haute=_note(brut.haute),
                moyenne_basse=_note(brut.basse),
                langue=_langue(brut.langue),
                groupe=brut.groupe[:_TEXTE_MAX] or None,
                enseignants=enseignants,
            )
            index.services[cle] = Service(
                cle[1], _entier(brut.periode), matiere.sconet, libelle, modele, brut.enseignants
            )
    if sans_matiere:
        phrase = (
            f"{sans_matiere} service(s) de notation n’ont pas de matière : leurs notes ne sont pas prises."
            " Rattachez-les à une matière dans le logiciel de notes."
        )
        index.lignes.append(Ligne(0, "SERVICE_SANS_MATIERE", phrase, Gravite.AVERTISSEMENT))
    return index


def _classes(fichier: FichierBrut) -> dict[tuple[str, int], Classe]:
    return {
        (code, annee): Classe(
            (brut.nom or code.removeprefix("C-"))[:_TEXTE_MAX],
            annee,
            brut.niveau == TERMINALE,
            int(brut.decoupage),
        )
        for (code, _), brut in fichier.classes.items()
        if (annee := _entier(brut.annee)) and brut.decoupage in _DECOUPAGES
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
    return f"{prenom} {nom}".strip()[:_TEXTE_MAX]


def _entier(texte: str) -> int | None:
    return int(texte) if texte.isascii() and texte.isdecimal() and len(texte) <= 4 else None  # noqa: PLR2004


def _effectif(texte: str) -> int | None:
    return int(valeur) if (valeur := nombre(texte)) is not None and 0 <= valeur <= _ENTIER_MAX else None


def _note(texte: str) -> float | None:
    return valeur if (valeur := nombre(texte)) is not None and 0 <= valeur <= NOTE_MAX else None


def _langue(texte: str) -> str | None:
    trouve = _LANGUE.fullmatch(texte)
    return f"LV{_LANGUES.get(trouve[1], trouve[1])}" if trouve else None


def nombre(texte: str) -> float | None:
    """A decimal with a point or a comma; None when it is none."""
    return float(texte.replace(",", ".")) if _NOMBRE.fullmatch(texte) else None


def est_terminale(eleve: EleveBrut, index: Index) -> bool:
    """In a terminale of this year, by the class that the file gives him."""
    return any(
        (classe := index.classes.get((annee.classe, index.session))) is not None and classe.terminale
        for annee in eleve.annees
        if _entier(annee.annee) == index.session
    )


@dataclass(slots=True)
class Lus:
    """The bulletins of one pupil, and the lines about them."""

    bulletins: dict[tuple[int, int], BulletinLu] = field(default_factory=dict)
    lignes: list[Ligne] = field(default_factory=list)


def bulletins_de(eleve: EleveBrut, index: Index) -> Lus:
    """Every bulletin that can be taken; the last line of a code stands for all those alike."""
    lus, en_double = Lus(), set[tuple[int, int]]()
    for annee_brute in eleve.annees:
        annee = _entier(annee_brute.annee) or 0
        classe = index.classes.get((annee_brute.classe, annee))
        if not index.session - ANNEES_AVANT <= annee <= index.session or classe is None:
            lus.lignes.append(_ligne(eleve, "ANNEE_IGNOREE", annee_brute.annee[:4] or "sans année"))
            continue
        for brut in annee_brute.bulletins:
            periode = _entier(brut.periode) or 0
            if not 1 <= periode <= classe.decoupage:
                lus.lignes.append(_ligne(eleve, "PERIODE", brut.periode[:4] or "vide"))
            elif not brut.notes:
                continue
            elif (annee, periode) in lus.bulletins or (annee, periode) in en_double:
                en_double.add((annee, periode))
                lus.bulletins.pop((annee, periode), None)
            else:
                notes, manques = _notes(brut.notes, annee, classe, index)
                lus.bulletins[annee, periode] = BulletinLu(
                    annee, periode, classe.decoupage, classe.nom, notes, manques
                )
                lus.lignes.extend(_lignes_des_manques(eleve, periode, manques))
    lus.lignes += [_ligne(eleve, "BULLETIN_DOUBLE", f"{periode} de {annee}") for annee, periode in en_double]
    return lus


_PHRASES = {
    "ANNEE_IGNOREE": "L’année {quoi} n’est pas prise : elle est trop ancienne, ou sa classe n’est pas décrite.",
    "PERIODE": "Un bulletin porte une période ({quoi}) qui n’existe pas dans le découpage de la classe : il n’est pas pris.",
    "BULLETIN_DOUBLE": "La période {quoi} est donnée deux fois pour cet élève : aucune des deux n’est prise.",
    "HORS_BORNES": "Une moyenne n’est pas entre 0 et 20 ({quoi}) : la note n’est pas prise.",
    "MOYENNE_ILLISIBLE": "Une moyenne n’est pas un nombre ({quoi}) : la note n’est pas prise.",
    "ETAT": "Une note a un état inconnu ({quoi}) : elle n’est pas prise (S, A, D ou N).",
    "APPRECIATION_COUPEE": "Une appréciation dépasse 2 000 caractères ({quoi}) : la fin n’est pas prise.",
    "SERVICE_INCONNU": "Une note désigne un service de notation absent du fichier : elle n’est pas prise.",
}


def _ligne(eleve: EleveBrut, code: str, quoi: str) -> Ligne:
    return Ligne(eleve.rang, code, _PHRASES[code].format(quoi=quoi), Gravite.PARTIEL, ine=eleve.ine or None)


def _lignes_des_manques(eleve: EleveBrut, periode: int, manques: Collection[Manque]) -> Iterator[Ligne]:
    """One line a code: matières without code have their own, once for the file."""
    for code in dict.fromkeys(manque.code for manque in manques if manque.code in _PHRASES):
        matieres = [manque.matiere or "matière inconnue" for manque in manques if manque.code == code]
        yield _ligne(eleve, code, f"{', '.join(matieres[:3])}, période {periode}"[:160])


def _notes(
    brutes: Collection[NoteBrute], annee: int, classe: Classe, index: Index
) -> tuple[tuple[NoteRemontee, ...], tuple[Manque, ...]]:
    notes: list[NoteRemontee] = []
    manques: list[Manque] = []
    for brute in brutes:
        service = index.service(brute.service, annee)
        if isinstance(service, Manque):
            manques.append(service)
            continue
        lue = _note_lue(brute, service)
        if isinstance(lue, Manque):
            manques.append(lue)
            continue
        notes.append(lue)
        if len(brute.appreciation) > _APPRECIATION_MAX:
            manques.append(Manque("APPRECIATION_COUPEE", service.libelle or service.matiere))
        if annee == index.session:
            index.classes_du_service.setdefault((brute.service, service.annee), set()).add(classe.nom)
    notes.sort(key=lambda note: (note.matiere, note.groupe or "", note.libelle or ""))
    return tuple(notes), tuple(dict.fromkeys(manques))


def _note_lue(brute: NoteBrute, service: Service) -> NoteRemontee | Manque:
    """A mark counts only when ``etat`` is S; otherwise a moyenne that is there is not read."""
    nom = service.libelle or service.matiere
    if brute.etat not in _ETATS:
        return Manque("ETAT", nom)
    moyenne = None
    if brute.etat == "S" and brute.moyenne:
        moyenne = nombre(brute.moyenne)
        if moyenne is None:
            return Manque("MOYENNE_ILLISIBLE", nom)
        if not 0 <= moyenne <= NOTE_MAX:
            return Manque("HORS_BORNES", nom)
    coefficient = nombre(brute.coefficient)
    return service.modele.model_copy(
        update={
            "etat": brute.etat,
            "moyenne": moyenne,
            "rang": _effectif(brute.rang) if brute.etat == "S" else None,
            "coefficient": coefficient if coefficient and 0 < coefficient <= _COEFFICIENT_MAX else None,
            "appreciation": brute.appreciation[:_APPRECIATION_MAX] or None,
        }
    )


def enseignants_de(fichier: FichierBrut, index: Index) -> tuple[EnseignantRemonte, ...]:
    """Teachers of this year's services and what they teach, in the order of their codes."""
    services: dict[str, dict[tuple[str, str | None], _Cumul]] = {}
    for (code, annee), service in index.services.items():
        if annee != index.session:
            continue
        for enseignant in service.enseignants:
            cumuls = services.setdefault(enseignant, {})
            cumul = cumuls.setdefault((service.matiere, service.modele.groupe), _Cumul(service))
            cumul.classes |= index.classes_du_service.get((code, annee), set())
            cumul.periodes |= {service.periode} if service.periode else set()
    return tuple(
        EnseignantRemonte(
            code=code.removeprefix("P-")[:_TEXTE_MAX],
            nom=brut.nom[:_TEXTE_MAX],
            prenom=brut.prenom[:_TEXTE_MAX] or None,
            services=tuple(cumul.montrer() for _, cumul in sorted(services[code].items(), key=_cle_du_cumul)),
        )
        for code, brut in sorted(fichier.enseignants.items())
        if code in services and brut.nom
    )


@dataclass(slots=True)
class _Cumul:
    service: Service
    classes: set[str] = field(default_factory=set)
    periodes: set[int] = field(default_factory=set)

    def montrer(self) -> ServiceEnseigne:
        return ServiceEnseigne(
            matiere=self.service.matiere,
            libelle=self.service.libelle,
            groupe=self.service.modele.groupe,
            classes=tuple(sorted(self.classes)),
            periodes=tuple(sorted(self.periodes)),
        )


def _cle_du_cumul(paire: tuple[tuple[str, str | None], _Cumul]) -> tuple[str, str]:
    return paire[0][0], paire[0][1] or ""


def classes_notees(index: Index) -> Mapping[str, int]:
    """Name → découpage of this year's terminale classes."""
    return {
        classe.nom: classe.decoupage
        for classe in index.classes.values()
        if classe.terminale and classe.annee == index.session
    }
