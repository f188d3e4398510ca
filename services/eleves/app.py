"""Wiring of the service eleves."""

from services.eleves.api import router
from services.eleves.consumers import ElevesProjection
from services.eleves.settings import ElevesSettings
from shared.service import Service

SERVICE = Service(
    name="eleves",
    title="Pilotage: élèves",
    settings=ElevesSettings,
    routers=[router],
    projection=ElevesProjection,
    publishes=True,
)
