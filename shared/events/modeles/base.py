"""What every contract shares: primitive types, session, pupil and version."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Texte = Annotated[str, Field(max_length=300)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:\-]+$")]
CleVoeu = Annotated[str, Field(max_length=81, pattern=r"^[A-Za-z0-9_.:\-]{1,40}(/[A-Za-z0-9_.:\-]{1,40})?$")]
Uai = Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")]
Entier = Annotated[int, Field(ge=0, le=2_147_483_647)]
Version = Annotated[int, Field(ge=0, le=9_223_372_036_854_775_807)]
Millesime = Annotated[int, Field(ge=2018, le=2100)]


class Contrat(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    session: Millesime


class ContratEleve(Contrat):
    """Common to every subject of one pupil. ``version`` orders the states of that subject."""

    eleve_id: UUID
    version: Version
