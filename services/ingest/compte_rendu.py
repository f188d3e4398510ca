"""The compte rendu of an import: counters, and lines with their rang, code and sentence.

Modelled on SIECLE's own (siecle_reference §1.10). Holds no name; the INE is masked.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_INE_VISIBLES = 4


class Gravite(StrEnum):
    """What became of a line.

    REJET: not taken. PARTIEL: the pupil is taken, one of his items is not. MODIFIE: what changed of a known
    pupil. ABSENT: known, but not in the file. AVERTISSEMENT: taken, to be looked at. IGNORE: out of what is read.
    """

    REJET = "REJET"
    PARTIEL = "PARTIEL"
    ABSENT = "ABSENT"
    MODIFIE = "MODIFIE"
    AVERTISSEMENT = "AVERTISSEMENT"
    IGNORE = "IGNORE"

    @property
    def sigle(self) -> str:
        """SIECLE's own three letters, and two of ours (AVE, IGN)."""
        return _SIGLES.get(self, self.value[:3])


_SIGLES = {Gravite.ABSENT: "ABS"}


@dataclass(frozen=True, slots=True)
class Ligne:
    """``rang``: of the pupil in the file, or number of the line; 0 when he is not in it.

    ``ine`` is masked when shown or stored. ``eleve_siecle``: ELEVE_ID of the file. ``eleve_id``: ours, when
    known. ``champs``: names of the fields that changed. ``brut``: the refused line itself, kept for its
    correction and shown to the operator only.
    """

    rang: int
    code: str
    phrase: str
    gravite: Gravite = Gravite.REJET
    ine: str | None = None
    eleve_siecle: str | None = None
    eleve_id: str | None = None
    champs: tuple[str, ...] = ()
    brut: bytes | None = field(default=None, repr=False)


def masquer(ine: str | None) -> str | None:
    """All but the last four characters hidden."""
    if not ine:
        return None
    return "•" * max(0, len(ine) - _INE_VISIBLES) + ine[-_INE_VISIBLES:]


@dataclass(slots=True)
class CompteRendu:
    """Filled as the analysis goes. ``lignes``: those not stored yet; they are by ``Analyse.verser``."""

    compteurs: Counter[str] = field(default_factory=Counter)
    ignores: Counter[str] = field(default_factory=Counter)
    lignes: list[Ligne] = field(default_factory=list)
    refus: dict[str, str] | None = None
    _rejete: int = -1
    _partiels: set[int] = field(default_factory=set)

    def compter(self, nom: str, combien: int = 1) -> None:
        self.compteurs[nom] += combien

    def ignorer(self, motif: str) -> None:
        self.ignores[motif] += 1

    def ajouter(self, ligne: Ligne) -> None:
        """Also counts: several anomalies that follow each other at one rang are one pupil."""
        match ligne.gravite:
            case Gravite.REJET:
                self.compteurs["rejetes"] += ligne.rang != self._rejete
                self._rejete = ligne.rang
                self._partiels.discard(ligne.rang)
            case Gravite.PARTIEL:
                self._partiels.add(ligne.rang)
            case Gravite.MODIFIE:
                self.compteurs["modifies"] += 1
            case Gravite.ABSENT:
                self.compteurs["absents"] += 1
        self.lignes.append(ligne)

    def etendre(self, lignes: Iterable[Ligne]) -> None:
        for ligne in lignes:
            self.ajouter(ligne)

    def prendre_lignes(self) -> list[Ligne]:
        """The lines not stored yet, which are then the caller's to store."""
        lignes, self.lignes = self.lignes, []
        return lignes

    def clore_eleves(self) -> None:
        """Of those taken (``traites``), how many whole and how many in part."""
        self.compteurs["partiels"] = len(self._partiels)
        self.compteurs["complets"] = self.compteurs["traites"] - len(self._partiels)
        self.compteurs.update(dict.fromkeys(("absents", "modifies", "rejetes"), 0))

    def refuser(self, code: str, phrase: str) -> None:
        self.refus = {"code": code, "phrase": phrase}

    def montrer(self) -> dict[str, Any]:
        """What is kept with the import itself; the lines have their table."""
        compteurs: dict[str, Any] = {nom: self.compteurs[nom] for nom in COMPTEURS if nom in self.compteurs}
        compteurs |= {nom: n for nom, n in self.compteurs.items() if nom not in compteurs}
        return {"compteurs": compteurs, "ignores": dict(self.ignores), "refus": self.refus}


COMPTEURS = (
    "lus",
    "traites",
    "complets",
    "partiels",
    "rejetes",
    "absents",
    "modifies",
    "nouveaux",
    "sortis",
    "inchanges",
    "ignores",
    "hors_perimetre",
    "lies",
    "parques",
    "liberes",
    "publies",
)
