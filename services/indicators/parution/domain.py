"""What is said of a margin: every indicator, what is withheld left out; and what differs from what was said."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

Vecteur = tuple[int, ...]
Cle = tuple[str, str]
"""UAI, série."""
_PART_DU_TEMPS = 4


class Marge(NamedTuple):
    """The measures of a lycée × série by rank, and the bits of those that are withheld."""

    academie: str
    valeurs: Vecteur
    caches: int


class Figure(NamedTuple):
    """An indicator and the ranks of its two measures."""

    code: str
    numerateur: int
    base: int


Chiffres = list[dict[str, str | int]]


def chiffres(marge: Marge, figures: Sequence[Figure]) -> Chiffres:
    """The fields of :class:`ChiffreDeMarge`, one by indicator."""
    montres = [None if marge.caches >> rang & 1 else n for rang, n in enumerate(marge.valeurs)]
    return [_chiffre(figure.code, montres[figure.numerateur], montres[figure.base]) for figure in figures]


def _chiffre(code: str, numerateur: int | None, denominateur: int | None) -> dict[str, str | int]:
    dit: dict[str, str | int] = {"indicateur": code}
    if numerateur is not None:
        dit["numerateur"] = numerateur
    if denominateur is not None:
        dit["denominateur"] = denominateur
    return dit


def empreinte(dits: Chiffres) -> bytes:
    """Equal when nobody outside can tell the difference."""
    return blake2b(msgspec.json.encode(dits), digest_size=16).digest()


def a_dire(avant: Mapping[Cle, Marge], apres: Mapping[Cle, Marge]) -> Iterator[tuple[Cle, Marge]]:
    """Margins that may read otherwise, in order; a lycée × série that has nobody any more is one of nobody."""
    for cle in sorted(avant.keys() | apres.keys()):
        connue, marge = avant.get(cle), apres.get(cle)
        if marge is None:
            marge = personne(avant[cle])
        if marge != connue:
            yield cle, marge


def personne(marge: Marge) -> Marge:
    """Of nobody: all of it is withheld, as every small number is."""
    return Marge(marge.academie, (0,) * len(marge.valeurs), (1 << len(marge.valeurs)) - 1)


def attente(duree: float, moins: float) -> float:
    """Seconds until the next tick: ticks take a quarter of the time at most."""
    return max(moins, duree * (_PART_DU_TEMPS - 1))
