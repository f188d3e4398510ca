"""Wiring of the service ingest."""

from services.ingest.api import router
from services.ingest.clients.api import router as clients
from services.ingest.jobs import faire_avancer, preparer
from services.ingest.settings import IngestSettings
from shared.service import Service

SERVICE = Service(
    name="ingest",
    title="Pilotage: ingest",
    settings=IngestSettings,
    routers=[router, clients],
    publishes=True,
    jobs=[faire_avancer],
    resources=preparer,
)
