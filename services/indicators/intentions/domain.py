"""What a pupil who said his intentions counts for, famille by famille.

Only those who said some count: for the others nobody can tell an intention from a silence. A pupil counts in a
famille whatever the number of his vœux there; in ``ENSEMBLE`` all familles are taken together.
"""

import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from services.indicators import traits as t
from services.indicators.situation import Situation
from services.indicators.traits import Stade
from shared.nomenclatures.familles import Famille

ENSEMBLE = "ENSEMBLE"
MESURES = ("intention", "voeu", "proposition", "acceptation", "voeu_seul", "acceptation_seule")
"""Pupils who intended the famille; of whom with a vœu, a proposition, an accepted one in it; and those with a vœu,
or an accepted proposition, in a famille that they did not intend."""
_VOIE = 32
_DEMI = 1 << _VOIE - 1
_BIAIS = sum(_DEMI << _VOIE * rang for rang in range(len(MESURES)))
_FORMAT = struct.Struct(f"<{len(MESURES)}I")
Intentions = tuple[tuple[str, str], ...]
"""(période, familles joined by commas), in order."""


class CleIntention(NamedTuple):
    session: int
    uai: str
    serie: str
    academie: str
    periode: int
    famille: str


Parcours = dict[tuple[int, CleIntention], int]
"""What changes, by (rank of the day, key): lanes of :func:`valeurs`."""


Mouvement = tuple[int, Situation, Situation, int]
"""Rank of the day, a pupil before, after, and 1; −1 takes it back."""


def sommer(mouvements: Iterable[Mouvement]) -> Parcours:
    """What the movements of pupils change together; what ends level is left out."""
    parcours: Parcours = {}
    for jour, avant, apres, signe in mouvements:
        for situation, sens in ((apres, signe), (avant, -signe)):
            for cle, vecteur in _comptes(situation):
                parcours[jour, cle] = parcours.get((jour, cle), 0) + sens * vecteur
    return {cle: vecteur for cle, vecteur in parcours.items() if vecteur}


def _comptes(situation: Situation) -> Iterable[tuple[CleIntention, int]]:
    """None for who has no intention, is not known yet, or left."""
    lieu = situation.place if situation.intentions else None
    if lieu is None or not lieu.present:
        return
    for periode, famille, vecteur in contribution(situation.traits, situation.intentions):
        yield CleIntention(situation.session, lieu.uai, lieu.serie, lieu.academie, periode, famille), vecteur


@lru_cache(maxsize=200_000)
def contribution(traits: int, intentions: Intentions) -> tuple[tuple[int, str, int], ...]:
    """(période, famille, lanes) of everything that a pupil counts for."""
    lues: list[tuple[int, str, int]] = []
    for periode, dites in intentions:
        voulues = frozenset(map(Famille, dites.split(","))) if dites else frozenset()
        if voulues:
            lues += [(int(periode), *une) for une in _d_une_fiche(traits, voulues)]
    return tuple(lues)


def _d_une_fiche(traits: int, voulues: frozenset[Famille]) -> Iterable[tuple[str, int]]:
    atteintes = voeux, _, acceptations = _atteintes(traits)
    seules = voeux - voulues, acceptations - voulues
    yield ENSEMBLE, _voies(voulues, *(une & voulues for une in atteintes), *seules)
    for famille in sorted({*voulues, *voeux, *acceptations}):
        seule = frozenset({famille})
        suite = atteintes if famille in voulues else ((), (), ())
        yield (
            famille.value,
            _voies(
                seule & voulues, *(seule.intersection(une) for une in suite), *(seule & une for une in seules)
            ),
        )


def _atteintes(traits: int) -> tuple[frozenset[Famille], frozenset[Famille], frozenset[Famille]]:
    """Familles of his vœux, propositions and acceptation, as the indicators take them: of who is inscrit."""
    if not traits & t.INSCRIT:
        return frozenset(), frozenset(), frozenset()
    accepte = frozenset() if traits & t.DEMISSION else t.familles(traits, Stade.ACCEPTE)
    return t.familles(traits, Stade.DEMANDE), t.familles(traits, Stade.PROPOSE), accepte


def _voies(*familles: frozenset[Famille]) -> int:
    """One for each measure whose familles are not none."""
    return sum(1 << _VOIE * rang for rang, une in enumerate(familles) if une)


def valeurs(vecteur: int) -> tuple[int, ...]:
    """The lanes, in the order of ``MESURES``."""
    octets = (vecteur + _BIAIS).to_bytes(_FORMAT.size, "little")
    return tuple(voie - _DEMI for voie in _FORMAT.unpack(octets))
