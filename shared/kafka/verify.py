"""Verify a projection: a snapshot with its offset vector against a re-read of the log to exactly it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import compare, generations, offsets
from shared.db.compare import Difference
from shared.db.offsets import Place
from shared.kafka.bulk import exclusive
from shared.kafka.folding import Folding, Progress
from shared.kafka.projection import Projection, legers
from shared.kafka.replay import LogReader
from shared.settings import Settings

_EXAMPLES = 50


@dataclass(frozen=True)
class Report:
    """Rows that differ, by table; all zero when the projection is exact. ``examples``: the first ones."""

    differences: Mapping[str, int]
    records: int
    seconds: float
    examples: Sequence[Difference] = ()

    @property
    def exact(self) -> bool:
        return not any(self.differences.values())


async def verify(
    settings: Settings, engine: AsyncEngine, projection: Projection, *, progress: Progress = lambda _: None
) -> Report:
    """Runs beside the live consumer and beside a rebuild: nothing that serves is touched.

    The snapshot is of one instant, what is recomputed is set aside, and both are without a trace afterwards.

    Raises:
        BusySourceError: a verification of this service is under way.
    """
    start = time.perf_counter()
    async with exclusive(engine, "verification") as holder:
        async with engine.begin() as tx:
            await generations.drop_strays(tx)
            found = await generations.reserve(tx)
            expected = await generations.create(tx, projection.tables, unlogged=True)
            await generations.keep(holder, found, expected)
        try:
            vector = await _snapshot(engine, projection, found)
            fold = Folding(engine, projection, expected, settings.window_records, progress)
            records = await _recompute(settings, fold, vector)
            differences, examples = await _compare(engine, projection, found, expected)
        finally:
            async with engine.begin() as tx:
                await generations.drop(tx, found)
                await generations.drop(tx, expected)
    return Report(differences, records, time.perf_counter() - start, examples)


async def _snapshot(engine: AsyncEngine, projection: Projection, into: int) -> dict[Place, int]:
    """Copy the current tables and their offsets as of one instant; a switch waits for the end of it."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            source = await generations.hold(connection)
            vector = await offsets.vector(connection, source)
            for table in compare.compared(projection.tables.sorted_tables):
                await compare.copy(connection, table, source, into)
    return {place: offset for place, offset in vector.items() if offset > 0}


async def _recompute(settings: Settings, fold: Folding, vector: Mapping[Place, int]) -> int:
    """Fold the log to exactly ``vector``; returns the number of records."""
    sessions = offsets.sessions_of(vector, settings.topic_prefix)
    async with LogReader(settings, fold.projection.topics, sessions, legers(fold.projection)) as reader:
        await fold.adopt(reader)
        await fold.advance_to(reader, vector)
    return fold.records


async def _compare(
    engine: AsyncEngine, projection: Projection, found: int, expected: int
) -> tuple[dict[str, int], list[Difference]]:
    counts: dict[str, int] = {}
    examples: list[Difference] = []
    async with engine.connect() as connection:
        for table in compare.compared(projection.tables.sorted_tables):
            counts[table.name] = await compare.count(connection, table, found, expected)
            if counts[table.name]:
                examples += await compare.examples(connection, table, found, expected, most=_EXAMPLES)
    return counts, examples
