"""What every theme of the dossier is given to tell its part, and what a line of the timeline is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.complements import Complements
from shared.domaine.etat import EtatEleve
from shared.http.perimetre import Perimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class Lecture:
    """One dossier being read, of a pupil of the caller's. ``chronologie``: the column, as stored."""

    eleve_id: str
    etat: EtatEleve
    complements: Complements
    appelant: Perimetre
    maintenant: datetime
    chronologie: bytes | None = None

    @property
    def session(self) -> int:
        return self.etat.session


class Genre(StrEnum):
    """What a line of the timeline is about: its filter on the page."""

    SCOLARITE = "scolarite"
    INSCRIPTION = "inscription"
    VOEUX = "voeux"
    ADMISSION = "admission"
    BULLETINS = "bulletins"
    FICHE = "fiche"
    BOURSE = "bourse"
    CORDEES = "cordees"
    ACCOMPAGNEMENT = "accompagnement"


class Origine(StrEnum):
    """Who says it."""

    SIECLE = "siecle"
    PLATEFORME = "plateforme"
    LYCEE = "lycee"
    CALENDRIER = "calendrier"
    ELEVE = "eleve"
    PILOTAGE = "pilotage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A line of the timeline. ``survenu``: when it happened; ``enregistre``: when we knew.

    ``phrase``: plain French, without the pupil's name. ``auteur``: who typed it, when somebody did.
    ``rang``: between those of the same instant.
    """

    survenu: datetime
    enregistre: datetime
    genre: Genre
    origine: Origine
    phrase: str
    auteur: str | None = None
    rang: tuple[int, int] = (0, 0)


Partie = Callable[[AsyncConnection, Lecture], Awaitable[dict[str, Any]]]
"""A theme's part of the dossier: the fields that it adds to the JSON."""
Saisies = Callable[[AsyncConnection, Lecture], Awaitable[list[Moment]]]
"""What people typed on a theme, for the timeline, as far as the caller may see it."""
