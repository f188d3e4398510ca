"""The social index of lycées (indice de position sociale), by UAI."""

from functools import lru_cache

from shared.nomenclatures.tables import lire


@lru_cache(maxsize=1)
def _tous() -> dict[str, float]:
    return {ligne["uai"]: float(ligne["ips"]) for ligne in lire("ips")}


def ips(uai: str) -> float | None:
    """None where none is published: agricultural lycées, lycées abroad, new ones."""
    return _tous().get(uai)
