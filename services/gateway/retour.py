"""The way back under ``/api/v1``: a feed that the platform follows from a cursor, and what it has not taken."""

from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from services.gateway import contrats as c
from services.gateway import contrats_machines as cm
from services.gateway.api import PREFIXE, PRIVE, REPONSES
from services.gateway.operations_machines import ApiGuichetMachines

NDJSON = "application/x-ndjson"
_ENTETES = ("Pilotage-Curseur", "Pilotage-Suite")
router = APIRouter(prefix=PREFIXE, responses=REPONSES, tags=["retour vers la plateforme"])


@router.get(
    "/sessions/{session}/retour",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Un objet par ligne, par curseur croissant. Pilotage-Curseur : le « apres » suivant ;"
            " Pilotage-Suite : ?1 s’il reste à lire",
            "content": {NDJSON: {"schema": cm.LigneRetour.model_json_schema()}},
        }
    },
)
async def suivre(
    guichet: ApiGuichetMachines, session: c.Session, page: Annotated[cm.PageRetour, Query()]
) -> StreamingResponse:
    """Bourses certified, Cordées and fiches transmitted, each in its latest state, after ``apres``."""
    async with AsyncExitStack() as stack:
        source = await guichet.retour(session, page, stack)
        a_fermer = stack.pop_all()
    entetes = {nom: source.headers[nom] for nom in _ENTETES}
    return StreamingResponse(
        source.aiter_bytes(),
        media_type=NDJSON,
        headers={**PRIVE, **entetes},
        background=BackgroundTask(a_fermer.aclose),
    )


@router.get("/sessions/{session}/retour/non-acquittes")
async def non_acquittes(
    guichet: ApiGuichetMachines, session: c.Session, page: Annotated[cm.PageNonAcquittes, Query()]
) -> cm.NonAcquittes:
    """What the platform has not taken, oldest first, and how many of each."""
    return await guichet.non_acquittes(session, page)


@router.get("/sessions/{session}/lycees/{uai}/retour")
async def du_lycee(guichet: ApiGuichetMachines, session: c.Session, uai: c.Uai) -> cm.RetourLycee:
    """Counts of one lycée, without any pupil."""
    return await guichet.retour_du_lycee(session, uai)
