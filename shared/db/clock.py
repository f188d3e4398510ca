"""``recordedtime``: strictly increasing stamps, kept across processes and restarts.

The row's lock is held until the end of the caller's transaction: it is also what makes the relay
and the bulk publisher of one service take turns, so that stamps grow in the order of the log.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_TAKE = text(
    """
    UPDATE mechanism.clock
       SET last_us = greatest(last_us, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint) + :n
    RETURNING last_us - :n
    """
)


async def take(connection: AsyncConnection, n: int) -> range:
    """``n`` fresh stamps, in µs since the epoch."""
    base = int((await connection.execute(_TAKE, {"n": n})).scalar_one())
    return range(base + 1, base + n + 1)
