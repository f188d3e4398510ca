"""Internal HTTP of the service eleves: the dossier of one pupil, within the caller's scope."""

from typing import Any

from fastapi import APIRouter, Request

from services.eleves import store
from services.eleves.appel import PREFIXE, EleveId, Session, engine
from services.eleves.presentation import presenter_dossier
from shared.db.engine import reading
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)


@router.get("/eleves/{eleve_id}")
async def dossier(
    request: Request, appelant: Appelant, session: Session, eleve_id: EleveId
) -> dict[str, Any]:
    async with reading(engine(request)) as connection:
        etat = await store.dossier(connection, appelant, session, eleve_id)
    if etat is None:
        raise introuvable()
    return presenter_dossier(eleve_id, etat)
