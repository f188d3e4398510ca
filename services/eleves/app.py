"""Wiring of the service eleves."""

from services.eleves import api_dossier, api_listes, api_noms, api_vues
from services.eleves.accompagnement.routes import ROUTERS as ACCOMPAGNEMENT
from services.eleves.bourses.api import router as bourses
from services.eleves.cordees.api import router as cordees
from services.eleves.etablissement.api import router as etablissement
from services.eleves.projection import Projection
from services.eleves.reunions.api import router as reunions
from services.eleves.reunions.suivi import suivre_les_reunions
from services.eleves.settings import ElevesSettings
from shared.jobs import forget_old_keys
from shared.service import Service

SERVICE = Service(
    name="eleves",
    title="Pilotage: élèves",
    settings=ElevesSettings,
    routers=[
        api_listes.router,
        api_vues.router,
        api_dossier.router,
        api_noms.router,
        etablissement,
        bourses,
        cordees,
        reunions,
        *ACCOMPAGNEMENT,
    ],
    projection=Projection,
    publishes=True,
    jobs=[forget_old_keys, suivre_les_reunions],
)
