"""Wiring of the service ingest."""

from contextlib import AsyncExitStack

from services.ingest.api import router
from services.ingest.clients.api import router as clients
from services.ingest.jobs import faire_avancer, preparer
from services.ingest.settings import IngestSettings
from services.ingest.televersements.api import router as televersements
from services.ingest.televersements.jobs import perimer
from services.ingest.televersements.jobs import preparer as preparer_envois
from shared.service import Running, Service


async def _preparer(running: Running, stack: AsyncExitStack) -> None:
    await preparer(running, stack)
    await preparer_envois(running, stack)


SERVICE = Service(
    name="ingest",
    title="Pilotage: ingest",
    settings=IngestSettings,
    routers=[router, clients, televersements],
    publishes=True,
    jobs=[faire_avancer, perimer],
    resources=_preparer,
)
