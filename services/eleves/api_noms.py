"""Internal HTTP of the service eleves: names of pupils whose ids another service gave, within the caller's scope."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from services.eleves.appel import PREFIXE, IdCite, Session, Uai, engine
from shared.db.engine import reading
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)
_NOMS = text(
    """
    SELECT eleve_id::text, nom, prenom, classe FROM eleve
     WHERE session = :session AND uai = :uai AND eleve_id = ANY(CAST(:ids AS uuid[])) AND nom IS NOT NULL
       AND (CAST(:classes AS text[]) IS NULL OR uai || '/' || classe = ANY(CAST(:classes AS text[])))
    """
)


class Demande(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[tuple[IdCite, ...], Field(max_length=2_000)]


@router.post("/lycees/{uai}/noms")
async def noms(
    request: Request, appelant: Appelant, session: Session, uai: Uai, demande: Demande
) -> dict[str, Any]:
    """Those who are followed in the lycée; the others are left out."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    classes = None if appelant.classes is None else list(appelant.classes)
    valeurs = {"session": session, "uai": uai, "ids": list(demande.ids), "classes": classes}
    async with reading(engine(request)) as tx:
        lus = (await tx.execute(_NOMS, valeurs)).mappings().all()
    return {"eleves": [dict(lu) for lu in lus]}
