"""The consumer with exactly-once effects, on a FastStream batch subscriber.

Offsets live in PostgreSQL beside the effects; the group only shares partitions out. Batches gather
in a window; one window is flushed at a time while the next one is decoded. See facts_and_effects §3.
"""

import asyncio
import time
from collections.abc import Collection, Iterable
from typing import Any, cast

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import generations, offsets
from shared.db.engine import enter_current
from shared.db.offsets import FencedError, Place
from shared.kafka.clients import partition_counts
from shared.kafka.flush import AbandonedError, Flusher, Ownership, TooManyRejectsError
from shared.kafka.projection import Projection
from shared.kafka.records import Codec, Lu
from shared.kafka.rejects import RatioGuard
from shared.kafka.window import Window
from shared.observe import metrics
from shared.observe.health import Health
from shared.settings import Settings

_log = structlog.get_logger()
_READOPT_PAUSE_S = 1.0
_SILENCE_S = 60.0
_LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', :ms, true)")
"""No heartbeat leaves while a member adopts: better to try again than to be put out of the group."""
_FETCH_BYTES = 4 << 20


class Consumer:
    """One subscriber for all pupil topics of a session, feeding one projection."""

    def __init__(
        self,
        settings: Settings,
        broker: KafkaBroker,
        engine: AsyncEngine,
        projection: Projection,
        health: Health,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._health = health
        self.topics = {
            topic.complet(settings.topic_prefix, settings.session): topic for topic in projection.topics
        }
        self.flusher = Flusher(
            engine,
            projection,
            service=settings.service,
            health=health,
            guard=RatioGuard(settings.reject_ratio_max, settings.reject_ratio_min_records),
            retry_budget_s=settings.retry_budget_s,
        )
        self._expected: dict[Place, int] = {}
        self._window = Window()
        self._ripe = asyncio.Event()
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._aging: asyncio.TimerHandle | None = None
        self._adopting = asyncio.Lock()
        self._serial = 0
        self._last_batch = time.monotonic()
        self.halted: str | None = None
        self._codec = Codec(self.topics)
        self._received = 0
        self._subscriber = broker.subscriber(
            *self.topics.keys(),
            group_id=settings.group_id,
            group_instance_id=settings.group_instance_id,
            batch=True,
            max_records=settings.batch_records,
            batch_timeout_ms=settings.batch_timeout_ms,
            fetch_max_wait_ms=settings.batch_timeout_ms,
            max_partition_fetch_bytes=_FETCH_BYTES,
            auto_offset_reset="none",
            isolation_level="read_committed",
            partition_assignment_strategy=[RangePartitionAssignor],
            session_timeout_ms=settings.session_timeout_ms,
            ack_policy=AckPolicy.MANUAL,
            listener=_Listener(self),
            parser=self._codec.parse,
            codec=cast("Any", self._codec),
        )
        self._subscriber(self._receive)

    @property
    def kafka(self) -> Any:
        """The aiokafka consumer of the subscriber, once started."""
        return self._subscriber.consumer

    def start(self) -> None:
        """Start the flushing task; the broker's own start subscribes."""
        self._task = asyncio.create_task(self._flush_for_ever(), name="flusher")

    async def stop(self) -> None:
        """Flush what is gathered within the budget, then leave; the rest will be read again."""
        self._ripen()
        try:
            await asyncio.wait_for(self._drained(), self._settings.stop_budget_s / 2)
        except TimeoutError:
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
        self._ripen()
        try:
            await asyncio.wait_for(self._drained(), self._settings.revocation_budget_s)
        except TimeoutError:
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
                sentence = self._unequal() or await self._out_of_range(
                    {p: h.next_offset for p, h in held.items()}
                )
            except Exception as erreur:  # noqa: BLE001 - whatever it is, without offsets nothing is read
                self._health.red("assignment", "cannot read the stored offsets; retrying")
                _log.warning("adoption failed", error=type(erreur).__name__)
                return False
            if sentence:
                self._halt("offsets", sentence)
                return True
            return self._take(generation, held)

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

    def _take(self, generation: int, held: dict[Place, offsets.Holding]) -> bool:
        try:
            for place, holding in held.items():
                self.kafka.seek(TopicPartition(place.topic, place.part), holding.next_offset)
                self.kafka.resume(TopicPartition(place.topic, place.part))
        except IllegalStateError:
            return True  # revoked meanwhile: the next assignment adopts
        self.flusher.ownership = Ownership(generation, dict(held))
        self._expected = {place: holding.next_offset for place, holding in held.items()}
        self._health.green("assignment")
        return True

    async def readopt_if_lost(self) -> None:
        """Called regularly: take again what the group says is ours and no longer holds."""
        if self.halted or self.kafka is None or self._adopting.locked():
            return
        assigned = self.kafka.assignment()
        if assigned and not self._expected:
            await self.adopt(assigned)

    async def check_range(self) -> None:
        """The client fails in silence when the log no longer has its offset: look, and say so.

        Every stored offset, whoever holds it: a topic made anew may be nobody's for a while.
        """
        async with self._engine.connect() as connection:
            stored = await offsets.vector(connection, await generations.current(connection))
        sentence = await self._out_of_range({p: o for p, o in stored.items() if p.topic in self.topics})
        if sentence and not self.halted:
            self._halt("offsets", sentence)

    def notice_silence(self, *, waiting: bool) -> None:
        """Red when records wait and none has come for long: FastStream retries in silence for ever."""
        now = time.monotonic()
        if not waiting or self.halted or not self._idle.is_set():
            self._last_batch = now
        silent = now - self._last_batch
        if silent > _SILENCE_S:
            self._health.red("silence", f"records wait and none has been read for {silent:.0f} s: restart it")
        else:
            self._health.green("silence")

    def positions(self) -> dict[Place, int]:
        """Offsets durably folded, by partition held."""
        return {place: holding.next_offset for place, holding in self.flusher.ownership.held.items()}

    def _unequal(self) -> str | None:
        """Range assignment keeps a pupil together only over equal partition counts."""
        counts = {topic: len(self.kafka.partitions_for_topic(topic) or ()) for topic in self.topics}
        if len({count for count in counts.values() if count}) > 1:
            return f"the pupil topics have unequal partition counts: {counts}"
        return None

    async def _out_of_range(self, stored: dict[Place, int]) -> str | None:
        tps = [TopicPartition(place.topic, place.part) for place in stored]
        if not tps:
            return None
        first, last = await asyncio.gather(self.kafka.beginning_offsets(tps), self.kafka.end_offsets(tps))
        for place, offset in stored.items():
            tp = TopicPartition(place.topic, place.part)
            if not first[tp] <= offset <= last[tp]:
                return (
                    f"offset {offset} of {tp.topic}[{tp.partition}] is no longer in the log"
                    f" ({first[tp]}..{last[tp]}): restore the topic or run `pilotage rebuild`"
                )
        return None

    async def _receive(self, lus: list[Lu]) -> None:
        """FastStream's handler: gather, and wait when the window is full. Never raises."""
        self._last_batch = time.monotonic()
        if self.halted:
            return
        self._notice_lost_batches()
        serial = self._serial
        reached = await self._fetched_to(lus)
        if serial == self._serial:
            self._gather(lus, reached)
        if not self._window:
            return
        if self._full():
            self._ripen()
            await self._room.wait()
        elif self._behind():
            self._age()
        else:
            self._ripen()

    def _notice_lost_batches(self) -> None:
        """FastStream swallows what goes wrong before the handler: then read again from what is stored."""
        self._received += 1
        if self._received != self._codec.batches:
            _log.error("a batch was fetched and never handed over; reading again")
            self._received = self._codec.batches
            self._forget()

    async def _fetched_to(self, lus: Iterable[Lu]) -> dict[Place, int]:
        """Position of each partition of the batch just after its fetch; absent when seeked or lost since."""
        reached: dict[Place, int] = {}
        for topic, part in {(lu.brut.topic, lu.brut.partition) for lu in lus}:
            try:
                reached[Place(topic, part)] = await self.kafka.position(TopicPartition(topic, part))
            except IllegalStateError:
                continue
        return reached

    def _gather(self, lus: Iterable[Lu], reached: dict[Place, int]) -> None:
        """Accept what follows what is expected: a batch fetched before a seek is stale, drop it."""
        window, expected = self._window, self._expected
        touched: set[Place] = set()
        for lu in lus:
            place = Place(lu.brut.topic, lu.brut.partition)
            if expected.get(place, 1 << 62) <= lu.brut.offset < reached.get(place, -1):
                window.add(lu)
                touched.add(place)
        for place in touched:
            window.nexts[place] = expected[place] = reached[place]

    def _full(self) -> bool:
        settings = self._settings
        return len(self._window.lus) >= settings.window_records or self._window.bytes >= settings.window_bytes

    def _behind(self) -> bool:
        """More than a batch still waits on the broker, as far as the last fetch said."""
        waiting = 0
        for place, position in self._expected.items():
            highwater = self.kafka.highwater(TopicPartition(place.topic, place.part))
            waiting += max(0, (highwater or 0) - position)
        return waiting > self._settings.batch_records

    def _age(self) -> None:
        if self._aging is None:
            loop = asyncio.get_running_loop()
            self._aging = loop.call_later(self._settings.window_age_s, self._aged)

    def _aged(self) -> None:
        self._aging = None
        self._ripen()

    def _ripen(self) -> None:
        if self._window:
            self._room.clear()
            self._ripe.set()

    async def _drained(self) -> None:
        while self._ripe.is_set() or not self._idle.is_set():  # noqa: ASYNC110 - two events, and rare
            await asyncio.sleep(0.01)

    def _forget(self) -> None:
        """Drop everything not durable: the stored offsets are the only truth."""
        self._window = Window()
        self._expected = {}
        self._serial += 1
        self.flusher.ownership = Ownership()
        self._ripe.clear()
        self._room.set()

    def _halt(self, component: str, sentence: str) -> None:
        self.halted = sentence
        self._health.red(component, sentence)
        _log.error("consumer stopped on purpose", reason=sentence)
        self._forget()
        if self.kafka is not None:
            self.kafka.pause(*self.kafka.assignment())

    async def _flush_for_ever(self) -> None:
        while True:
            await self._ripe.wait()
            window, self._window = self._window, Window()
            if self._aging:
                self._aging.cancel()
                self._aging = None
            self._ripe.clear()
            self._idle.clear()
            self._room.set()
            try:
                await self._settle(window)
            finally:
                self._idle.set()

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


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._consumer.hold(assigned)
        await self._consumer.adopt(assigned)
