"""Bodies of the commands on actions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.eleves.accompagnement.domain import MAXIMUM, Etat, Fonction, Genre, Issue

Ligne = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Libre = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$"
    ),
]
Court = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")
]
Eleves = Annotated[tuple[UUID, ...], Field(max_length=MAXIMUM)]


class Saisie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaisieAction(Saisie):
    """``assigne``: a person's name; without one, whoever has the fonction."""

    titre: Ligne
    genre: Genre
    consigne: Libre | None = None
    fonction: Fonction
    assigne: Ligne | None = None
    echeance: date


class ActionNouvelle(SaisieAction):
    """``proposition_id``: the SAIO's proposal that it accepts."""

    eleves: Eleves = Field(min_length=1)
    proposition_id: UUID | None = None


class Apercu(Saisie):
    """Who would be in an action, and who would not: nothing is written."""

    eleves: Eleves
    genre: Genre = Genre.ENTRETIEN


class ChangementEleves(Saisie):
    ajouter: Eleves = ()
    retirer: Eleves = ()


class IssueSaisie(Saisie):
    """``issue`` None takes it back."""

    eleve_id: UUID
    issue: Issue | None
    precision: Court | None = None


class Issues(Saisie):
    issues: Annotated[tuple[IssueSaisie, ...], Field(min_length=1, max_length=MAXIMUM)]


class Cloture(Saisie):
    """FAITE, or ABANDONNEE with a ``motif``. ``issues``: those not said yet."""

    etat: Annotated[Etat, Field(description="FAITE ou ABANDONNEE")]
    motif: Court | None = None
    issues: Annotated[tuple[IssueSaisie, ...], Field(max_length=MAXIMUM)] = ()


class Commentaire(Saisie):
    texte: Libre
