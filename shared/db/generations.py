"""Generations of the projection tables: one schema each, one pointer that everybody reads."""

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import projection_schema

_KEEP = text("SELECT pg_advisory_lock_shared(hashtext('generation'), :generation)")
_LEFT = text("SELECT pg_try_advisory_xact_lock(hashtext('generation'), :generation)")


async def current(connection: AsyncConnection) -> int:
    return int((await connection.execute(text("SELECT courante FROM mechanism.generation"))).scalar_one())


async def reserve(connection: AsyncConnection) -> int:
    """A new generation without any table; returns its number."""
    statement = text("UPDATE mechanism.generation SET derniere = derniere + 1 RETURNING derniere")
    number = int((await connection.execute(statement)).scalar_one())
    await connection.execute(text(f"CREATE SCHEMA {projection_schema(number)}"))
    return number


async def create(connection: AsyncConnection, tables: MetaData, *, unlogged: bool = False) -> int:
    """A new, empty generation with the tables of today's code; returns its number.

    ``unlogged``: for what is read once and thrown away; a crash of the server empties it.
    """
    number = await reserve(connection)
    schema = projection_schema(number)
    await connection.run_sync(
        lambda sync: tables.create_all(sync.execution_options(schema_translate_map={None: schema}))
    )
    for table in tables.sorted_tables if unlogged else ():
        await connection.execute(text(f"ALTER TABLE {schema}.{table.name} SET UNLOGGED"))
    return number


async def keep(holder: AsyncConnection, *numbers: int) -> None:
    """Nobody takes ``numbers`` for strays as long as the connection ``holder`` lives, or until it unlocks."""
    for number in numbers:
        await holder.execute(_KEEP, {"generation": number})
    await holder.commit()


async def lock(connection: AsyncConnection) -> int:
    """Wait for the flushes in flight and hold the next ones back until the end of the transaction."""
    statement = text("SELECT courante FROM mechanism.generation FOR UPDATE")
    return int((await connection.execute(statement)).scalar_one())


async def hold(connection: AsyncConnection) -> int:
    """Put a switch off until the end of the transaction, flushes go on. First statement of a repeatable read."""
    await connection.execute(text("LOCK TABLE mechanism.generation IN SHARE MODE"))
    return await current(connection)


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


async def drop_strays(tx: AsyncConnection) -> None:
    """Drop what an interrupted rebuild or verification left behind, and nothing that somebody keeps."""
    for stray in await others(tx):
        if (await tx.execute(_LEFT, {"generation": stray})).scalar_one():
            await drop(tx, stray)


async def others(connection: AsyncConnection) -> list[int]:
    """Generations that exist beside the current one."""
    statement = text(
        "SELECT substr(nspname, 12)::int FROM pg_namespace, mechanism.generation"
        r" WHERE nspname ~ '^projection_\d+$' AND substr(nspname, 12)::int <> courante"
    )
    return list((await connection.execute(statement)).scalars())
