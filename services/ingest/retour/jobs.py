"""How long the platform has been owing an acknowledgement, as a metric."""

import asyncio

import structlog
from sqlalchemy.exc import DBAPIError

from services.ingest.retour import store
from shared.db.engine import reading
from shared.events.modeles import ObjetAccuse
from shared.observe import metrics
from shared.service import Running

_log = structlog.get_logger()
_TOUR_S = 30.0


async def mesurer(running: Running) -> None:
    """Every half minute, what is not acknowledged: how many and how old."""
    while True:
        try:
            async with reading(running.engine) as tx:
                resume = {r["objet"]: r for r in await store.resume(tx, running.settings.session)}
            for objet in ObjetAccuse:
                ligne = resume.get(objet.value, {})
                metrics.RETOUR_AGE.labels(objet.value).set(ligne.get("age_s") or 0)
                for etat in ("en_attente", "refuses"):
                    metrics.RETOUR.labels(objet.value, etat).set(ligne.get(etat, 0))
        except (DBAPIError, OSError, TimeoutError) as erreur:
            _log.warning("way back not measured", error=type(erreur).__name__)
        await asyncio.sleep(_TOUR_S)
