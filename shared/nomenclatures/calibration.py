"""Published rates and stated assumptions with which synthetic sessions are drawn.

Each row of ``calibration.csv`` names its source; what is an assumption says so.
"""

from functools import lru_cache

from shared.nomenclatures.familles import Famille
from shared.nomenclatures.tables import lire


@lru_cache(maxsize=1)
def _taux() -> dict[tuple[str, str, str], float]:
    return {(x["grandeur"], x["voie"], x["cle"]): float(x["valeur"]) for x in lire("calibration")}


def taux(grandeur: str, voie: str = "") -> float:
    """``voie``: G, T, P, or empty for what does not depend on it. KeyError when not tabulated."""
    return _taux()[grandeur, voie, ""]


def parts_des_familles(voie: str) -> dict[Famille, float]:
    """Mean composition of a list of vœux, summing to 1."""
    return {Famille(cle): valeur for cle, valeur in repartition("part_famille", voie).items()}


def repartition(grandeur: str, voie: str) -> dict[str, float]:
    """Values of a distribution by key, as tabulated (not normalised)."""
    return {cle: v for (nom, rang, cle), v in _taux().items() if nom == grandeur and rang == voie and cle}
