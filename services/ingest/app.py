"""Wiring of the service ingest."""

from contextlib import AsyncExitStack

from services.ingest.api import router
from services.ingest.bulletins.api import router as bulletins
from services.ingest.calendrier.api import router as calendrier
from services.ingest.calendrier.garde import garder
from services.ingest.calendrier.jobs import laisser_passer_le_temps
from services.ingest.clients.api import router as clients
from services.ingest.consumers import IngestProjection
from services.ingest.jobs import faire_avancer, preparer
from services.ingest.referentiels.api import router as referentiels
from services.ingest.rejets_api import router as rejets
from services.ingest.retour.api import router as retour
from services.ingest.retour.jobs import mesurer
from services.ingest.scolarite.api import router as scolarite
from services.ingest.scolarite.api_remontee import router as remontee
from services.ingest.scolarite.api_taches import router as taches
from services.ingest.scolarite.jobs import fusionner, oublier_les_cles
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
    routers=[
        router,
        bulletins,
        rejets,
        clients,
        televersements,
        retour,
        scolarite,
        taches,
        remontee,
        calendrier,
        referentiels,
    ],
    projection=IngestProjection,
    follows=lambda settings: "projection" in settings.travaux,
    publishes=True,
    jobs=[faire_avancer, perimer, mesurer, fusionner, oublier_les_cles, laisser_passer_le_temps],
    resources=_preparer,
    configure=garder,
)
