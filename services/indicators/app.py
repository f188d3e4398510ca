"""Wiring of the service indicators."""

from services.indicators import api, api_agregats
from services.indicators.api_outils import suivre
from services.indicators.consumers import IndicatorsProjection
from services.indicators.parution.tache import parution
from services.indicators.settings import IndicatorsSettings
from shared.service import Service

SERVICE = Service(
    name="indicators",
    title="Pilotage: indicateurs",
    settings=IndicatorsSettings,
    routers=[api.router, api_agregats.router],
    projection=IndicatorsProjection,
    publishes=True,
    jobs=[parution, suivre],
)
