"""Resumable uploads under ``/api/v1``: the shape of draft-ietf-httpbis-resumable-upload.

A file is announced (size, SHA-256), sent in as many pieces as it takes, and becomes an import when
it is whole. ``Upload-Offset`` counts bytes that are on disk for good: whatever died, go on there.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from services.gateway import contrats as c
from services.gateway import contrats_machines as cm
from services.gateway.api import PREFIXE, PRIVE, REPONSES
from services.gateway.operations_machines import ApiGuichetMachines
from shared.http.errors import Refus

MORCEAU = "application/partial-upload"
_GENRES = frozenset({MORCEAU, "application/offset+octet-stream", "application/octet-stream"})
_BASE = f"{PREFIXE}/sessions"
router = APIRouter(prefix=PREFIXE, responses=REPONSES, tags=["téléversements"])


@router.post(
    "/sessions/{session}/televersements",
    status_code=201,
    response_model=cm.Televersement,
    responses={200: {"model": cm.Televersement, "description": "Le même envoi, déjà ouvert : à reprendre"}},
)
async def annoncer(
    guichet: ApiGuichetMachines, session: c.Session, saisie: cm.SaisieTeleversement
) -> Response:
    """Announce a file. Announced again by the same caller, the same upload is given back with its offset."""
    envoi, deja = await guichet.annoncer(session, saisie)
    maximum = guichet.moyens.settings.resumable_max_bytes
    entetes = {
        **_entetes(envoi),
        "Location": f"{_BASE}/{session}/televersements/{envoi.id}",
        "Upload-Limit": f"max-append-size={maximum}",
    }
    return JSONResponse(envoi.model_dump(mode="json"), status_code=200 if deja else 201, headers=entetes)


@router.head("/sessions/{session}/televersements/{televersement_id}", status_code=204)
async def demander_offset(
    guichet: ApiGuichetMachines, session: c.Session, televersement_id: UUID
) -> Response:
    """``Upload-Offset``: where to go on."""
    envoi = await guichet.televersement(session, televersement_id)
    return Response(status_code=204, headers=_entetes(envoi))


@router.get("/sessions/{session}/televersements/{televersement_id}")
async def montrer(
    guichet: ApiGuichetMachines, session: c.Session, televersement_id: UUID
) -> cm.Televersement:
    return await guichet.televersement(session, televersement_id)


@router.patch(
    "/sessions/{session}/televersements/{televersement_id}",
    status_code=204,
    responses={
        202: {"model": c.DepotRecu, "description": "Le fichier est entier : voici son import"},
        408: {"description": "L’envoi s’est tu trop longtemps : demander l’offset, reprendre"},
        409: {"description": "Ce n’est pas l’offset attendu, ou l’envoi est repris par ailleurs"},
        410: {"description": "L’envoi est clos, expiré ou annulé"},
        422: {"description": "Le fichier reçu n’a pas le sha256 annoncé"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {MORCEAU: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def envoyer(
    request: Request,
    guichet: ApiGuichetMachines,
    session: c.Session,
    televersement_id: UUID,
    *,
    upload_offset: Annotated[int, Header(ge=0)],
    content_type: Annotated[str, Header(include_in_schema=False)] = MORCEAU,
) -> Response:
    """Bytes from ``Upload-Offset`` on: one piece, or all that is left."""
    if content_type.partition(";")[0].strip().lower() not in _GENRES:
        raise Refus(415, "type_refuse", f"Un morceau de fichier s’envoie en {MORCEAU}.")
    envoi = await guichet.envoyer(session, televersement_id, upload_offset, request.stream().__aiter__())
    if envoi.import_id is None:
        return Response(status_code=204, headers=_entetes(envoi))
    corps = c.DepotRecu(import_id=envoi.import_id, etat="DEPOSE").model_dump(mode="json")
    adresse = f"{_BASE}/{session}/imports/{envoi.import_id}"
    return JSONResponse(corps, status_code=202, headers={**_entetes(envoi), "Location": adresse})


@router.delete("/sessions/{session}/televersements/{televersement_id}", status_code=204)
async def annuler(guichet: ApiGuichetMachines, session: c.Session, televersement_id: UUID) -> Response:
    """Forget an upload that is not whole."""
    await guichet.annuler_envoi(session, televersement_id)
    return Response(status_code=204)


def _entetes(envoi: cm.Televersement) -> dict[str, str]:
    return {
        **PRIVE,
        "Upload-Offset": str(envoi.offset),
        "Upload-Length": str(envoi.octets),
        "Upload-Complete": "?1" if envoi.import_id else "?0",
    }
