"""Two dossiers of one pupil: what was typed in both, and taking their merge back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.gateway.contrats import Lecture, Saisie
from services.gateway.contrats_scolarite import Texte

Objet = Literal["BOURSE", "CORDEES", "ACTION"]


class DoubleSaisie(Lecture):
    """What another dossier of the pupil said, beside what stands; ``phrase``: in French."""

    eleve_id: UUID
    nom: str | None = None
    prenom: str | None = None
    classe: str | None = None
    origine: UUID
    objet: Objet
    cle: str
    phrase: str
    auteur: str | None = None
    saisi_le: datetime | None = None
    depuis: datetime


class DoublesSaisies(Lecture):
    conflits: tuple[DoubleSaisie, ...]


class Regle(Saisie):
    """Which one was looked at: what stands stands."""

    origine: UUID
    objet: Objet
    cle: Annotated[str, Field(max_length=40)] = ""


class AnnulationFaite(Lecture):
    """``perdant``, ``survivant``: the new ids of both."""

    par: str
    motif: str
    le: datetime
    perdant: UUID
    survivant: UUID


class DossiersReunis(Lecture):
    """A merge: ``perdant`` turned out to be ``survivant``."""

    perdant: UUID
    survivant: UUID
    etat: str
    auteur: str
    demandee_le: datetime
    jusqu_au: datetime
    annulable: bool
    annulation: AnnulationFaite | None = None


class Reunions(Lecture):
    fusions: tuple[DossiersReunis, ...]


class Separation(Saisie):
    """``confirme``: who asks was told that each pupil gets a dossier of his own again."""

    motif: Texte
    confirme: bool = False
