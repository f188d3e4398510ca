"""Wiring of the service indicators."""

from services.indicators.api import router
from services.indicators.consumers import IndicatorsProjection
from services.indicators.parution.tache import parution
from services.indicators.settings import IndicatorsSettings
from shared.service import Service

SERVICE = Service(
    name="indicators",
    title="Pilotage: indicateurs",
    settings=IndicatorsSettings,
    routers=[router],
    projection=IndicatorsProjection,
    publishes=True,
    jobs=[parution],
)
