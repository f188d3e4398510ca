"""Topic batches → the reducer → one row per pupil, ready to be printed."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.exports import store
from services.exports.models import PROJECTION_TABLES
from shared.events.enveloppe import Evenement
from shared.events.topics import BOURSE, BULLETIN, CORDEES, FAITS_ELEVE, FICHE, IDENTITE, SUIVI
from shared.kafka.projection import Changement, ProjectionEleves
from shared.settings import Settings


class ExportsProjection(ProjectionEleves):
    topics = (IDENTITE, *FAITS_ELEVE, BULLETIN, FICHE, BOURSE, CORDEES, SUIVI)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        del settings

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        await store.ecrire(tx, changements)
        return []
