"""What goes on by itself: merges, also after a crash; old idempotency keys are forgotten."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.ingest.etape import lieu
from services.ingest.scolarite import fusion
from shared.http.idempotency import oublier
from shared.kafka.bulk import BusySourceError
from shared.service import Running

_log = structlog.get_logger()
_HEURE_S = 3_600


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


async def oublier_les_cles(running: Running) -> None:
    """Hourly: idempotency keys are not kept for ever."""
    while True:
        try:
            async with running.engine.begin() as tx:
                await oublier(tx, running.settings.idempotency_days)
        except (SQLAlchemyError, OSError) as erreur:
            _log.warning("idempotency keys not purged", error=type(erreur).__name__)
        await asyncio.sleep(_HEURE_S)
