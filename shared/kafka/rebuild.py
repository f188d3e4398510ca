"""Rebuild a projection into a new generation while the old one serves, then switch the pointer."""

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import generations, offsets, outbox
from shared.db.offsets import Place
from shared.kafka.bulk import exclusive
from shared.kafka.folding import Folding, Progress
from shared.kafka.projection import Projection, legers
from shared.kafka.replay import LogReader
from shared.settings import Settings

_READERS_GRACE_S = 2.0
"""A query that read the pointer just before the switch still finds its tables."""
_CHASES = 3
"""Rounds of reading up to the moving end before the live consumer is held back for the last records."""


@dataclass(frozen=True)
class Rebuilt:
    old: int
    new: int
    records: int
    published: int
    seconds: float


async def rebuild(
    settings: Settings, engine: AsyncEngine, projection: Projection, *, progress: Progress = lambda _: None
) -> Rebuilt:
    """Fold the log into a new generation and make it current. The old one is dropped afterwards.

    A rebuild that dies leaves a generation that nobody reads; the next one drops it.

    Raises:
        BusySourceError: a rebuild of this service is under way.
    """
    async with exclusive(engine, "generations") as holder:
        return await _rebuild(settings, engine, projection, progress, holder)


async def _rebuild(
    settings: Settings,
    engine: AsyncEngine,
    projection: Projection,
    progress: Progress,
    holder: AsyncConnection,
) -> Rebuilt:
    start = time.perf_counter()
    async with engine.begin() as tx:
        current = await generations.lock(tx)
        await generations.drop_strays(tx)
        known = await offsets.vector(tx, current)
        generation = await generations.create(tx, projection.tables)
        await generations.keep(holder, current, generation)
    sessions = offsets.sessions_of(known, settings.topic_prefix) | {settings.session}
    async with LogReader(settings, projection.topics, sessions, legers(projection)) as reader:
        fold = Folding(engine, projection, generation, settings.window_records, progress)
        await fold.adopt(reader)
        for _ in range(_CHASES):
            await fold.advance_to(reader, await reader.ends())
        old, published = await _switch(engine, fold, reader)
    await asyncio.sleep(_READERS_GRACE_S)
    async with engine.begin() as tx:
        await generations.drop(tx, old)
    return Rebuilt(old, generation, fold.records, published, time.perf_counter() - start)


async def _switch(engine: AsyncEngine, fold: Folding, reader: LogReader) -> tuple[int, int]:
    """One transaction: hold the live flushes back, catch up with them, move the pointer."""
    async with engine.begin() as tx:
        old = await generations.lock(tx)
        live = await offsets.vector(tx, old)
        behind: dict[Place, int] = {
            p: o for p, o in live.items() if p in fold.held and fold.held[p].next_offset < o
        }
        if behind:
            await fold.advance_within(tx, reader, behind)
        evenements = await fold.projection.differences(tx, old, fold.generation)
        await outbox.append(tx, evenements)
        await generations.point_to(tx, fold.generation)
    return old, len(evenements)
