"""Internal HTTP of the service eleves: the views that a person saved."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from services.eleves import vues
from services.eleves.appel import PREFIXE, EleveId, Session, Uai, engine
from shared.db.engine import reading, writing
from shared.http.errors import introuvable
from shared.http.etag import IfMatch, poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Perimetre

router = APIRouter(prefix=PREFIXE)


def _qui(appelant: Perimetre, session: int, uai: str) -> vues.Proprietaire:
    if not appelant.voit_lycee(uai):
        raise introuvable()
    return vues.Proprietaire(session, uai, appelant.acteur)


@router.get("/lycees/{uai}/vues")
async def lister(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    qui = _qui(appelant, session, uai)
    async with reading(engine(request)) as connection:
        return {"vues": await vues.lister(connection, qui), "maximum": vues.MAXIMUM}


@router.post("/lycees/{uai}/vues", status_code=201)
async def creer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    saisie: vues.SaisieVue,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """409 ``nom_pris``, ``trop_de_vues``."""
    qui = _qui(appelant, session, uai)
    async with writing(engine(request)) as tx:
        vue = await vues.creer(tx, qui, saisie, le=datetime.now(UTC), cle=cle)
    poser(response, vue["version"])
    return vue


@router.put("/lycees/{uai}/vues/{vue_id}")
async def changer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    vue_id: EleveId,
    saisie: vues.SaisieVue,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """412 with ``actuel`` and ``propose`` when it changed meanwhile."""
    qui = _qui(appelant, session, uai)
    async with writing(engine(request)) as tx:
        vue = await vues.changer(tx, qui, vue_id, saisie, le=datetime.now(UTC), if_match=if_match)
    poser(response, vue["version"])
    return vue


@router.delete("/lycees/{uai}/vues/{vue_id}", status_code=204)
async def supprimer(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    vue_id: EleveId,
    if_match: IfMatch = None,
) -> None:
    qui = _qui(appelant, session, uai)
    async with writing(engine(request)) as tx:
        await vues.supprimer(tx, qui, vue_id, if_match=if_match)
