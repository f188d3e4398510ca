"""Tables of the service ingest, by theme. Registre: written by imports and commands only."""

from services.ingest.models.base import PROJECTION_TABLES, REGISTRE_TABLES
from services.ingest.models.bulletins import Bulletin, ClasseNotee, Enseignants
from services.ingest.models.candidats import HorsPerimetre, Parking
from services.ingest.models.clients import ClientMachine, Televersement
from services.ingest.models.dispositifs import DispositifEleve, StatutBoursier
from services.ingest.models.identite import Alias
from services.ingest.models.imports import Import, ImportLigne, ImportRejet
from services.ingest.models.referentiels import (
    Calendrier,
    Correction,
    Echeance,
    Etablissement,
    Etape,
    Formation,
    Histoire,
    Mef,
    Referentiel,
    Suivi,
    Vie,
    VoeuEnAttente,
)
from services.ingest.models.retour import Candidat, NumeroDossier, Retour, RetourCompteur
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
from services.ingest.models.structures import FichierLycee, Nomenclature, Structure

__all__ = [
    "PROJECTION_TABLES",
    "REGISTRE_TABLES",
    "Alias",
    "Bulletin",
    "Calendrier",
    "Candidat",
    "ClasseNotee",
    "ClientMachine",
    "Correction",
    "DispositifEleve",
    "Echeance",
    "EleveConnu",
    "Enseignants",
    "Etablissement",
    "Etape",
    "FichierLycee",
    "Formation",
    "Fusion",
    "Histoire",
    "HorsPerimetre",
    "Import",
    "ImportLigne",
    "ImportRejet",
    "Mef",
    "Nomenclature",
    "NumeroDossier",
    "Parking",
    "Referentiel",
    "RemonteeLycee",
    "Retour",
    "RetourCompteur",
    "Scolarite",
    "ScolariteHistorique",
    "ScolariteLocale",
    "StatutBoursier",
    "Structure",
    "Suivi",
    "Tache",
    "Televersement",
    "Vie",
    "VivierInitial",
    "VoeuEnAttente",
]
