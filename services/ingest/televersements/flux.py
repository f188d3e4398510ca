"""The pieces of a request, until their end, a silence or a word to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.requests import ClientDisconnect

from services.ingest.televersements.refus import occupe, trop_lent


async def jusqu_a(
    morceaux: AsyncIterator[bytes], arret: asyncio.Event, patience_s: float
) -> AsyncIterator[bytes]:
    """The pieces, until their end, until told to stop (409), or until the client hangs (408)."""
    stop = asyncio.ensure_future(arret.wait())
    try:
        while True:
            suite = asyncio.ensure_future(_suivant(morceaux))
            faits, _ = await asyncio.wait(
                {suite, stop}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
            )
            if suite not in faits:
                suite.cancel()
                with suppress(asyncio.CancelledError, ClientDisconnect):
                    await suite
                raise occupe() if stop in faits else trop_lent()
            morceau = suite.result()
            if morceau is None:
                return
            if morceau:
                yield morceau
    finally:
        stop.cancel()


async def _suivant(morceaux: AsyncIterator[bytes]) -> bytes | None:
    return await anext(morceaux, None)
