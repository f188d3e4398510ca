"""The bulletins of one pupil, from what a notes file says of him.

Pure. Source: siecle_reference §4.1, §4.2. ``annee`` is the END of the school year: 2026 for 2025-2026.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from services.ingest.bulletins.brut import EleveBrut, NoteBrute
from services.ingest.bulletins.listes import Classe, Index, Manque, Service
from services.ingest.bulletins.nombres import NOTE_MAX, effectif, entier, nombre
from services.ingest.compte_rendu import Gravite, Ligne
from shared.events.modeles import NoteRemontee

ANNEES_AVANT = 3
"""Earlier years that are taken, as far as available."""
_ETATS = frozenset("SADN")
_APPRECIATION_MAX, _COEFFICIENT_MAX = 2_000, 1_000.0


@dataclass(frozen=True, slots=True)
class BulletinLu:
    """One period of one pupil, taken from the file."""

    annee: int
    periode: int
    decoupage: int
    classe: str
    notes: tuple[NoteRemontee, ...]
    manques: tuple[Manque, ...]


def est_terminale(eleve: EleveBrut, index: Index) -> bool:
    """In a terminale of this year, by the class that the file gives him."""
    return any(
        (classe := index.classes.get((annee.classe, index.session))) is not None and classe.terminale
        for annee in eleve.annees
        if entier(annee.annee) == index.session
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
        annee = entier(annee_brute.annee) or 0
        classe = index.classes.get((annee_brute.classe, annee))
        if not index.session - ANNEES_AVANT <= annee <= index.session or classe is None:
            lus.lignes.append(_ligne(eleve, "ANNEE_IGNOREE", annee_brute.annee[:4] or "sans année"))
            continue
        for brut in annee_brute.bulletins:
            periode = entier(brut.periode) or 0
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
            "rang": effectif(brute.rang) if brute.etat == "S" else None,
            "coefficient": coefficient if coefficient and 0 < coefficient <= _COEFFICIENT_MAX else None,
            "appreciation": brute.appreciation[:_APPRECIATION_MAX] or None,
        }
    )
