"""Internal HTTP of proposals: the SAIO's side by académie, the lycée's side by UAI."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.eleves.accompagnement.api import lieu_de
from services.eleves.accompagnement.appel import Appel
from services.eleves.accompagnement.presentation import vocabulaire
from services.eleves.accompagnement.propositions import commandes, eleves, presentation, store
from services.eleves.accompagnement.propositions.commandes import (
    AppelAcademie,
    PropositionNouvelle,
    Reponse,
)
from services.eleves.accompagnement.store import Lieu
from services.eleves.appel import PREFIXE, EleveId, Session, Uai, engine
from shared.db.engine import reading, writing
from shared.http.errors import introuvable
from shared.http.etag import IfMatch, poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Perimetre, Role

router = APIRouter(prefix=PREFIXE)
Code = Annotated[str, Path(pattern=r"^[0-9A-Z]{1,3}$")]


def _direction(appelant: Perimetre, session: int, uai: str) -> Lieu:
    """Proposals are the direction's business."""
    if not appelant.direction:
        raise introuvable()
    return lieu_de(appelant, session, uai)


def _saio(appelant: Perimetre, code: str) -> Perimetre:
    if appelant.role is not Role.SAIO or code not in appelant.academies:
        raise introuvable()
    return appelant


@router.get("/lycees/{uai}/propositions")
async def du_lycee(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    """Those to answer first, the most urgent before."""
    _direction(appelant, session, uai)
    async with reading(engine(request)) as connection:
        lignes = await store.du_lycee(connection, appelant, session, uai)
    return {"propositions": [presentation.pour_le_lycee(ligne) for ligne in lignes]}


@router.get("/lycees/{uai}/propositions/{proposition_id}")
async def une(
    request: Request, appelant: Appelant, session: Session, uai: Uai, proposition_id: EleveId
) -> dict[str, Any]:
    """A proposal and the pupils of its list today, to pick from."""
    lieu = _direction(appelant, session, uai)
    async with reading(engine(request)) as connection:
        siennes = await store.du_lycee(connection, appelant, session, uai)
        ligne = next((un for un in siennes if un["id"] == proposition_id), None)
        if ligne is None:
            raise introuvable()
        visees = await eleves.de_la_liste(connection, lieu, ligne["liste"], datetime.now(UTC))
    return {**presentation.pour_le_lycee(ligne), "vises": visees["eleves"], "total": visees["total"]}


@router.post("/lycees/{uai}/propositions/{proposition_id}/reponse")
async def repondre(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    proposition_id: EleveId,
    saisie: Reponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer or decline; accepting is starting an action with ``proposition_id``."""
    appel = Appel(lieu=_direction(appelant, session, uai), if_match=if_match)
    async with writing(engine(request)) as tx:
        dite = await commandes.repondre(tx, appel, proposition_id, saisie)
    poser(response, dite["version"])
    return dite


@router.get("/academies/{code}/propositions")
async def de_l_academie(request: Request, appelant: Appelant, session: Session, code: Code) -> dict[str, Any]:
    """What became of each proposal, in counts."""
    _saio(appelant, code)
    async with reading(engine(request)) as connection:
        lignes = await store.de_l_academie(connection, appelant, session, code)
    propositions = [presentation.pour_le_saio(ligne) for ligne in lignes]
    return {"propositions": propositions, "genres": vocabulaire()["genres"]}


@router.post("/academies/{code}/propositions", status_code=201)
async def proposer(
    request: Request,
    appelant: Appelant,
    session: Session,
    code: Code,
    *,
    saisie: PropositionNouvelle,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """``rapport``: of each lycée named, whether it was sent."""
    appel = AppelAcademie(perimetre=_saio(appelant, code), session=session, code=code, cle=cle)
    async with writing(engine(request)) as tx:
        return await commandes.proposer(tx, appel, saisie)


@router.post("/academies/{code}/propositions/{proposition_id}/retrait")
async def retirer(
    request: Request,
    appelant: Appelant,
    session: Session,
    code: Code,
    *,
    proposition_id: EleveId,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """409 when the lycée settled it."""
    appel = AppelAcademie(perimetre=_saio(appelant, code), session=session, code=code, if_match=if_match)
    async with writing(engine(request)) as tx:
        return await commandes.retirer(tx, appel, proposition_id)
