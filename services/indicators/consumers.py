"""Topic batches → pupil before and after → deltas → sorted upserts of the finest cells."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators import store
from services.indicators.domain import deltas
from services.indicators.models import PROJECTION_TABLES
from shared.events.enveloppe import Evenement
from shared.events.topics import DOSSIER, ELEVE, VOEU
from shared.kafka.projection import Changement, ProjectionEleves
from shared.settings import Settings


class IndicatorsProjection(ProjectionEleves):
    topics = (ELEVE, DOSSIER, VOEU)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        del settings

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        await store.ecrire_etats(tx, changements)
        await store.ajouter(tx, deltas((c.avant, c.apres) for c in changements))
        return []
