"""Ingest's projection: several parts that share one consumer, each with its topics and its tables."""

from services.ingest.calendrier.suivi import SuiviDesVoeux
from services.ingest.models import PROJECTION_TABLES
from services.ingest.retour.projection import RetourVersLaPlateforme
from shared.kafka.projection import Composee


class IngestProjection(Composee):
    """A new part is an entry here; its tables are among ``models.PROJECTION_TABLES``."""

    parties = (SuiviDesVoeux, RetourVersLaPlateforme)
    tables = PROJECTION_TABLES
