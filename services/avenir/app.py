"""Wiring of the service avenir."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.avenir.api import router
from services.avenir.consumers import AvenirProjection
from services.avenir.settings import AvenirSettings
from shared.http.idempotency import oublier
from shared.service import Running, Service

_log = structlog.get_logger()
_HOUR_S = 3_600


async def forget_old_keys(running: Running) -> None:
    """Hourly: idempotency keys are not kept for ever."""
    while True:
        try:
            async with running.engine.begin() as tx:
                await oublier(tx, running.settings.idempotency_days)
        except (SQLAlchemyError, OSError) as erreur:
            _log.warning("idempotency keys not purged", error=type(erreur).__name__)
        await asyncio.sleep(_HOUR_S)


SERVICE = Service(
    name="avenir",
    title="Pilotage: fiche Avenir",
    settings=AvenirSettings,
    routers=[router],
    projection=AvenirProjection,
    publishes=True,
    jobs=[forget_old_keys],
)
