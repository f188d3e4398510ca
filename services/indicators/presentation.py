"""Every indicator of a group of cells, numerator and denominator beside the rate."""

from collections.abc import Mapping

from services.indicators.definitions import INDICATEURS, Indicateur

EFFECTIF_MINIMAL = 5
VIVIER_INITIAL = "vivier_initial"


def taux(numerateur: int, denominateur: int) -> float | None:
    """None where nobody is counted: shown as « — », never as 0 %."""
    return numerateur / denominateur if denominateur else None


def presenter(mesures: Mapping[str, int], *, masque: bool = False) -> list[dict[str, object]]:
    """``masque``: for readers outside the lycée, a figure over fewer than five pupils is withheld."""
    lignes = [_presenter_un(indicateur, mesures) for indicateur in INDICATEURS]
    return [_masquer(ligne) if masque else ligne for ligne in lignes]


def _masquer(ligne: dict[str, object]) -> dict[str, object]:
    if ligne["denominateur"] in range(1, EFFECTIF_MINIMAL):
        return {**ligne, "numerateur": None, "denominateur": None, "taux": None, "masque": True}
    return ligne


def _presenter_un(indicateur: Indicateur, mesures: Mapping[str, int]) -> dict[str, object]:
    numerateur, denominateur = mesures.get(indicateur.numerateur, 0), mesures.get(indicateur.base, 0)
    return {
        "code": indicateur.code,
        "libelle": indicateur.libelle,
        "definition": indicateur.definition,
        "numerateur": numerateur,
        "denominateur": denominateur,
        "taux": taux(numerateur, denominateur),
    }
