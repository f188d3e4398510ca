"""Who works at which import, across the tasks and processes of a session.

A nature has so many places. Whoever holds one takes imports one by one; what it holds is released
by the death of its process, since PostgreSQL keeps the locks of its connection.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.kafka import bulk
from shared.kafka.bulk import BusySourceError

_LOCK = text(
    """
    SELECT id FROM unnest(CAST(:ids AS text[])) AS t(id)
     WHERE pg_try_advisory_lock(hashtext('import.' || id)) LIMIT :combien
    """
)
"""Read one by one: no more are locked than are given."""
_UNLOCK = text(
    "SELECT pg_advisory_unlock(hashtext('import.' || id)) FROM unnest(CAST(:ids AS text[])) AS t(id)"
)


class Place:
    """``rang``: names the producer, so that a successor at this place fences it."""

    def __init__(self, connection: AsyncConnection, rang: int) -> None:
        self._connection = connection
        self.rang = rang

    @asynccontextmanager
    async def tenir(self, ids: Sequence[str], combien: int) -> AsyncIterator[list[str]]:
        """Hold the first ``combien`` of these imports that nobody else holds."""
        tenus = await self._executer(_LOCK, {"ids": list(ids), "combien": combien})
        try:
            yield tenus
        finally:
            if tenus:
                await self._executer(_UNLOCK, {"ids": tenus})

    async def _executer(self, statement: TextClause, valeurs: Mapping[str, Any]) -> list[Any]:
        rendus = list((await self._connection.execute(statement, valeurs)).scalars())
        await self._connection.commit()
        return rendus


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
