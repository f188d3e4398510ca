"""Formations of the nation ready to be drawn: by famille or vœu multiple, in one académie or anywhere."""

from bisect import bisect
from collections import defaultdict
from functools import lru_cache
from itertools import accumulate
from random import Random

from services.simulateur.nation.tables import formations
from shared.nomenclatures.familles import Famille

A_VOEU_MULTIPLE = (
    Famille.BTS,
    Famille.BUT,
    Famille.CPGE,
    Famille.PASS,
    Famille.INGENIEUR,
    Famille.COMMERCE,
    Famille.IFSI,
    Famille.EFTS,
)
COMPTEES_DANS_LES_VINGT = frozenset({Famille.BTS, Famille.BUT, Famille.CPGE})
SANS_SELECTION = frozenset({Famille.LICENCE, Famille.LAS, Famille.PASS})
L1_PASS = SANS_SELECTION
AVEC_INTERNAT = frozenset({Famille.CPGE, Famille.BTS})

Table = tuple[list[int], list[int], int]


class Catalogue:
    """Formations are numbered as in ``tables.formations``. Demand is the number of candidates of 2025."""

    def __init__(self) -> None:
        toutes = formations()
        self.groupes = [formation.groupe for formation in toutes]
        self.familles = [formation.famille for formation in toutes]
        self.academies = [formation.academie for formation in toutes]
        self.selectives = [formation.selective for formation in toutes]
        self.acces = [formation.taux_acces or 0.5 for formation in toutes]
        self.fragments = [f'"formation_id":"{formation.formation_id}"'.encode() for formation in toutes]
        self._tables = self._dresser()

    def _dresser(self) -> dict[tuple[str, str | None], Table]:
        membres: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        toutes = formations()
        for rang, formation in enumerate(toutes):
            for cle in (formation.famille.value, formation.groupe):
                if cle:
                    membres[cle, formation.academie].append(rang)
                    membres[cle, None].append(rang)
        return {
            cle: (
                rangs,
                cumuls := list(accumulate(max(1, toutes[rang].candidats) for rang in rangs)),
                cumuls[-1],
            )
            for cle, rangs in membres.items()
        }

    def tirer(self, cle: str, academie: str, proximite: float, alea: Random) -> int:
        """``proximite``: chance of the pupil's own académie, where it offers ``cle`` at all."""
        table = self._tables.get((cle, academie)) if alea.random() < proximite else None
        rangs, cumuls, total = table or self._tables[cle, None]
        return rangs[bisect(cumuls, alea.random() * total)]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    return Catalogue()
