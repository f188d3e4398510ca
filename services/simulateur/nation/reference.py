"""Figures of the reference population: what the nation is drawn with and compared to.

``statut`` of a figure: ``publie`` (printed by its producer), ``calcule`` (computed on open data),
``ordre`` (an order of magnitude) or ``hypothese`` (ours, for want of a source).
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

POPULATION = (
    "Terminales of the rentrée 2022 (MEN, public and private) who act as those of the session 2025 did; "
    "what was not published for 2025 comes from 2021-2024, and the shape of the daily dynamics from 2023."
)


@dataclass(frozen=True, slots=True)
class Chiffre:
    grandeur: str
    cle: str
    valeur: float
    statut: str
    source: str


@lru_cache(maxsize=1)
def chiffres() -> dict[tuple[str, str], Chiffre]:
    texte = files(__package__).joinpath("donnees", "reference.csv").read_text(encoding="utf-8")
    return {
        (x["grandeur"], x["cle"]): Chiffre(
            x["grandeur"], x["cle"], float(x["valeur"]), x["statut"], x["source"]
        )
        for x in csv.DictReader(texte.splitlines(), delimiter=";")
    }


def valeur(grandeur: str, cle: str = "") -> float:
    """KeyError when not tabulated."""
    return chiffres()[grandeur, cle].valeur


@lru_cache(maxsize=64)
def serie(grandeur: str, prefixe: str = "") -> dict[str, float]:
    """Values by key, of the keys that begin with ``prefixe`` (left out of the result)."""
    return {
        cle.removeprefix(prefixe): chiffre.valeur
        for (nom, cle), chiffre in chiffres().items()
        if nom == grandeur and cle and cle.startswith(prefixe)
    }
