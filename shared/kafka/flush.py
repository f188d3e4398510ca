"""One window, one transaction: fence, effects, outbox, offsets. And what to do when it fails."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import offsets, outbox
from shared.db.engine import enter_current
from shared.db.offsets import FencedError, Holding, Place
from shared.kafka.lots import Lot
from shared.kafka.projection import Effets, Fenetre, FenetreParEleve, Projection, fenetre, par_eleve
from shared.kafka.records import Codec, Lu, motif
from shared.kafka.rejects import RatioGuard, rejet
from shared.kafka.window import Window
from shared.observe import metrics
from shared.observe.health import Health

_log = structlog.get_logger()
_DATA_CLASSES = ("21", "22", "23")
_INFRASTRUCTURE = (OSError, TimeoutError, InterfaceError, PoolTimeoutError)
_BACKOFF_MAX_S = 5.0


class TooManyRejectsError(Exception):
    """The consumer stops on purpose: an operator must look before the topic drains into rejects."""


class AbandonedError(Exception):
    """The retry budget is spent: drop the window, seek back, go on."""


class PackedError(Exception):
    """A record of a packed window is at fault: read it again in small windows, which can be cut."""


@dataclass
class Ownership:
    """What one adoption gave: the generation to write and, per partition, offset and epoch.

    A new adoption is a new object, so that a flush still in flight cannot touch it.
    """

    generation: int = 0
    held: dict[Place, Holding] = field(default_factory=dict)

    def moved(self, nexts: Mapping[Place, int]) -> None:
        for place, offset in nexts.items():
            self.held[place] = Holding(offset, self.held[place].epoch)


def is_data_error(erreur: BaseException) -> bool:
    """True when the record is at fault; False when waiting may help (PostgreSQL, network, locks)."""
    if isinstance(erreur, DBAPIError | PostgresError):
        return str(getattr(_root(erreur), "sqlstate", "") or "")[:2] in _DATA_CLASSES
    return not isinstance(erreur, _INFRASTRUCTURE)


class Flusher:
    """Flushes windows until they are settled: applied, isolated in rejects, fenced or abandoned."""

    def __init__(
        self,
        engine: AsyncEngine,
        projection: Projection,
        codec: Codec,
        *,
        service: str,
        health: Health,
        guard: RatioGuard,
        retry_budget_s: float,
    ) -> None:
        self.ownership = Ownership()
        self.last_recordedtime = ""
        self._engine = engine
        self._projection = projection
        self._codec = codec
        self._service = service
        self._health = health
        self._guard = guard
        self._retry_budget_s = retry_budget_s

    async def settle(self, window: Window) -> None:
        """Flush ``window``, retrying infrastructure errors with bounded, jittered back-off.

        Raises:
            FencedError: another owner, generation or position; nothing was applied.
            AbandonedError: the infrastructure did not come back within the budget.
            TooManyRejectsError: the consumer must stop.
            PackedError: a record is at fault in a window that cannot be cut.
        """
        ownership = self.ownership
        deadline = time.monotonic() + self._retry_budget_s
        delay = 0.1
        while self.ownership is ownership:
            try:
                await self._flush(window, ownership, refus=[])
            except (FencedError, TooManyRejectsError):
                raise
            except Exception as erreur:
                if is_data_error(erreur):
                    await self._isolate(window, ownership, erreur)
                    return
                self._health.red("database", "PostgreSQL does not take the effects; retrying")
                _log.warning("flush failed, will retry", error=type(erreur).__name__, delay=round(delay, 2))
                metrics.FLUSHES.labels(self._service, "retried").inc()
                if time.monotonic() + delay > deadline:
                    raise AbandonedError from erreur
                await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                delay = min(delay * 2, _BACKOFF_MAX_S)
            else:
                self._health.green("database")
                return
        raise FencedError("the partitions were given up while the flush was waiting")

    async def _isolate(self, window: Window, ownership: Ownership, erreur: BaseException) -> None:
        """Cut the window until the record at fault stands alone, then refuse that one."""
        if window.packed:
            raise PackedError from erreur
        if len(window.lus) > 1:
            for half in window.halves():
                if self.ownership is not ownership:
                    raise FencedError("the partitions were given up while isolating a record")
                await self.settle(half)
            return
        if not window.lus:
            raise erreur
        await self._flush(window, ownership, refus=[(window.lus[0], motif(_root(erreur)))])

    async def _flush(self, window: Window, ownership: Ownership, refus: list[tuple[Lu, str]]) -> None:
        start = time.perf_counter()
        flushed = _Flushed({id(lu) for lu, _ in refus}, refus)
        async with self._engine.begin() as tx:
            generation = await enter_current(tx)
            if generation != ownership.generation:
                raise FencedError("another generation is current")
            await offsets.advance(tx, generation, ownership.held, window.nexts)
            opened = fenetre(self._projection, tx)
            by_pupil = par_eleve(opened)
            if window.packed and by_pupil:
                for lot in window.packed.lots():
                    await self._fold(tx, by_pupil, self._codec.grouper(lot, by_pupil.moments), flushed)
            else:
                for lus in window.lots(self._codec):
                    await self._apply(tx, opened, lus, flushed)
            await outbox.append(tx, (await opened.clore()).sorties)
            if not self._guard.accepts(flushed.records, len(flushed.refus)):
                raise TooManyRejectsError
        ownership.moved(window.nexts)
        self._count(flushed, time.perf_counter() - start)

    async def _apply(self, tx: AsyncConnection, opened: Fenetre, lus: list[Lu], flushed: "_Flushed") -> None:
        """The effects of some records, and what is said of them."""
        refus = [*flushed.given, *((lu, lu.erreur) for lu in lus if lu.erreur is not None)]
        flushed.given = []
        valides = [lu for lu in lus if lu.erreur is None and id(lu) not in flushed.apart]
        effets = await opened.appliquer(valides) if valides else Effets()
        refus += effets.refus
        rejets = [rejet(lu, raison, service=self._service) for lu, raison in refus]
        await outbox.append(tx, [*effets.sorties, *rejets])
        flushed.refus += refus
        flushed.count(lus)

    async def _fold(
        self, tx: AsyncConnection, opened: FenetreParEleve, lot: Lot, flushed: "_Flushed"
    ) -> None:
        """The same, the short way."""
        await opened.plier(lot)
        refus = [(lu, lu.erreur) for lu in lot.refus]
        await outbox.append(tx, [rejet(lu, raison, service=self._service) for lu, raison in refus])
        flushed.refus += refus
        for (topic, _), number in lot.comptes.items():
            flushed.by_object[self._codec.topic(topic).objet] += number
        flushed.by_object.update([lu.topic.objet for lu in lot.refus])
        flushed.last = max([flushed.last, *lot.derniers.values()])

    def _count(self, flushed: "_Flushed", seconds: float) -> None:
        metrics.FLUSHES.labels(self._service, "applied").inc()
        metrics.FLUSH_SECONDS.labels(self._service).observe(seconds)
        metrics.WINDOW_RECORDS.labels(self._service).observe(flushed.records)
        for lu, raison in flushed.refus:
            metrics.REJECTS.labels(self._service, lu.topic.objet).inc()
            _log.warning(
                "record refused",
                topic=lu.brut.topic,
                part=lu.brut.partition,
                offset=lu.brut.offset,
                reason=raison,
            )
        for objet, nombre in flushed.by_object.items():
            metrics.RECORDS.labels(self._service, objet).inc(nombre)
        self.last_recordedtime = max(self.last_recordedtime, flushed.last)


class _Flushed:
    """What one flush has done so far. ``given``: refused beforehand; ``apart``: their identities."""

    def __init__(self, apart: set[int], given: list[tuple[Lu, str]]) -> None:
        self.apart = apart
        self.given = given
        self.refus: list[tuple[Lu, str]] = []
        self.by_object: Counter[str] = Counter()
        self.last = ""

    @property
    def records(self) -> int:
        return self.by_object.total()

    def count(self, lus: list[Lu]) -> None:
        self.by_object.update([lu.topic.objet for lu in lus])
        if lus:
            self.last = max(self.last, lus[-1].recordedtime)


def _root(erreur: BaseException) -> BaseException:
    """The driver's own error: SQLAlchemy's text would quote the parameters."""
    return getattr(erreur, "orig", None) or erreur
