"""The rejects of one service: listed, replayed to that service, or dropped, by an operator.

A pointer per rejects topic (generation 0 of the offsets) says what is settled. A replayed record
goes through the service's own projection in the transaction that moves the pointer; refused again,
it goes back to the end of the topic with its attempts counted. The origin topic is never written.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import offsets, outbox
from shared.db.engine import enter_current
from shared.db.offsets import Place
from shared.events.enveloppe import entete
from shared.kafka import rejects
from shared.kafka.clients import partition_counts, reader
from shared.kafka.flush import is_data_error
from shared.kafka.projection import Effets, Projection, legers
from shared.kafka.records import Codec, DataError, Lu, motif
from shared.settings import Settings

_POINTERS = 0
_POLL_MS = 20


@dataclass(frozen=True, slots=True)
class Rejete:
    """One reject still to settle: where it lies, where it came from, why."""

    topic: str
    offset: int
    headers: Mapping[str, str]
    brut: ConsumerRecord

    @property
    def origine(self) -> str:
        part, offset = self.headers.get(rejects.ORIGIN_PARTITION), self.headers.get(rejects.ORIGIN_OFFSET)
        return f"{self.headers.get(rejects.ORIGIN_TOPIC)}[{part}]@{offset}"

    @property
    def attempts(self) -> int:
        return int(self.headers.get(rejects.ATTEMPTS, "1"))


class _SettledError(Exception):
    """Somebody else settled the reject meanwhile: leave it alone."""


class ForeignRejectError(Exception):
    """A record that no service of ours put aside lies among the rejects: look at it, then drop it."""


class RejectedLog:
    """What a service refused and nobody settled yet."""

    def __init__(self, settings: Settings, engine: AsyncEngine, projection: Projection) -> None:
        self._settings = settings
        self._engine = engine
        self._projection = projection
        prefix, session = settings.topic_prefix, settings.session
        self._topics = [topic.rejets(prefix, session, settings.service) for topic in projection.topics]
        topics = {topic.complet(prefix, session): topic for topic in projection.topics}
        self._codec = Codec(topics, legers(projection))

    async def pending(self) -> list[Rejete]:
        """Every reject after the pointers, topic by topic."""
        async with self._reader() as kafka:
            return [rejete async for rejete in self._pending(kafka)]

    async def replay(self, most: int) -> tuple[int, int]:
        """Hand the first ``most`` rejects to the service again; returns (applied, refused again)."""
        applied = refused = 0
        for rejete in (await self.pending())[:most]:
            try:
                if await self._replay_one(rejete):
                    applied += 1
                else:
                    refused += 1
            except _SettledError:
                continue
        return applied, refused

    async def drop(self, most: int) -> int:
        """Settle the first ``most`` rejects without applying them."""
        dropped = 0
        for rejete in (await self.pending())[:most]:
            with suppress(_SettledError):
                async with self._engine.begin() as tx:
                    await self._settle(tx, rejete)
                dropped += 1
        return dropped

    async def _replay_one(self, rejete: Rejete) -> bool:
        origine = rejete.headers.get(rejects.ORIGIN_TOPIC)
        if origine not in self._codec.topics:
            raise ForeignRejectError(f"{rejete.topic}@{rejete.offset} names no topic of this service")
        lu = self._codec.lire_un(rejete.brut, origine)
        lu.recordedtime = rejete.headers.get(rejects.RECORDED, lu.recordedtime)
        reason = lu.erreur
        if reason is None:
            try:
                async with self._engine.begin() as tx:
                    await self._settle(tx, rejete)
                    await enter_current(tx)
                    effets = await self._projection.appliquer(tx, [lu])
                    await outbox.append(tx, effets.sorties)
                    _accepted(effets)
            except Exception as erreur:
                if isinstance(erreur, _SettledError) or not is_data_error(erreur):
                    raise
                reason = motif(getattr(erreur, "orig", None) or erreur)
        if reason is None:
            return True
        await self._put_back(rejete, lu, reason)
        return False

    async def _put_back(self, rejete: Rejete, lu: Lu, reason: str) -> None:
        async with self._engine.begin() as tx:
            await self._settle(tx, rejete)
            again = rejects.rejet(lu, reason, service=self._settings.service, attempts=rejete.attempts + 1)
            await outbox.append(tx, [again])

    async def _settle(self, tx: AsyncConnection, rejete: Rejete) -> None:
        """Move the pointer past ``rejete``; the row's lock makes two operators take turns.

        Raises:
            _SettledError: somebody settled it since it was listed.
        """
        place = Place(rejete.topic, rejete.brut.partition)
        held = await offsets.adopt(tx, _POINTERS, [place])
        if held[place].next_offset > rejete.offset:
            raise _SettledError
        await offsets.advance(tx, _POINTERS, held, {place: rejete.offset + 1})

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        kafka = reader(self._settings, fetch_max_wait_ms=20)
        await kafka.start()
        try:
            yield kafka
        finally:
            await kafka.stop()

    async def _pending(self, kafka: Any) -> AsyncIterator[Rejete]:
        counts = await partition_counts(self._settings, self._topics)
        async with self._engine.connect() as connection:
            pointers = await offsets.vector(connection, _POINTERS)
        for topic, count in counts.items():
            for part in range(count):
                start = pointers.get(Place(topic, part), 0)
                async for brut in _read(kafka, TopicPartition(topic, part), start):
                    headers = {cle: valeur.decode("utf-8", "replace") for cle, valeur in brut.headers}
                    yield Rejete(topic, brut.offset, headers, brut)


def _accepted(effets: Effets) -> None:
    """A refusal undoes the transaction: the reject goes back with its new reason."""
    if effets.refus:
        raise DataError(effets.refus[0][1])


async def _read(kafka: Any, tp: TopicPartition, start: int) -> AsyncIterator[ConsumerRecord]:
    kafka.assign([tp])
    first = (await kafka.beginning_offsets([tp]))[tp]
    end = (await kafka.end_offsets([tp]))[tp]
    kafka.seek(tp, max(start, first))
    while await kafka.position(tp) < end:
        for brut in (await kafka.getmany(tp, timeout_ms=_POLL_MS)).get(tp, ()):
            yield brut


def event_type(rejete: Rejete) -> str:
    """``ce_type`` of the refused event, for lists."""
    return (entete(rejete.brut.headers, "ce_type") or b"").decode("ascii", "replace")
