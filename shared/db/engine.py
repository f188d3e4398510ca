"""The async engine of a service, and transactions that read the current generation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.settings import Settings

_CURRENT = text(
    "SELECT courante, set_config('search_path', format('projection_%s, registre', courante), true)"
    " FROM mechanism.generation"
)
_CURRENT_FOR_FLUSH = text(
    "SELECT courante, set_config('search_path', format('projection_%s, registre', courante), true)"
    " FROM mechanism.generation FOR SHARE"
)
_NAMED = text("SELECT set_config('search_path', :path, true)")


def create_engine(settings: Settings) -> AsyncEngine:
    """One pool per process; a statement never runs for ever, an idle transaction neither.

    The server lets go of what a frozen or vanished process holds: its locks would stop its successor.
    """
    return create_async_engine(
        settings.database,
        pool_size=settings.pool_size,
        max_overflow=4,
        pool_pre_ping=False,
        pool_recycle=1_800,
        hide_parameters=True,
        connect_args={
            "timeout": 10,
            "command_timeout": 120,
            "server_settings": {
                "application_name": f"pilotage-{settings.service}",
                "idle_in_transaction_session_timeout": "60000",
                "tcp_keepalives_idle": "30",
                "tcp_keepalives_interval": "10",
                "tcp_keepalives_count": "3",
                "timezone": "UTC",
            },
        },
    )


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A read-only transaction whose unqualified tables are those of the current generation."""
    async with engine.connect() as connection:
        await connection.execution_options(postgresql_readonly=True)
        await connection.execute(_CURRENT)
        yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction of a command or a flush; a generation switch waits for its end."""
    async with engine.begin() as connection:
        await enter_current(connection)
        yield connection


async def enter_current(connection: AsyncConnection) -> int:
    """Pin the current generation until the end of the transaction; returns its number."""
    return int((await connection.execute(_CURRENT_FOR_FLUSH)).scalar_one())


async def enter_generation(connection: AsyncConnection, generation: int) -> None:
    """Make unqualified tables those of ``generation`` (a rebuild's) for this transaction."""
    await connection.execute(_NAMED, {"path": f"projection_{generation}, registre"})
