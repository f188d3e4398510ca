"""Topic batches → the reducer → one row per pupil, and an event when the situation changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import store
from services.eleves.domain import Situation, situation
from services.eleves.models import PROJECTION_TABLES
from shared.events.enveloppe import Evenement, evenement
from shared.events.modeles import StatutModifie
from shared.events.topics import FAITS_ELEVE, IDENTITE, STATUT
from shared.kafka.projection import Changement, ProjectionEleves
from shared.settings import Settings


class ElevesProjection(ProjectionEleves):
    topics = (IDENTITE, *FAITS_ELEVE)
    tables = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._prefixe = settings.topic_prefix

    async def ecrire(self, tx: AsyncConnection, changements: list[Changement]) -> list[Evenement]:
        nouvelles = {
            c.eleve_id: apres
            for c in changements
            if (apres := situation(c.apres)) is not None and apres != situation(c.avant)
        }
        versions = await store.ecrire(tx, changements, frozenset(nouvelles))
        return [
            self._evenement(
                c.eleve_id, c.apres.session, nouvelles[c.eleve_id], versions[c.eleve_id], c.recordedtime
            )
            for c in changements
            if c.eleve_id in nouvelles
        ]

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Carry the versions over; what a rebuild corrected goes out as the old version + 1."""
        return [
            self._evenement(ligne.eleve_id, ligne.session, ligne.situation, ligne.version, "")
            for ligne in await store.reporter_versions(tx, ancienne, nouvelle)
        ]

    def _evenement(
        self, eleve_id: str, session: int, dite: Situation, version: int, recordedtime: str
    ) -> Evenement:
        donnees = StatutModifie(
            session=session,
            eleve_id=UUID(eleve_id),
            version=version,
            statut=dite.statut,
            voeux=dite.voeux,
            voeux_confirmes=dite.voeux_confirmes,
            propositions=dite.propositions,
        )
        time = datetime.fromisoformat(recordedtime) if recordedtime else datetime.now().astimezone()
        return evenement(STATUT, donnees, cle=eleve_id, version=version, time=time, prefixe=self._prefixe)
