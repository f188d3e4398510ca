"""Internal HTTP of the service eleves: the dossier of one pupil, within the caller's scope."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from services.eleves import store
from services.eleves.appel import PREFIXE, EleveId, Session, engine
from services.eleves.complements import charger
from services.eleves.dossier import presenter_dossier
from services.eleves.lecture import Lecture
from shared.db.engine import reading
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)


@router.get("/eleves/{eleve_id}")
async def dossier(
    request: Request, appelant: Appelant, session: Session, eleve_id: EleveId
) -> dict[str, Any]:
    """``eleve_id`` of the answer is that of the survivor when the pupil turned out to be another."""
    async with reading(engine(request)) as connection:
        trouve = await store.dossier(connection, appelant, session, eleve_id)
        if trouve is None:
            raise introuvable()
        complements = await charger(connection, {trouve.eleve_id: session})
        lecture = Lecture(
            eleve_id=trouve.eleve_id,
            etat=trouve.etat,
            complements=complements[trouve.eleve_id],
            appelant=appelant,
            maintenant=datetime.now(UTC),
            chronologie=trouve.chronologie,
        )
        return await presenter_dossier(connection, lecture)
