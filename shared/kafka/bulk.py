"""Bulk publishing from a spooled file: fenced transactions, a checkpoint after each chunk.

With the relay, the only way onto a topic. A chunk published just before a crash is published again
with the same event ids and versions, which every reducer ignores.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiokafka import AIOKafkaProducer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kafka.clients import fenced_producer
from shared.kafka.framing import Frame
from shared.kafka.send import send_batch
from shared.kafka.spool import read_chunks
from shared.observe import metrics
from shared.settings import Settings

Checkpoint = Callable[[AsyncConnection, int], Awaitable[None]]
CHUNK = 5_000
"""Events of one Kafka transaction, at most."""
_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtext(:source))")
_TRY_SHARE = text("SELECT pg_try_advisory_lock_shared(hashtext(:source))")


class BusySourceError(Exception):
    """Another import of the same source is under way; one at a time."""


async def try_lock(connection: AsyncConnection, source: str, *, shared: bool = False) -> bool:
    """Lock ``source`` for as long as the connection lives, or until it is unlocked; False when somebody holds it."""
    locked = await connection.execute(_TRY_SHARE if shared else _TRY_LOCK, {"source": source})
    await connection.commit()
    return bool(locked.scalar_one())


@asynccontextmanager
async def exclusive(
    engine: AsyncEngine, source: str, *, shared: bool = False
) -> AsyncIterator[AsyncConnection]:
    """Hold ``source`` alone; released by the end of the block or the death of the process.

    ``shared``: beside others that share it, and never beside one that holds it alone.

    Raises:
        BusySourceError: somebody else holds it.
    """
    async with engine.connect() as connection:
        if not await try_lock(connection, source, shared=shared):
            raise BusySourceError(source)
        try:
            yield connection
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock_all()"))
            await connection.commit()


class Publisher:
    """A fenced producer, started at its first chunk and kept until the end of :func:`publisher`."""

    def __init__(self, settings: Settings, engine: AsyncEngine, source: str) -> None:
        self._settings = settings
        self._engine = engine
        self._transactional_id = f"{settings.service}.bulk.{source}"
        self._producer: AIOKafkaProducer | None = None

    async def send(
        self, frames: Sequence[Frame], checkpoint: Callable[[AsyncConnection], Awaitable[None]]
    ) -> None:
        """Publish a chunk; ``checkpoint`` runs in its transaction, alone when there is nothing to publish."""
        async with self._engine.begin() as tx:
            if frames:
                await send_batch(tx, await self._started(), frames)
            await checkpoint(tx)
        metrics.PUBLISHED.labels(self._settings.service).inc(len(frames))

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = fenced_producer(self._settings, self._transactional_id)
            await self._producer.start()
        return self._producer

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None


@asynccontextmanager
async def publisher(settings: Settings, engine: AsyncEngine, source: str) -> AsyncIterator[Publisher]:
    """The caller holds ``exclusive(engine, source)``. After an error, begin again with another."""
    opened = Publisher(settings, engine, source)
    try:
        yield opened
    finally:
        await opened.stop()


async def publish(
    settings: Settings, engine: AsyncEngine, spool: Path, *, source: str, start: int, checkpoint: Checkpoint
) -> int:
    """Publish ``spool`` from rank ``start``; ``checkpoint(tx, rank)`` runs in each chunk's transaction.

    The caller holds ``exclusive(engine, source)``. Returns the number of events in the file.
    """
    rank = start
    async with publisher(settings, engine, source) as opened:
        for chunk in read_chunks(spool, CHUNK, start):
            rank += len(chunk)
            await opened.send(chunk, partial(_at, checkpoint, rank))
    return rank


async def _at(checkpoint: Checkpoint, rank: int, tx: AsyncConnection) -> None:
    await checkpoint(tx, rank)
