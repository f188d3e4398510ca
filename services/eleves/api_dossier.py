"""Internal HTTP of the service eleves: the dossier of one pupil, within the caller's scope."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from services.eleves import store
from services.eleves.appel import PREFIXE, EleveId, Session, engine
from services.eleves.dossier import presenter_dossier
from services.eleves.lecture import Lecture
from shared.db.engine import reading
from shared.domaine.complements import AUCUN
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
        lecture = Lecture(
            eleve_id=eleve_id,
            etat=etat,
            complements=AUCUN,
            appelant=appelant,
            maintenant=datetime.now(UTC),
        )
        return await presenter_dossier(connection, lecture)
