"""Tables of the service ingest, by theme. Registre: written by imports and commands only."""

from services.ingest.models.base import PROJECTION_TABLES, REGISTRE_TABLES
from services.ingest.models.candidats import HorsPerimetre, Parking
from services.ingest.models.identite import Alias
from services.ingest.models.imports import Import, ImportLigne, ImportRejet
from services.ingest.models.scolarite import (
    EleveConnu,
    Fusion,
    RemonteeLycee,
    Scolarite,
    ScolariteHistorique,
    ScolariteLocale,
    Tache,
    VivierInitial,
)

__all__ = [
    "PROJECTION_TABLES",
    "REGISTRE_TABLES",
    "Alias",
    "EleveConnu",
    "Fusion",
    "HorsPerimetre",
    "Import",
    "ImportLigne",
    "ImportRejet",
    "Parking",
    "RemonteeLycee",
    "Scolarite",
    "ScolariteHistorique",
    "ScolariteLocale",
    "Tache",
    "VivierInitial",
]
