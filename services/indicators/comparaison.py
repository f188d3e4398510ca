"""Where a lycée stands: quartiles over lycées, and its place among those that look like it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import pstdev, quantiles
from typing import NamedTuple

from shared.nomenclatures.series import Serie

COMPARABLES = 20
LYCEES_MINIMAUX = 5
"""Fewer lycées have no quartiles: they would be those lycées."""
_SERIES = tuple(Serie)
_POIDS_SERIES = 1.0


class Profil(NamedTuple):
    """What lycées are compared by. ``ips`` None where none is published; ``parts``: of each série in the vivier."""

    ips: float | None
    taille: int
    parts: tuple[float, ...]


class Quartiles(NamedTuple):
    """Of the rates of ``lycees`` lycées, each counting for one."""

    bas: float
    mediane: float
    haut: float
    lycees: int


class Place(NamedTuple):
    """``rang`` 1: the highest rate; ``parmi``: lycées compared, this one included."""

    rang: int
    parmi: int


def profil(ips: float | None, viviers: Mapping[str, int]) -> Profil:
    """``viviers``: pupils by série."""
    taille = sum(viviers.values())
    return Profil(
        ips, taille, tuple(viviers.get(serie.value, 0) / taille if taille else 0 for serie in _SERIES)
    )


def quartiles(taux: Sequence[float]) -> Quartiles | None:
    """None over too few lycées."""
    if len(taux) < LYCEES_MINIMAUX:
        return None
    bas, mediane, haut = quantiles(taux, n=4, method="inclusive")
    return Quartiles(bas, mediane, haut, len(taux))


class Mesureur:
    """Distances between lycées: IPS and size by their spread, the mix of séries by what differs."""

    def __init__(self, profils: Mapping[str, Profil]) -> None:
        self._profils = profils
        self._ips = pstdev([p.ips for p in profils.values() if p.ips is not None] or [0.0]) or 1.0
        self._taille = pstdev([sqrt(p.taille) for p in profils.values()] or [0.0]) or 1.0

    def voisins(self, uai: str, nombre: int = COMPARABLES) -> tuple[str, ...]:
        """The nearest others, the nearest first; none for a lycée that is not known."""
        moi = self._profils.get(uai)
        if moi is None:
            return ()
        autres = ((self._distance(moi, autre), nom) for nom, autre in self._profils.items() if nom != uai)
        return tuple(nom for _, nom in sorted(autres)[:nombre])

    def _distance(self, un: Profil, autre: Profil) -> float:
        ips = 1.0 if un.ips is None or autre.ips is None else abs(un.ips - autre.ips) / self._ips
        taille = abs(sqrt(un.taille) - sqrt(autre.taille)) / self._taille
        melange = sum(abs(a - b) for a, b in zip(un.parts, autre.parts, strict=True))
        return ips * ips + taille * taille + _POIDS_SERIES * melange * melange


def place(mien: float, autres: Iterable[float]) -> Place | None:
    """None when nobody is left to be compared with. Equal rates share the better rank."""
    connus = list(autres)
    return Place(1 + sum(autre > mien for autre in connus), 1 + len(connus)) if connus else None


def taux(numerateur: int | None, base: int | None) -> float | None:
    """None where a part is withheld or nobody is counted: « — », never 0 %."""
    return None if numerateur is None or not base else numerateur / base
