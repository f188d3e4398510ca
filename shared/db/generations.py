"""Generations of the projection tables: one schema each, one pointer that everybody reads."""

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import projection_schema


async def current(connection: AsyncConnection) -> int:
    return int((await connection.execute(text("SELECT courante FROM mechanism.generation"))).scalar_one())


async def create(connection: AsyncConnection, tables: MetaData) -> int:
    """A new, empty generation with the tables of today's code; returns its number."""
    number = int(
        (
            await connection.execute(
                text("UPDATE mechanism.generation SET derniere = derniere + 1 RETURNING derniere")
            )
        ).scalar_one()
    )
    schema = projection_schema(number)
    await connection.execute(text(f"CREATE SCHEMA {schema}"))
    await connection.run_sync(
        lambda sync: tables.create_all(sync.execution_options(schema_translate_map={None: schema}))
    )
    return number


async def lock(connection: AsyncConnection) -> int:
    """Wait for the flushes in flight and hold the next ones back until the end of the transaction."""
    statement = text("SELECT courante FROM mechanism.generation FOR UPDATE")
    return int((await connection.execute(statement)).scalar_one())


async def point_to(connection: AsyncConnection, generation: int) -> None:
    await connection.execute(
        text("UPDATE mechanism.generation SET courante = :generation"), {"generation": generation}
    )


async def drop(connection: AsyncConnection, generation: int) -> None:
    await connection.execute(text(f"DROP SCHEMA IF EXISTS {projection_schema(generation)} CASCADE"))
    await connection.execute(
        text("DELETE FROM mechanism.consumer_offset WHERE generation = :generation"),
        {"generation": generation},
    )


async def others(connection: AsyncConnection) -> list[int]:
    """Generations that exist beside the current one: what an interrupted work left behind."""
    statement = text(
        "SELECT substr(nspname, 12)::int FROM pg_namespace, mechanism.generation"
        r" WHERE nspname ~ '^projection_\d+$' AND substr(nspname, 12)::int <> courante"
    )
    return list((await connection.execute(statement)).scalars())
