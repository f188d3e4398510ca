"""The compte rendu of an import: counters, and lines with their rang, code and sentence.

Modelled on SIECLE's own (siecle_reference §1.10). Holds no name; the INE is masked.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LIGNES_GARDEES = 5_000
_INE_VISIBLES = 4


class Gravite(StrEnum):
    """REJET: the line is not taken. AVERTISSEMENT: taken, but to be looked at. IGNORE: out of what is read."""

    REJET = "REJET"
    AVERTISSEMENT = "AVERTISSEMENT"
    IGNORE = "IGNORE"


@dataclass(frozen=True, slots=True)
class Ligne:
    """``rang``: of the pupil in the file, or number of the line. ``ine`` is masked when shown."""

    rang: int
    code: str
    phrase: str
    gravite: Gravite = Gravite.REJET
    ine: str | None = None

    def montrer(self) -> dict[str, Any]:
        return {
            "rang": self.rang,
            "gravite": self.gravite.value,
            "code": self.code,
            "phrase": self.phrase,
            "ine": masquer(self.ine),
        }


def masquer(ine: str | None) -> str | None:
    """All but the last four characters hidden."""
    if not ine:
        return None
    return "•" * max(0, len(ine) - _INE_VISIBLES) + ine[-_INE_VISIBLES:]


@dataclass(slots=True)
class CompteRendu:
    """Filled as the analysis goes. ``compteurs``: lus, traites, rejetes, hors_perimetre and so on."""

    compteurs: Counter[str] = field(default_factory=Counter)
    ignores: Counter[str] = field(default_factory=Counter)
    lignes: list[Ligne] = field(default_factory=list)
    lignes_en_plus: int = 0
    refus: dict[str, str] | None = None

    def compter(self, nom: str, combien: int = 1) -> None:
        self.compteurs[nom] += combien

    def ignorer(self, motif: str) -> None:
        self.ignores[motif] += 1

    def ajouter(self, ligne: Ligne) -> None:
        """Counts a reject; keeps the first lines only, so that a bad file stays readable."""
        if ligne.gravite is Gravite.REJET:
            self.compteurs["rejetes"] += 1
        if len(self.lignes) < LIGNES_GARDEES:
            self.lignes.append(ligne)
        else:
            self.lignes_en_plus += 1

    def etendre(self, lignes: Iterable[Ligne]) -> None:
        for ligne in lignes:
            self.ajouter(ligne)

    def refuser(self, code: str, phrase: str) -> None:
        self.refus = {"code": code, "phrase": phrase}

    def montrer(self) -> dict[str, Any]:
        compteurs: dict[str, Any] = {nom: self.compteurs[nom] for nom in COMPTEURS if nom in self.compteurs}
        compteurs |= {nom: n for nom, n in self.compteurs.items() if nom not in compteurs}
        return {
            "compteurs": compteurs,
            "ignores": dict(self.ignores),
            "lignes": [ligne.montrer() for ligne in sorted(self.lignes, key=lambda ligne: ligne.rang)],
            "lignes_en_plus": self.lignes_en_plus,
            "refus": self.refus,
        }


COMPTEURS = (
    "lus",
    "traites",
    "sortis",
    "inchanges",
    "rejetes",
    "ignores",
    "hors_perimetre",
    "absents",
    "nouveaux",
    "lies",
    "parques",
    "liberes",
    "publies",
)
