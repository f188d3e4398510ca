"""The consumer with exactly-once effects, on a FastStream batch subscriber.

Offsets live in PostgreSQL beside the effects; the group only shares partitions out. Batches gather
in a window; one window is flushed at a time while the next one is decoded. See facts_and_effects §3.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faststream.kafka import KafkaBroker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import generations, offsets
from shared.db.engine import enter_current
from shared.db.offsets import FencedError, Place
from shared.kafka import ranges
from shared.kafka.clients import partition_counts
from shared.kafka.flush import AbandonedError, Flusher, Ownership, PackedError, TooManyRejectsError
from shared.kafka.focus import Focus
from shared.kafka.gathering import Gathering
from shared.kafka.projection import Projection, abonnements, legers
from shared.kafka.records import Codec
from shared.kafka.rejects import RatioGuard
from shared.kafka.subscription import fetched_to, subscribe, waiting
from shared.kafka.tranches import Tranche
from shared.kafka.window import Window
from shared.observe import metrics
from shared.observe.health import Health
from shared.settings import Settings

_log = structlog.get_logger()
_READOPT_PAUSE_S = 1.0
_SILENCE_S = 60.0
_PACKED = 4
"""Batches that wait before windows are packed: below, records are few enough to be kept as they are."""
_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :ms, true)")
"""No heartbeat leaves while a member adopts: better to try again than to be put out of the group."""


class Consumer:
    """One subscriber for topics of a session, feeding one projection.

    ``nom``: of the subscriber among those of the service (:func:`shared.kafka.projection.abonnements`).
    """

    def __init__(
        self,
        settings: Settings,
        broker: KafkaBroker,
        engine: AsyncEngine,
        projection: Projection,
        health: Health,
        *,
        nom: str = "",
    ) -> None:
        self.nom = f"{settings.service}.{nom}" if nom else settings.service
        self._settings = settings
        self._engine = engine
        self._health = health
        self.topics = {
            topic.complet(settings.topic_prefix, settings.session): topic
            for topic in abonnements(projection.topics)[nom]
        }
        self._codec = Codec(self.topics, legers(projection))
        self.flusher = Flusher(
            engine,
            projection,
            self._codec,
            service=settings.service,
            health=health,
            guard=RatioGuard(settings.reject_ratio_max, settings.reject_ratio_min_records),
            retry_budget_s=settings.retry_budget_s,
        )
        self.gathering = Gathering(settings, self._codec)
        self._apart: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._by_pupil = all(topic.par_eleve for topic in self.topics.values())
        self._task: asyncio.Task[None] | None = None
        self._adopting = asyncio.Lock()
        self._last_batch = time.monotonic()
        self.halted: str | None = None
        self._received = 0
        group = f"{settings.group_id}.{nom}" if nom else settings.group_id
        self._subscriber = subscribe(broker, settings, self._codec, self, self._receive, group_id=group)
        self._focus = self._unfocused()

    @property
    def kafka(self) -> Any:
        """The aiokafka consumer of the subscriber, once started."""
        return self._subscriber.consumer

    def start(self) -> None:
        """Start the flushing task; the broker's own start subscribes."""
        self._task = asyncio.create_task(self._flush_for_ever(), name="flusher")

    async def stop(self) -> None:
        """Flush what is gathered within the budget, then leave; the rest will be read again."""
        if not await self.gathering.drained(self._settings.stop_budget_s / 2):
            _log.warning("window abandoned at stop; it will be read again")
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.halted = "stopping"
        self._forget()  # a handler that waits for room lets the subscriber leave its group

    async def missing_topics(self) -> list[str]:
        """Topics of ours that the broker does not have."""
        known = await partition_counts(self._settings, list(self.topics))
        return [topic for topic in self.topics if topic not in known]

    async def revoked(self) -> None:
        """Partitions are leaving: settle the window within the budget or forget it."""
        if not await self.gathering.drained(self._settings.revocation_budget_s):
            _log.warning("window abandoned at revocation; its next owner reads it again")
        self._forget()

    async def adopt(self, assigned: Collection[TopicPartition]) -> bool:
        """Take partitions: bump their epoch, seek to the stored offsets. False when it must be retried."""
        async with self._adopting:
            self._forget()
            if not self.hold(assigned) or self.halted:
                return True  # revoked meanwhile: the next assignment adopts; or stopped on purpose
            places = [Place(tp.topic, tp.partition) for tp in assigned]
            try:
                async with self._engine.begin() as tx:
                    await tx.execute(_LOCK_TIMEOUT, {"ms": str(self._settings.session_timeout_ms // 3)})
                    generation = await enter_current(tx)
                    held = await offsets.adopt(tx, generation, places) if places else {}
                stored = {place: holding.next_offset for place, holding in held.items()}
                sentence = ranges.unequal(self.kafka, list(self.topics)) or await ranges.out_of_range(
                    self.kafka, stored
                )
                behind = await ranges.behind(self.kafka, stored)
            except Exception as erreur:  # noqa: BLE001 - whatever it is, without offsets nothing is read
                self._health.red("assignment", "cannot read the stored offsets; retrying")
                _log.warning("adoption failed", error=type(erreur).__name__)
                return False
            if sentence:
                self._halt("offsets", sentence)
                return True
            return self._take(generation, held, behind)

    def hold(self, assigned: Collection[TopicPartition]) -> bool:
        """Fetch nothing before the stored offsets are known; False when the partitions are no longer ours.

        Without a position of its own, the client would look for one in the group's commits and fail.
        """
        try:
            for tp in assigned:
                self.kafka.seek(tp, 0)
                self.kafka.pause(tp)
        except IllegalStateError:
            return False
        return True

    def _take(self, generation: int, held: dict[Place, offsets.Holding], behind: Mapping[Place, int]) -> bool:
        try:
            for place, holding in held.items():
                self.kafka.seek(TopicPartition(place.topic, place.part), holding.next_offset)
        except IllegalStateError:
            return True  # revoked meanwhile: the next assignment adopts
        self.flusher.ownership = Ownership(generation, dict(held))
        self.gathering.expected = {place: holding.next_offset for place, holding in held.items()}
        self._ends = {place: self.gathering.expected[place] + count for place, count in behind.items()}
        self._focus = self._unfocused()
        self._focus.narrow(self.gathering.expected, behind)
        self._health.green("assignment")
        return True

    def _unfocused(self) -> Focus:
        settings = self._settings
        return Focus(self.kafka, window=settings.window_records, batch=settings.batch_records)

    async def readopt_if_lost(self) -> None:
        """Called regularly: take again what the group says is ours and no longer holds."""
        if self.halted or self.kafka is None or self._adopting.locked():
            return
        assigned = self.kafka.assignment()
        if assigned and not self.gathering.expected:
            await self.adopt(assigned)

    async def check_range(self) -> None:
        """The client fails in silence when the log no longer has its offset: look, and say so.

        Every stored offset, whoever holds it: a topic made anew may be nobody's for a while.
        """
        async with self._engine.connect() as connection:
            stored = await offsets.vector(connection, await generations.current(connection))
        sentence = await ranges.out_of_range(
            self.kafka, {p: o for p, o in stored.items() if p.topic in self.topics}
        )
        if sentence and not self.halted:
            self._halt("offsets", sentence)

    def notice_silence(self, *, waiting: bool) -> None:
        """Red when records wait and none has come for long: FastStream retries in silence for ever."""
        now = time.monotonic()
        if not waiting or self.halted or not self.gathering.idle:
            self._last_batch = now
        silent = now - self._last_batch
        if silent > _SILENCE_S:
            self._health.red("silence", f"records wait and none has been read for {silent:.0f} s: restart it")
        else:
            self._health.green("silence")

    def positions(self) -> dict[Place, int]:
        """Offsets durably folded, by partition held."""
        return {place: holding.next_offset for place, holding in self.flusher.ownership.held.items()}

    async def _receive(self, fetched: tuple[Tranche, ...]) -> None:
        """FastStream's handler: gather, and wait when the window is full. Never raises."""
        self._last_batch = time.monotonic()
        if self.halted:
            return
        self._notice_lost_batches()
        gathering = self.gathering
        serial = gathering.serial
        far = self._far()
        if gathering.differs(far=far):
            await gathering.room()
        reached = await fetched_to(self.kafka, fetched)
        if serial == gathering.serial:
            gathering.accept(fetched, reached, far=far)
        if not gathering:
            return
        behind = self._waiting()
        self._focus.narrow(gathering.expected, behind)
        if gathering.full:
            await gathering.room()
        elif sum(behind.values()) > self._settings.batch_records:
            gathering.age(far=self._focus.part is not None)
        else:
            gathering.ripen()

    @property
    def far_behind(self) -> bool:
        """So much waits that one partition number is read at a time: figures of all are not of one moment."""
        return self._focus.part is not None

    def _far(self) -> bool:
        """So much waits that windows are packed; but not where a record is at fault, which must be found."""
        expected = self.gathering.expected
        if self._apart and expected:
            self._apart = {p: end for p, end in self._apart.items() if expected.get(p, end) < end}
        if self._apart or not self._by_pupil:
            return False
        if self._focus.part is not None:
            return True
        most = self._settings.batch_records * (1 if self.gathering.packed else _PACKED)
        return sum(self._waiting().values()) > most

    def _waiting(self) -> dict[Place, int]:
        return waiting(self.kafka, self.gathering.expected, self._ends)

    def _notice_lost_batches(self) -> None:
        """FastStream swallows what goes wrong before the handler: then read again from what is stored."""
        self._received += 1
        if self._received != self._codec.batches:
            _log.error("a batch was fetched and never handed over; reading again")
            self._received = self._codec.batches
            self._forget()

    def _forget(self) -> None:
        """Drop everything not durable: the stored offsets are the only truth."""
        self.gathering.forget()
        self.flusher.ownership = Ownership()

    def _halt(self, component: str, sentence: str) -> None:
        self.halted = sentence
        self._health.red(component, sentence)
        _log.error("consumer stopped on purpose", reason=sentence)
        self._forget()
        if self.kafka is not None:
            self.kafka.pause(*self.kafka.assignment())

    async def _flush_for_ever(self) -> None:
        while True:
            window = await self.gathering.take()
            try:
                await self._settle(window)
            finally:
                self.gathering.settled()

    async def _settle(self, window: Window) -> None:
        ownership = self.flusher.ownership
        try:
            await self.flusher.settle(window)
        except TooManyRejectsError:
            self._halt(
                "rejects",
                f"more than {self._settings.reject_ratio_max:.0%} of the last records are refused:"
                " mend the producer or the service, then restart it",
            )
        except PackedError:
            self._apart = dict(window.nexts)
            _log.warning("a record is at fault among many; reading again to find it")
            await self._lose(ownership)
        except (FencedError, AbandonedError) as erreur:
            metrics.FLUSHES.labels(self._settings.service, "fenced").inc()
            _log.warning("window forgotten", reason=type(erreur).__name__)
            await self._lose(ownership)
        except Exception:  # noqa: BLE001 - the flusher outlives what it flushes; logged with its trace
            _log.exception("window forgotten after an unexpected error")
            self._health.red("flush", "an unexpected error stops the flush; see the log")
            await self._lose(ownership)
        else:
            self._health.green("flush")

    async def _lose(self, ownership: Ownership) -> None:
        """Give up what the failed window was part of, unless partitions were adopted since."""
        if self.flusher.ownership is ownership:
            self._forget()
            await asyncio.sleep(_READOPT_PAUSE_S)
