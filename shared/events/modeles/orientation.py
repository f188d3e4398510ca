"""Contracts of the fiche de dialogue, as codes: what a pupil intends before he asks for anything."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.events.modeles.base import Code, ContratEleve
from shared.nomenclatures.familles import Famille


class Certitude(StrEnum):
    """How sure the pupil says that he is."""

    CERTAINE = "CERTAINE"
    PROBABLE = "PROBABLE"
    HESITANTE = "HESITANTE"


class Intention(BaseModel):
    """One intention, in codes only: what is written in words stays on the fiche. At least a famille or a domaine."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rang: Annotated[int, Field(ge=1, le=20)]
    famille: Famille | None = None
    domaine: Code | None = None
    certitude: Certitude | None = None


class IntentionsDeclarees(ContratEleve):
    """The intentions of one fiche de dialogue, all of them. None any more: the fiche was withdrawn.

    ``periode``: the trimestre or semestre of the fiche; each is a subject of its own.
    """

    periode: Annotated[int, Field(ge=1, le=3)]
    intentions: tuple[Intention, ...] = ()
