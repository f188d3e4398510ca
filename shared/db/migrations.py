"""Alembic for every service: one history each, projection tables in the current generation.

``services/<name>/migrations/env.py`` calls :func:`run_env`. Revisions name projection tables with
``schema=projection()``, so that they alter whichever generation is current.
"""

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.tables import MECHANISM, REGISTRE, MechanismTable, projection_schema

SERVICES = ("ingest", "eleves", "indicators", "avenir", "exports", "gateway")
_SERVICES_DIR = Path(__file__).parents[2] / "services"


def service_metadata(service: str) -> tuple[MetaData, MetaData]:
    """(registre tables, projection tables) of a service, as its ``models`` module declares them."""
    models: Any = importlib.import_module(f"services.{service}.models")
    return models.REGISTRE_TABLES, models.PROJECTION_TABLES


def target_metadata(service: str, generation: int) -> MetaData:
    """Everything that the database of a service must hold."""
    registre, projection = service_metadata(service)
    target = MetaData()
    for table in (*MechanismTable.metadata.tables.values(), *registre.tables.values()):
        table.to_metadata(target)
    for table in projection.tables.values():
        table.to_metadata(target, schema=projection_schema(generation))
    return target


def projection() -> str:
    """Schema of the current generation, for use inside a revision."""
    return _current_schema(Operations(context.get_context()).get_bind())


def prepare(connection: Connection) -> None:
    """Schemas and single rows that the first revision stands on; harmless afterwards."""
    for schema in (MECHANISM, REGISTRE, projection_schema(1)):
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))


def seed(connection: Connection) -> None:
    connection.execute(text("INSERT INTO mechanism.generation VALUES (true, 1, 1) ON CONFLICT DO NOTHING"))
    connection.execute(text("INSERT INTO mechanism.clock VALUES (true, 0) ON CONFLICT DO NOTHING"))


def run_env() -> None:
    """Body of every ``env.py``: runs on the connection handed over by :func:`upgrade`."""
    connection: Connection = context.config.attributes["connection"]
    service: str = context.config.attributes["service"]
    prepare(connection)
    generation = _current_generation(connection)
    context.configure(
        connection=connection,
        target_metadata=target_metadata(service, generation),
        version_table_schema=MECHANISM,
        include_schemas=True,
        include_name=_include_name(generation),
        compare_type=True,
    )
    context.run_migrations()


async def upgrade(engine: AsyncEngine, service: str) -> None:
    """Bring the database of ``service`` to the latest revision, in one transaction."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(service, sync), "head"))
        await connection.run_sync(seed)


async def differences(engine: AsyncEngine, service: str) -> Sequence[Any]:
    """What the models say that the revisions do not: empty when ``alembic check`` passes."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: _differences(sync, service))


def revision(engine: AsyncEngine, service: str, message: str, number: str) -> None:
    """Write the next revision of ``service`` from its models (for engineers)."""

    def write(sync: Connection) -> None:
        script = command.revision(_config(service, sync), message=message, autogenerate=True, rev_id=number)
        path = Path(script.path)  # type: ignore[union-attr]
        schema = projection_schema(_current_generation(sync))
        path.write_text(path.read_text().replace(f"schema='{schema}'", "schema=projection()"))

    async def run() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(write)

    asyncio.run(run())


def _differences(connection: Connection, service: str) -> Sequence[Any]:
    generation = _current_generation(connection)
    options = {
        "include_schemas": True,
        "include_name": _include_name(generation),
        "compare_type": True,
        "version_table_schema": MECHANISM,
    }
    migration_context = MigrationContext.configure(connection, opts=options)
    found: Sequence[Any] = compare_metadata(migration_context, target_metadata(service, generation))
    return found


def _include_name(generation: int) -> Any:
    schemas = {MECHANISM, REGISTRE, projection_schema(generation)}

    def include(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name in schemas
        return not (kind == "table" and name == "alembic_version" and parents.get("schema_name") == MECHANISM)

    return include


def _config(service: str, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SERVICES_DIR / service / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["service"] = service
    return config


def _current_generation(connection: Connection) -> int:
    if not inspect(connection).has_table("generation", schema=MECHANISM):
        return 1
    found = connection.execute(text("SELECT courante FROM mechanism.generation")).scalar()
    return int(found or 1)


def _current_schema(connection: Connection) -> str:
    return projection_schema(_current_generation(connection))
