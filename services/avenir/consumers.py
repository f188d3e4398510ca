"""Topic batches → the reducer → one row per pupil; a fiche that moved because the vœux did is an event."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.avenir import store
from services.avenir.domain import avancer, cibles
from services.avenir.evenements import fiche_avancee
from services.avenir.models import PROJECTION_TABLES
from shared import reunions
from shared.events.enveloppe import Evenement
from shared.events.topics import DOSSIER, ELEVE, VOEU
from shared.kafka.projection import Changement, ProjectionEleves
from shared.settings import Settings


class AvenirProjection(ProjectionEleves):
    """Pupils without names: judging needs the vœux only."""

    topics = (ELEVE, DOSSIER, VOEU)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._prefixe = settings.topic_prefix

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        lues = await store.fiches(tx, {c.eleve_id: c.apres.session for c in changements})
        fiches = {
            c.eleve_id: avancer(lues[c.eleve_id].fiche, cibles(c.apres), lues[c.eleve_id].rendus)
            for c in changements
        }
        await store.ecrire(tx, changements, fiches)
        await reunions.noter(tx, {c.eleve_id: c.apres for c in changements if c.apres.fusionne})
        return [
            fiche_avancee(
                c.apres.session,
                c.eleve_id,
                fiches[c.eleve_id],
                time=datetime.fromisoformat(c.recordedtime),
                prefixe=self._prefixe,
            )
            for c in changements
            if fiches[c.eleve_id] != lues[c.eleve_id].fiche
        ]

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Carry the versions over; what a rebuild corrected goes out as the old version + 1."""
        maintenant = datetime.now(UTC)
        return [
            fiche_avancee(c.session, c.eleve_id, c.fiche, time=maintenant, prefixe=self._prefixe)
            for c in await store.reporter_versions(tx, ancienne, nouvelle)
        ]
