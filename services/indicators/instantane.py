"""All the cells of a session at one moment, with what is withheld of them: what readers outside a lycée are shown.

Everybody reads the same one, so that two pages side by side never give back a figure. A background task keeps that
of now; a past day is read once and kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from services.indicators import comparaison, lecture
from services.indicators.comparaison import Mesureur, Quartiles, profil, taux
from services.indicators.definitions import INDICATEURS
from services.indicators.lecture import Cellule, Position, Vecteur
from services.indicators.masquage_sommes import Publication, Total
from services.indicators.mesures import MESURES, RANGS
from services.indicators.parution.masques import Masques
from shared.db.engine import reading
from shared.nomenclatures.ips import ips

NATION = "nation"
_N = len(MESURES)
_TOUT = (1 << _N) - 1
RIEN = Total((0,) * _N, _TOUT)
"""A place where the série is not taught: nothing is shown of it."""
_PAUSE_S = 5.0
_REPOS = 10
"""A reading lasts at most one part in eleven of the time."""
_GARDES = 40


class Figure(NamedTuple):
    """A numerator and its base; None where withheld."""

    n: int | None
    base: int | None

    @property
    def taux(self) -> float | None:
        return taux(self.n, self.base)


def figure(vu: Total, numerateur: str, base: str) -> Figure:
    """Of a place or a lycée: None where a measure is withheld."""
    a, b = RANGS[numerateur], RANGS[base]
    return Figure(
        None if vu.caches >> a & 1 else vu.valeurs[a],
        None if vu.caches >> b & 1 else vu.valeurs[b],
    )


def figure_d_ensemble(vus: Iterable[Total], numerateur: str, base: str) -> Figure:
    """Over the séries that are shown, both parts of the rate: nothing is told of the others."""
    montrees = [f for vu in vus if None not in (f := figure(vu, numerateur, base))]
    if not montrees:
        return Figure(None, None)
    return Figure(sum(f.n or 0 for f in montrees), sum(f.base or 0 for f in montrees))


class Instantane:
    """``series``: cells by série, then by UAI; ``publications``: what is withheld of them, and the totals.

    ``faits``: what was made of it for pages, by what it is.
    """

    def __init__(
        self, session: int, position: Position, cellules: list[Cellule], publications: dict[str, Publication]
    ) -> None:
        self.session = session
        self.position = position
        self.publications = publications
        self.series: dict[str, dict[str, Vecteur]] = {}
        self.academies: dict[str, list[str]] = {}
        vus: set[str] = set()
        for une in cellules:
            self.series.setdefault(une.serie, {})[une.uai] = une.valeurs
            if une.uai not in vus:
                vus.add(une.uai)
                self.academies.setdefault(une.academie, []).append(une.uai)
        self.faits: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        self._quartiles: dict[tuple[str, str], dict[str, Quartiles | None]] = {}
        self._voisins: dict[str, tuple[str, ...]] = {}

    def lycee(self, uai: str, serie: str) -> Total:
        """As readers outside see it."""
        publication = self.publications.get(serie)
        if publication is None or uai not in publication.lycees:
            return RIEN
        return Total(self.series[serie][uai], publication.lycees[uai])

    def lieu(self, lieu: str, serie: str) -> Total:
        """Totals of a place for one série."""
        publication = self.publications.get(serie)
        return publication.totaux.get(lieu, RIEN) if publication else RIEN

    def ensemble(self, lieu: str) -> list[Total]:
        """Totals of a place, série by série."""
        return [self.lieu(lieu, serie) for serie in self.series]

    def quartiles(self, academie: str | None, serie: str) -> dict[str, Quartiles | None]:
        """By indicator, over the lycées of an académie, or of the nation; those withheld do not count."""
        cle = (academie or NATION, serie)
        if cle not in self._quartiles:
            uais = list(self.series.get(serie, {})) if academie is None else self.academies.get(academie, [])
            vus = [vu for vu in (self.lycee(uai, serie) for uai in uais) if vu is not RIEN]
            self._quartiles[cle] = {
                un.code: comparaison.quartiles(
                    [t for vu in vus if (t := figure(vu, un.numerateur, un.base.value).taux) is not None]
                )
                for un in INDICATEURS
            }
        return self._quartiles[cle]

    def voisins(self, uai: str) -> tuple[str, ...]:
        """The lycées that look most like it."""
        if uai not in self._voisins:
            self._voisins[uai] = self._mesureur.voisins(uai)
        return self._voisins[uai]

    @cached_property
    def _mesureur(self) -> Mesureur:
        viviers: dict[str, dict[str, int]] = {}
        for serie, lycees in self.series.items():
            for uai, valeurs in lycees.items():
                viviers.setdefault(uai, {})[serie] = valeurs[RANGS["vivier"]]
        return Mesureur({uai: profil(ips(uai), v) for uai, v in viviers.items()})

    def heriter(self, precedent: "Instantane") -> None:
        """Neighbours move little: they are those of the reading before, in the same process."""
        self._voisins = precedent._voisins  # noqa: SLF001 - one of its own kind


class Instantanes:
    """Readings kept by (session, day); that of now is refreshed by :meth:`rafraichir_tout`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._masques: dict[int, Masques] = {}
        self._gardes: OrderedDict[tuple[int, date | None], Instantane] = OrderedDict()
        self._verrou = asyncio.Lock()
        self._demandees: set[int] = set()
        self._en_cours: dict[tuple[int, date | None], asyncio.Future[Instantane]] = {}

    async def lire(self, session: int, jour: date | None = None) -> Instantane:
        """The last reading of now, at most some seconds old; that of a past day."""
        if jour is None:
            self._demandees.add(session)
        garde = self._gardes.get((session, jour))
        return garde if garde is not None else await self._relire(session, jour)

    async def attendre(self, session: int, jour: date | None, patience_s: float) -> Instantane | None:
        """The same, or None when it is not there yet: it goes on being made, for the next one who asks."""
        cle = (session, jour)
        garde = self._gardes.get(cle)
        if garde is not None:
            return garde
        en_cours = self._en_cours.get(cle)
        if en_cours is None:
            en_cours = self._en_cours[cle] = asyncio.ensure_future(self.lire(session, jour))
            en_cours.add_done_callback(lambda _: self._en_cours.pop(cle, None))
        try:
            return await asyncio.wait_for(asyncio.shield(en_cours), patience_s)
        except TimeoutError:
            return None

    def demander(self, session: int) -> None:
        """Have that of now kept before anybody asks."""
        self._demandees.add(session)

    async def rafraichir(self, session: int) -> bool:
        """Read again if facts were counted since; whether it was."""
        garde = self._gardes.get((session, None))
        async with reading(self._engine) as connection:
            position = await lecture.position(connection, session)
        if garde is not None and garde.position == position:
            return False
        await self._relire(session, None, encore=True)
        return True

    async def rafraichir_tout(self) -> float:
        """Read again that of now for the sessions that somebody asked for; seconds to wait before the next time."""
        debut = monotonic()
        for session in sorted(self._demandees):
            await self.rafraichir(session)
        return max(_PAUSE_S, _REPOS * (monotonic() - debut))

    async def _relire(self, session: int, jour: date | None, *, encore: bool = False) -> Instantane:
        async with self._verrou:
            garde = self._gardes.get((session, jour))
            if garde is not None and not encore:
                return garde
            async with reading(self._engine) as connection:
                position = await lecture.position(connection, session)
                cellules = await lecture.toutes(connection, session, jour)
            lu = await asyncio.to_thread(self._publier, session, position, cellules)
            if garde is not None:
                lu.heriter(garde)
            self._gardes[session, jour] = lu
            while len(self._gardes) > _GARDES:
                self._gardes.popitem(last=False)
            return lu

    def _publier(self, session: int, position: Position, cellules: list[Cellule]) -> Instantane:
        masques = self._masques.setdefault(session, Masques())
        cases = {(une.uai, une.serie): (une.academie, une.valeurs) for une in cellules}
        return Instantane(session, position, cellules, masques.publications(cases))
