"""What the running service does by itself as time passes."""

import asyncio
from datetime import UTC, datetime

import structlog

from services.ingest.calendrier.temps import SessionGeleeError, Temps
from services.ingest.etape import lieu
from shared.kafka.bulk import BusySourceError
from shared.service import Running

_log = structlog.get_logger()


async def laisser_passer_le_temps(running: Running) -> None:
    """Turn after turn; another replica may be doing it."""
    temps = Temps(running.settings, running.engine)
    while True:
        try:
            faits = await temps.tourner(datetime.now(UTC))
            if faits:
                _log.info("time passed", **faits)
            running.health.green("temps")
        except (BusySourceError, SessionGeleeError):
            running.health.green("temps")
        except Exception as erreur:  # noqa: BLE001 - whatever it is, the service says so and tries again
            running.health.red("temps", "deadlines are not being published; they are tried again")
            _log.warning("time interrupted", error=type(erreur).__name__, at=lieu(erreur))
        await asyncio.sleep(running.settings.echeances_s)
