"""Who works at which import, across the tasks and processes of a session.

A nature has so many places. Whoever holds one takes imports one by one; what it holds is released
by the death of its process, since PostgreSQL keeps the locks of its connection.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kafka import bulk
from shared.kafka.bulk import BusySourceError

_UNLOCK = text("SELECT pg_advisory_unlock(hashtext(:source))")


class Place:
    """``rang``: names the producer, so that a successor at this place fences it."""

    def __init__(self, connection: AsyncConnection, rang: int) -> None:
        self._connection = connection
        self.rang = rang

    @asynccontextmanager
    async def tenir(self, import_id: str) -> AsyncIterator[bool]:
        """Hold one import; gives False when somebody else holds it."""
        source = f"import.{import_id}"
        tenu = await bulk.try_lock(self._connection, source)
        try:
            yield tenu
        finally:
            if tenu:
                await self._connection.execute(_UNLOCK, {"source": source})
                await self._connection.commit()


@asynccontextmanager
async def prendre_place(engine: AsyncEngine, source: str, nombre: int) -> AsyncIterator[Place]:
    """One of the ``nombre`` places of ``source``.

    Raises:
        BusySourceError: all are taken.
    """
    async with AsyncExitStack() as stack:
        for rang in range(nombre):
            try:
                connection = await stack.enter_async_context(bulk.exclusive(engine, f"{source}.{rang}"))
            except BusySourceError:
                continue
            yield Place(connection, rang)
            return
        raise BusySourceError(source)
