"""What is read and answered about machines: tokens, credentials."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from services.gateway.contrats import Lecture, Saisie

ClientId = Annotated[str, Path(pattern=r"^logiciel-[0-9a-f]{16}$", description="Identifiant de l’accès")]
JOURS_MAX = 400
UN_AN = 365


class JetonRendu(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of the RFC
    expires_in: int
    scope: str


class ErreurJeton(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


class SaisieLogiciel(Saisie):
    """``nom``: how the lycée calls the software."""

    nom: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
    jours: Annotated[int, Field(ge=1, le=JOURS_MAX, description="durée de validité")] = UN_AN


class Logiciel(Lecture):
    """A credential of a lycée, without its secret."""

    client_id: str
    nom: str
    uai: str
    cree_par: str
    cree_le: datetime
    expire_le: datetime
    revoque_le: datetime | None = None
    utilise_le: datetime | None = None


class Logiciels(Lecture):
    logiciels: tuple[Logiciel, ...]


class LogicielCree(Logiciel):
    client_secret: Annotated[str, Field(description="montré cette seule fois")]
