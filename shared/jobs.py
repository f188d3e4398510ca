"""Background jobs that several services run."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared.http.idempotency import oublier
from shared.service import Running

_log = structlog.get_logger()
_HOUR_S = 3_600


async def forget_old_keys(running: Running) -> None:
    """Hourly: idempotency keys are not kept for ever. The service's settings have ``idempotency_days``."""
    while True:
        try:
            async with running.engine.begin() as tx:
                await oublier(tx, running.settings.idempotency_days)
        except (SQLAlchemyError, OSError) as erreur:
            _log.warning("idempotency keys not purged", error=type(erreur).__name__)
        await asyncio.sleep(_HOUR_S)
