"""Ingest's projection: several parts that share one consumer, each with its topics and its tables."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.calendrier.suivi import SuiviDesVoeux
from services.ingest.models import PROJECTION_TABLES
from services.ingest.retour.projection import RetourVersLaPlateforme
from shared.events.enveloppe import Evenement
from shared.events.topics import Topic
from shared.kafka.projection import Effets, Projection
from shared.kafka.records import Lu
from shared.settings import Settings

PARTIES: Sequence[Any] = (SuiviDesVoeux, RetourVersLaPlateforme)
"""A new part is an entry here; its tables are among ``models.PROJECTION_TABLES``."""


class IngestProjection:
    """The parts, each given the records of its own topics, in one transaction."""

    topics: tuple[Topic, ...] = tuple(dict.fromkeys(topic for partie in PARTIES for topic in partie.topics))
    tables: MetaData = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        self._parties: list[Projection] = [partie(settings) for partie in PARTIES]

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        effets = Effets()
        for partie in self._parties:
            siens = [lu for lu in lus if lu.topic in partie.topics]
            if siens:
                siens_effets = await partie.appliquer(tx, siens)
                effets.sorties += siens_effets.sorties
                effets.refus += siens_effets.refus
        return effets

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        trouvees = [await partie.differences(tx, ancienne, nouvelle) for partie in self._parties]
        return [evenement for siennes in trouvees for evenement in siennes]
