"""Wiring of the service exports."""

from services.exports.api import router
from services.exports.atelier import make_workbooks, ouvrir, purge
from services.exports.consumers import ExportsProjection
from services.exports.settings import ExportsSettings
from shared.service import Service

SERVICE = Service(
    name="exports",
    title="Pilotage: exports",
    settings=ExportsSettings,
    routers=[router],
    projection=ExportsProjection,
    publishes=True,
    jobs=[make_workbooks, purge],
    resources=ouvrir,
)
