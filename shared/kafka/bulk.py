"""Bulk publishing from a spooled file: fenced transactions, a checkpoint after each chunk.

With the relay, the only way onto a topic. A chunk published just before a crash is published again
with the same event ids and versions, which every reducer ignores.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kafka.clients import fenced_producer
from shared.kafka.send import send_batch
from shared.kafka.spool import read_chunks
from shared.observe import metrics
from shared.settings import Settings

Checkpoint = Callable[[AsyncConnection, int], Awaitable[None]]
_CHUNK = 5_000
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


async def publish(
    settings: Settings, engine: AsyncEngine, spool: Path, *, source: str, start: int, checkpoint: Checkpoint
) -> int:
    """Publish ``spool`` from rank ``start``; ``checkpoint(tx, rank)`` runs in each chunk's transaction.

    The caller holds ``exclusive(engine, source)``. Returns the number of events in the file.
    """
    rank = start
    producer = fenced_producer(settings, f"{settings.service}.bulk.{source}")
    await producer.start()
    try:
        for chunk in read_chunks(spool, _CHUNK, start):
            async with engine.begin() as tx:
                await send_batch(tx, producer, chunk)
                rank += len(chunk)
                await checkpoint(tx, rank)
            metrics.PUBLISHED.labels(settings.service).inc(len(chunk))
    finally:
        await producer.stop()
    return rank
