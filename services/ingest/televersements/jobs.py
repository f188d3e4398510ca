"""Uploads that nobody goes on with are forgotten."""

import asyncio
from contextlib import AsyncExitStack

import structlog
from sqlalchemy.exc import DBAPIError

from services.ingest.televersements.service import Televersements
from shared.service import Running

_log = structlog.get_logger()
_TOUR_S = 300.0


async def preparer(running: Running, stack: AsyncExitStack) -> None:
    """After the imports, on which the uploads stand."""
    del stack
    running.resources["televersements"] = Televersements(running.resources["imports"])


async def perimer(running: Running) -> None:
    """Close and erase, every few minutes, what has waited too long."""
    envois: Televersements = running.resources["televersements"]
    while True:
        try:
            if combien := await envois.perimer():
                _log.info("uploads expired", uploads=combien)
        except (DBAPIError, OSError, TimeoutError) as erreur:
            _log.warning("uploads not tidied", error=type(erreur).__name__)
        await asyncio.sleep(_TOUR_S)
