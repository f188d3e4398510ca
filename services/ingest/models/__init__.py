"""Tables of the service ingest, by theme. Registre: written by imports and commands only."""

from services.ingest.models.base import PROJECTION_TABLES, REGISTRE_TABLES
from services.ingest.models.candidats import HorsPerimetre, Parking
from services.ingest.models.identite import Alias
from services.ingest.models.imports import Import
from services.ingest.models.scolarite import EleveConnu, Scolarite

__all__ = [
    "PROJECTION_TABLES",
    "REGISTRE_TABLES",
    "Alias",
    "EleveConnu",
    "HorsPerimetre",
    "Import",
    "Parking",
    "Scolarite",
]
