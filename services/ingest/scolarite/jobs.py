"""Merges go on by themselves, also after a crash."""

import asyncio

import structlog

from services.ingest.imports import lieu
from services.ingest.scolarite import fusion
from shared.kafka.bulk import BusySourceError
from shared.service import Running

_log = structlog.get_logger()


async def fusionner(running: Running) -> None:
    """One look now and then; a merge waits for the imports that began before it."""
    while True:
        try:
            await fusion.avancer(running.settings, running.engine)
            running.health.green("fusions")
        except BusySourceError:
            pass
        except Exception as erreur:  # noqa: BLE001 - whatever it is, the service says so and tries again
            running.health.red("fusions", "merges of pupils are interrupted; they are tried again")
            _log.warning("merge interrupted", error=type(erreur).__name__, at=lieu(erreur))
        await asyncio.sleep(running.settings.poll_s)
