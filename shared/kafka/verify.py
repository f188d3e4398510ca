"""Verify a projection: a snapshot with its offset vector against a re-read of the log to exactly it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import generations, offsets
from shared.db.offsets import Place
from shared.db.tables import NOT_COMPARED, projection_schema
from shared.kafka.bulk import exclusive
from shared.kafka.folding import Folding
from shared.kafka.projection import Projection
from shared.kafka.replay import LogReader
from shared.settings import Settings


@dataclass(frozen=True)
class Report:
    """Rows that differ, by table; all zero when the projection is exact."""

    differences: Mapping[str, int]
    records: int
    seconds: float


async def verify(settings: Settings, engine: AsyncEngine, projection: Projection) -> Report:
    """Runs beside the live consumer: the snapshot is consistent, the recomputation is set aside.

    Raises:
        BusySourceError: a rebuild or a verification of this service is under way.
    """
    async with exclusive(engine, "generations"):
        return await _verify(settings, engine, projection)


async def _verify(settings: Settings, engine: AsyncEngine, projection: Projection) -> Report:
    start = time.perf_counter()
    async with engine.begin() as tx:
        reference = await generations.create(tx, projection.tables)
        recomputed = await generations.create(tx, projection.tables)
    try:
        vector = await _snapshot(engine, projection, reference)
        sessions = offsets.sessions_of(vector, settings.topic_prefix)
        async with LogReader(settings, projection.topics, sessions) as reader:
            fold = Folding(engine, projection, recomputed, settings.window_records, lambda _: None)
            await fold.adopt(reader)
            await fold.advance_to(reader, vector)
        async with engine.connect() as connection:
            differences = {
                table.name: await _differing(connection, table, reference, recomputed)
                for table in projection.tables.sorted_tables
            }
    finally:
        async with engine.begin() as tx:
            await generations.drop(tx, reference)
            await generations.drop(tx, recomputed)
    return Report(differences, fold.records, time.perf_counter() - start)


async def _snapshot(engine: AsyncEngine, projection: Projection, into: int) -> dict[Place, int]:
    """Copy the current tables and their offsets as of one instant."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            source = await generations.current(connection)
            vector = await offsets.vector(connection, source)
            for table in projection.tables.sorted_tables:
                columns = ", ".join(column.name for column in table.columns)
                await connection.execute(
                    text(
                        f"INSERT INTO {projection_schema(into)}.{table.name} ({columns})"
                        f" SELECT {columns} FROM {projection_schema(source)}.{table.name}"
                    )
                )
    return {place: offset for place, offset in vector.items() if offset > 0}


async def _differing(connection: AsyncConnection, table: Table, one: int, other: int) -> int:
    """Rows in one and not in the other, both ways."""
    columns = ", ".join(column.name for column in table.columns if not column.info.get(NOT_COMPARED))
    a = f"SELECT {columns} FROM {projection_schema(one)}.{table.name}"
    b = f"SELECT {columns} FROM {projection_schema(other)}.{table.name}"
    requete = text(f"SELECT count(*) FROM (({a} EXCEPT ALL {b}) UNION ALL ({b} EXCEPT ALL {a})) AS d")
    return int((await connection.execute(requete)).scalar_one())
