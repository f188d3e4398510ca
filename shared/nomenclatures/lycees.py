"""A reduced table of real lycées with their terminales per série (rentrée 2022)."""

from dataclasses import dataclass
from functools import lru_cache

from shared.nomenclatures.academies import departement_de_uai
from shared.nomenclatures.series import Serie
from shared.nomenclatures.tables import lire


@dataclass(frozen=True, slots=True)
class Lycee:
    """``effectifs``: terminales by série, séries without pupils left out. ``ips``: social index."""

    uai: str
    nom: str
    commune: str
    academie: str
    departement: str
    secteur: str
    ips: float
    effectifs: dict[Serie, int]

    @property
    def terminales(self) -> int:
        return sum(self.effectifs.values())


def _effectifs(ligne: dict[str, str]) -> dict[Serie, int]:
    return {serie: int(ligne[serie]) for serie in Serie if ligne.get(serie, "0") not in ("", "0")}


@lru_cache(maxsize=1)
def lycees() -> dict[str, Lycee]:
    """By UAI, sorted."""
    return {
        ligne["uai"]: Lycee(
            ligne["uai"],
            ligne["nom"],
            ligne["commune"],
            ligne["academie"],
            departement_de_uai(ligne["uai"]) or "",
            ligne["secteur"],
            float(ligne["ips"]),
            _effectifs(ligne),
        )
        for ligne in lire("lycees")
    }


def lycee(uai: str) -> Lycee | None:
    return lycees().get(uai)
