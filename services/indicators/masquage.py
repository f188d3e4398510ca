"""What is withheld from readers outside a lycée, inside one case: the measures of a lycée for one série.

A figure is withheld when its base counts fewer than five pupils, or when nobody or everybody of the base is
in it. What the other figures of the case still tell of it must leave it ``LARGEUR`` wide: a measure lies in
its base, some exclude each other. Figures that tell more are withheld too. Sums over lycées: ``parution``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

EFFECTIF_MINIMAL = 5
LARGEUR = 5
"""A withheld figure may be any of at least ``LARGEUR + 1`` values, for who knows all that is shown."""
SANS_BORNE = 1 << 30
_TOURS = 8
Vecteur = tuple[int, ...]
Bornes = tuple[Vecteur, Vecteur]


@dataclass(frozen=True, eq=False, slots=True)
class Schema:
    """Measures by position, and what everybody knows ties them. ``couples``: (figure, base) of a rate shown.

    ``inclus``: (part, whole). ``disjoints``: parts that share nobody, and their whole; ``partages``: and that make
    it up. ``jumelles``: measures so near that one tells the other, withheld together.
    """

    codes: tuple[str, ...]
    couples: tuple[tuple[int, int], ...]
    inclus: tuple[tuple[int, int], ...] = ()
    disjoints: tuple[tuple[tuple[int, ...], int], ...] = ()
    partages: tuple[tuple[tuple[int, ...], int], ...] = ()
    jumelles: tuple[tuple[int, int], ...] = ()

    @property
    def bases(self) -> frozenset[int]:
        return frozenset(base for _, base in self.couples)


class Case(NamedTuple):
    """``caches``: bit i is set when measure i is withheld. ``bas``, ``haut``: what readers know of each measure."""

    caches: int
    bas: Vecteur
    haut: Vecteur

    def cache(self, mesure: int) -> bool:
        return bool(self.caches >> mesure & 1)


def schema(
    codes: Sequence[str],
    couples: Iterable[tuple[str, str]],
    inclus: Iterable[tuple[str, str]],
    *,
    disjoints: Iterable[tuple[Sequence[str], str]] = (),
    partages: Iterable[tuple[Sequence[str], str]] = (),
    jumelles: Iterable[tuple[str, str]] = (),
) -> Schema:
    """The same by code."""
    rang = {code: i for i, code in enumerate(codes)}
    paires = [(rang[a], rang[b]) for a, b in couples]
    return Schema(
        tuple(codes),
        tuple(dict.fromkeys(paires)),
        tuple((rang[a], rang[b]) for a, b in inclus),
        tuple((tuple(rang[a] for a in parts), rang[tout]) for parts, tout in disjoints),
        tuple((tuple(rang[a] for a in parts), rang[tout]) for parts, tout in partages),
        tuple((rang[a], rang[b]) for a, b in jumelles),
    )


def positions(bits: int) -> Iterator[int]:
    """The measures of a set of bits."""
    while bits:
        bit = bits & -bits
        yield bit.bit_length() - 1
        bits ^= bit


@lru_cache(maxsize=65_536)
def case_masquee(valeurs: Vecteur, regles: Schema, deja: int = 0) -> Case:
    """What is withheld of a case, ``deja`` withheld for another reason included."""
    caches = _jumeles(deja | _d_office(valeurs, regles), regles)
    for elargir in ELARGISSEMENTS:
        bas, haut = bornes(valeurs, caches, regles)
        etroites = [i for i in positions(caches) if haut[i] - bas[i] < LARGEUR]
        if not etroites:
            return Case(caches, bas, haut)
        caches = _jumeles(caches | elargir(etroites, regles), regles)
    return Case(caches, *bornes(valeurs, caches, regles))


def _d_office(valeurs: Vecteur, regles: Schema) -> int:
    caches = 0
    for partie, base in regles.couples:
        if valeurs[base] < EFFECTIF_MINIMAL:
            caches |= 1 << partie | 1 << base
        elif valeurs[partie] in {0, valeurs[base]}:
            caches |= 1 << partie
    return caches


def _jumeles(caches: int, regles: Schema) -> int:
    for une, autre in regles.jumelles:
        if caches & (1 << une | 1 << autre):
            caches |= 1 << une | 1 << autre
    return caches


def _voisines(etroites: Sequence[int], regles: Schema) -> int:
    """The parts that share a tie with one of them."""
    proches = 0
    for i in etroites:
        for petit, grand in regles.inclus:
            if i in {petit, grand}:
                proches |= 1 << petit | 1 << grand
        for parts, _ in (*regles.disjoints, *regles.partages):
            if i in parts:
                proches |= sum(1 << part for part in parts)
    return proches & ~_bits(regles.bases)


def _toutes_les_parts(etroites: Sequence[int], regles: Schema) -> int:
    del etroites
    return _tous(regles) & ~_bits(regles.bases)


def _tout(etroites: Sequence[int], regles: Schema) -> int:
    del etroites
    return _tous(regles)


def _tous(regles: Schema) -> int:
    return (1 << len(regles.codes)) - 1


def _bits(mesures: Iterable[int]) -> int:
    return sum(1 << i for i in mesures)


ELARGISSEMENTS = (_voisines, _toutes_les_parts, _tout)
"""What to withhold beside figures that the others pin down, each time more."""


def bornes(valeurs: Vecteur, caches: int, regles: Schema) -> Bornes:
    """What the shown measures and their ties tell of each measure, by propagation until nothing moves."""
    bas = [0 if caches >> i & 1 else n for i, n in enumerate(valeurs)]
    haut = [SANS_BORNE if caches >> i & 1 else n for i, n in enumerate(valeurs)]
    for _ in range(_TOURS):
        avant = (tuple(bas), tuple(haut))
        _inclusions(bas, haut, regles)
        _exclusions(bas, haut, regles)
        if avant == (tuple(bas), tuple(haut)):
            return avant
    return tuple(bas), tuple(haut)


def _inclusions(bas: list[int], haut: list[int], regles: Schema) -> None:
    for petit, grand in regles.inclus:
        haut[petit] = min(haut[petit], haut[grand])
        bas[grand] = max(bas[grand], bas[petit])


def _exclusions(bas: list[int], haut: list[int], regles: Schema) -> None:
    for parts, tout in (*regles.disjoints, *regles.partages):
        somme = sum(bas[part] for part in parts)
        bas[tout] = max(bas[tout], somme)
        for part in parts:
            haut[part] = min(haut[part], haut[tout] - somme + bas[part])
    for parts, tout in regles.partages:
        somme = sum(haut[part] for part in parts)
        haut[tout] = min(haut[tout], somme)
        for part in parts:
            bas[part] = max(bas[part], bas[tout] - somme + haut[part])
