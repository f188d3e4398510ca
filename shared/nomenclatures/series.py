"""Séries de terminale, by which every indicator is declined."""

from enum import StrEnum


class Serie(StrEnum):
    """AUTRE: a terminale of no série of the baccalauréat (brevet de technicien, closed séries)."""

    GENERALE = "GENERALE"
    STMG = "STMG"
    STI2D = "STI2D"
    STL = "STL"
    ST2S = "ST2S"
    STD2A = "STD2A"
    STHR = "STHR"
    S2TMD = "S2TMD"
    STAV = "STAV"
    PROFESSIONNELLE = "PROFESSIONNELLE"
    AUTRE = "AUTRE"

    @property
    def libelle(self) -> str:
        """As principals read it: « Générale », « STMG », « Professionnelle »."""
        return _LIBELLES.get(self, self.value)

    @property
    def voie(self) -> str:
        """``G``, ``T`` or ``P``; AUTRE follows the technological voie."""
        return {Serie.GENERALE: "G", Serie.PROFESSIONNELLE: "P"}.get(self, "T")


_LIBELLES = {
    Serie.GENERALE: "Générale",
    Serie.PROFESSIONNELLE: "Professionnelle",
    Serie.AUTRE: "Autre",
}
