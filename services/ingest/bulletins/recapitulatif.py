"""The récapitulatif: what of each pupil's expected bulletins is there, and what is lacking. Pure.

The four levels are those of the gradebooks' own screen before sending (siecle_reference §4.2).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.nomenclatures import Serie

_ATTENDU = re.compile(r"([TS])([1-3]):([01][0-9])-([0-3][0-9])")
_DECOUPAGES = {"T": 3, "S": 2}
_RENTREE = 8


class Niveau(StrEnum):
    """COMPLET: nothing lacks. INCOMPLET: usable, something lacks. PARTIEL: part of it. IMPOSSIBLE: nothing."""

    COMPLET = "COMPLET"
    INCOMPLET = "INCOMPLET"
    PARTIEL = "PARTIEL"
    IMPOSSIBLE = "IMPOSSIBLE"


@dataclass(frozen=True, slots=True)
class Note:
    """What of a mark matters here. ``moyenne``, ``appreciation``: whether there is one."""

    matiere: str
    libelle: str
    etat: str
    moyenne: bool
    appreciation: bool


@dataclass(frozen=True, slots=True)
class Manquant:
    code: str
    matiere: str | None


@dataclass(frozen=True, slots=True)
class Recu:
    """A bulletin of this year, as last received."""

    periode: int
    decoupage: int
    notes: tuple[Note, ...]
    manques: tuple[Manquant, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Motif:
    """One reason. ``periode`` None: the whole year."""

    code: str
    phrase: str
    periode: int | None = None
    matiere: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    niveau: Niveau
    motifs: tuple[Motif, ...] = ()


class CalendrierInvalideError(ValueError):
    """BULLETINS_ATTENDUS cannot be read."""


@dataclass(frozen=True, slots=True)
class Calendrier:
    """From which day each period is expected: (découpage, période) → day."""

    dates: Mapping[tuple[int, int], date] = field(default_factory=dict)

    @classmethod
    def lire(cls, brut: str, session: int) -> "Calendrier":
        """From ``T1:12-20,S1:02-20``: the month and day of the school year that ends in ``session``.

        Raises:
            CalendrierInvalideError: not in that form.
        """
        dates: dict[tuple[int, int], date] = {}
        for morceau in filter(None, (partie.strip() for partie in brut.split(","))):
            trouve = _ATTENDU.fullmatch(morceau)
            try:
                lettre, periode, mois, jour = trouve.groups() if trouve else ("", "", "", "")
                annee = session - 1 if int(mois) >= _RENTREE else session
                dates[_DECOUPAGES[lettre], int(periode)] = date(annee, int(mois), int(jour))
            except (ValueError, KeyError) as erreur:
                raise CalendrierInvalideError(f"BULLETINS_ATTENDUS: {morceau!r} is not T1:MM-DD") from erreur
        return cls(dates)

    def attendues(self, decoupage: int, jour: date) -> tuple[int, ...]:
        """Periods that must be there on ``jour``."""
        return tuple(sorted(p for (d, p), depuis in self.dates.items() if d == decoupage and depuis <= jour))


def nom_de_periode(periode: int, decoupage: int) -> str:
    quoi = "semestre" if decoupage == 2 else "trimestre"  # noqa: PLR2004 - 2 semestres, 3 trimestres
    return f"{'1er' if periode == 1 else f'{periode}e'} {quoi}"


def juger(recus: Sequence[Recu], decoupage: int, attendues: Collection[int]) -> Verdict:
    """Where one pupil stands."""
    utiles = {recu.periode: recu for recu in recus if recu.notes and recu.decoupage == decoupage}
    absentes = sorted(set(attendues) - set(utiles))
    motifs = [
        Motif("BULLETIN_ABSENT", f"Le bulletin du {nom_de_periode(p, decoupage)} n’a pas été reçu.", p)
        for p in absentes
    ]
    presents = [utiles[p] for p in sorted(set(attendues) & set(utiles))]
    if attendues and not presents:
        return Verdict(Niveau.IMPOSSIBLE, tuple(motifs))
    bloquants = [motif for recu in presents for motif in _bloquants(recu)]
    legers = [motif for recu in presents for motif in _legers(recu, presents)]
    niveau = Niveau.COMPLET
    if absentes or bloquants:
        niveau = Niveau.PARTIEL
    elif legers:
        niveau = Niveau.INCOMPLET
    return Verdict(niveau, tuple(motifs + bloquants + legers))


_BLOQUANTS = {
    "MATIERE_SANS_CODE": "n’a pas de code SIECLE : ses notes ne sont pas prises",
    "SERVICE_SANS_MATIERE": "est un service sans matière : ses notes ne sont pas prises",
    "SERVICE_INCONNU": "n’est pas décrit dans le fichier : ses notes ne sont pas prises",
    "HORS_BORNES": "porte une moyenne hors de 0 à 20, qui n’est pas prise",
    "MOYENNE_ILLISIBLE": "porte une moyenne illisible, qui n’est pas prise",
    "ETAT": "porte une note à l’état inconnu, qui n’est pas prise",
}


def _bloquants(recu: Recu) -> Iterator[Motif]:
    """Data that was sent and could not be taken."""
    nom = nom_de_periode(recu.periode, recu.decoupage)
    for manque in recu.manques:
        if phrase := _BLOQUANTS.get(manque.code):
            quoi = manque.matiere or "Une matière"
            yield Motif(manque.code, f"{quoi} {phrase} ({nom}).", recu.periode, manque.matiere)


def _legers(recu: Recu, presents: Sequence[Recu]) -> Iterator[Motif]:
    """What a complete bulletin would hold besides."""
    nom = nom_de_periode(recu.periode, recu.decoupage)
    if recu.absent:
        phrase = f"L’élève n’est plus dans le dernier envoi du {nom} : vérifiez qu’il doit encore y être."
        yield Motif("ABSENT_DU_DERNIER_ENVOI", phrase, recu.periode)
    for manque in recu.manques:
        if manque.code == "APPRECIATION_COUPEE":
            phrase = (
                f"{manque.matiere or 'Une matière'} : l’appréciation est trop longue, sa fin manque ({nom})."
            )
            yield Motif(manque.code, phrase, recu.periode, manque.matiere)
    for note in recu.notes:
        if note.etat == "S" and not note.moyenne:
            yield Motif(
                "SANS_MOYENNE", f"{note.libelle} : la moyenne manque ({nom}).", recu.periode, note.libelle
            )
        if not note.appreciation and note.etat == "S":
            yield Motif(
                "SANS_APPRECIATION",
                f"{note.libelle} : l’appréciation manque ({nom}).",
                recu.periode,
                note.libelle,
            )
    siennes = {note.matiere for note in recu.notes}
    ailleurs = {note.matiere: note.libelle for autre in presents for note in autre.notes}
    for matiere in sorted(set(ailleurs) - siennes):
        phrase = f"{ailleurs[matiere]} : rien au {nom}, alors que la matière est notée à une autre période."
        yield Motif("MATIERE_ABSENTE", phrase, recu.periode, ailleurs[matiere])


@dataclass(frozen=True, slots=True)
class EleveJuge:
    """``recues``: periods of this year that came; ``anterieures``: (année, période) of earlier years."""

    eleve_id: str
    classe: str | None
    serie: Serie | None
    verdict: Verdict
    recues: tuple[int, ...]
    anterieures: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ClasseJugee:
    """``decoupage`` None: nothing was ever received for this class."""

    classe: str | None
    decoupage: int | None
    attendues: tuple[int, ...]
    effectif: int
    niveaux: Mapping[Niveau, int]


def par_classe(
    eleves: Iterable[EleveJuge],
    decoupages: Mapping[str | None, int],
    attendues: Mapping[int, tuple[int, ...]],
) -> list[ClasseJugee]:
    """Counts of each level by class, the classes in order of their names."""
    comptes: dict[str | None, Counter[Niveau]] = {}
    for eleve in eleves:
        comptes.setdefault(eleve.classe, Counter())[eleve.verdict.niveau] += 1
    return [
        ClasseJugee(
            classe,
            decoupage := decoupages.get(classe),
            attendues.get(decoupage or 3, ()),
            compte.total(),
            {niveau: compte[niveau] for niveau in Niveau},
        )
        for classe, compte in sorted(comptes.items(), key=lambda paire: paire[0] or "")
    ]
