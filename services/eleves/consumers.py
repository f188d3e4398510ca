"""Topic batches → the reducer → one row per pupil, and an event when the situation changed."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes, reprise
from services.eleves.models import PROJECTION_TABLES
from shared.events.enveloppe import Evenement
from shared.events.topics import FAITS_ELEVE, IDENTITE
from shared.kafka.projection import Changement, ProjectionEleves
from shared.settings import Settings


class ElevesProjection(ProjectionEleves):
    topics = (IDENTITE, *FAITS_ELEVE)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._prefixe = settings.topic_prefix

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        quand = {c.eleve_id: c.recordedtime for c in changements}
        dits = await lignes.ecrire(tx, {c.eleve_id: c.apres for c in changements})
        return [dit.evenement(datetime.fromisoformat(quand[dit.eleve_id]), self._prefixe) for dit in dits]

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Carry the versions over; what a rebuild corrected goes out as the old version + 1."""
        maintenant = datetime.now(UTC)
        dits = await reprise.corriger(tx, ancienne, nouvelle)
        return [dit.evenement(maintenant, self._prefixe) for dit in dits]
