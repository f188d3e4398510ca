"""Internal HTTP of what was typed twice for a pupil who was two."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.eleves.appel import PREFIXE, IdCite, Session, Uai, engine
from services.eleves.reunions import lecture
from shared.db.engine import reading, writing
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}/reunions")


class Regle(BaseModel):
    """Which of them was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origine: IdCite
    objet: Literal["BOURSE", "CORDEES", "ACTION"]
    cle: Annotated[str, Field(max_length=40)] = ""


@router.get("")
async def lister(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    async with reading(engine(request)) as tx:
        return await lecture.du_lycee(tx, appelant, session, uai)


@router.post("/reglement")
async def regler(
    request: Request, appelant: Appelant, session: Session, uai: Uai, *, regle: Regle
) -> dict[str, Any]:
    """Both were compared; what stands stands. Deciding otherwise is done where one always does."""
    async with writing(engine(request)) as tx:
        return await lecture.regler(tx, appelant, session, uai, regle.model_dump())
