"""What the gateway reads from ingest about a session, its calendar and its référentiels."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.gateway.contrats import Lecture, Saisie


class EtatDemande(StrEnum):
    OUVERTE = "OUVERTE"
    GELEE = "GELEE"
    CLOSE = "CLOSE"
    ARCHIVEE = "ARCHIVEE"


class Fenetre(Lecture):
    """``position``: AVANT, PENDANT or APRES."""

    nom: str
    debut: datetime
    fin: datetime
    position: str


class Calendrier(Lecture):
    """Dates in Paris time; no step when it is not set."""

    session: int
    version: int
    etapes: dict[str, datetime]
    valeurs: dict[str, int] = Field(default_factory=dict)
    libelles: dict[str, str] = Field(default_factory=dict)
    phase: str | None = None
    fenetres: tuple[Fenetre, ...] = ()
    source: str | None = None


class SaisieCalendrier(Saisie):
    """The whole calendar. Dates without offset are Paris time. ``version``: the one it was made from."""

    etapes: dict[str, str]
    valeurs: dict[str, int] = Field(default_factory=dict)
    version: int | None = None
    motif: Annotated[str | None, Field(max_length=300)] = None


class CalendrierPose(Lecture):
    version: int
    modifiees: tuple[str, ...]


class EtapePassee(Lecture):
    cle: str
    version: int
    contenu: dict[str, Any]
    par: str
    motif: str | None = None
    le: datetime


class HistoireCalendrier(Lecture):
    etapes: tuple[EtapePassee, ...]


class Vie(Lecture):
    """``histoire``: for the operator only."""

    session: int
    etat: str
    version: int
    motif: str | None = None
    depuis: datetime | None = None
    histoire: tuple[EtapePassee, ...] | None = None


class SaisieVie(Saisie):
    etat: EtatDemande
    motif: Annotated[str | None, Field(max_length=300)] = None


class ReferentielConnu(Lecture):
    objet: str
    version: int
    lignes: int


class Correction(Lecture):
    """Vœux of corrected formations, published again."""

    id: UUID
    formations: int
    reemis: int
    faite: bool
    creee_le: datetime


class FormationAttendue(Lecture):
    """A formation that vœux wait for."""

    formation_id: str
    faits: int
    depuis: datetime


class Referentiels(Lecture):
    referentiels: tuple[ReferentielConnu, ...]
    corrections: tuple[Correction, ...]
    attendues: tuple[FormationAttendue, ...]


class VersionFormation(Lecture):
    version: int
    contenu: dict[str, Any]
    par: str
    le: datetime


class HistoireFormation(Lecture):
    formation_id: str
    versions: tuple[VersionFormation, ...]
