"""Wiring of the service avenir."""

from services.avenir.api import router
from services.avenir.consumers import AvenirProjection
from services.avenir.reunions import suivre_les_reunions
from services.avenir.settings import AvenirSettings
from shared.jobs import forget_old_keys
from shared.service import Service

SERVICE = Service(
    name="avenir",
    title="Pilotage: fiche Avenir",
    settings=AvenirSettings,
    routers=[router],
    projection=AvenirProjection,
    publishes=True,
    jobs=[forget_old_keys, suivre_les_reunions],
)
