"""The JSON API of bourses, of the delegation to decide on them, and of the Cordées."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.gateway import contrats_bourses as cb
from services.gateway.api import PREFIXE, Cle, IfMatch
from services.gateway.api import router as api
from services.gateway.contrats import Session, Uai
from services.gateway.demandes import Ecriture
from services.gateway.operations_bourses import ApiBourses
from shared.http.etag import poser

router = APIRouter(prefix=PREFIXE + "/sessions/{session}/lycees/{uai}", responses=api.responses)
_BOURSES, _CORDEES = "bourses", "Cordées"


@router.get("/bourses", tags=[_BOURSES])
async def lister(guichet: ApiBourses, session: Session, uai: Uai) -> cb.Bourses:
    """Every pupil of whom something is said, the oldest signals first."""
    return await guichet.bourses(session, uai)


@router.post("/bourses/{acte}", tags=[_BOURSES])
async def decider_plusieurs(
    guichet: ApiBourses,
    session: Session,
    uai: Uai,
    acte: Literal["certifications", "refus", "annulations"],
    *,
    lot: cb.LotBourses,
    cle: Cle = None,
) -> cb.RapportBourses:
    """A report per pupil. 409 outside the window, or for an adjoint without the delegation."""
    return await guichet.decider(session, uai, acte, lot, Ecriture(idempotence=cle))


@router.get("/bourses/{eleve_id}", tags=[_BOURSES])
async def lire(
    guichet: ApiBourses, response: Response, session: Session, uai: Uai, eleve_id: UUID
) -> cb.BourseDetaillee:
    """SIECLE, the pupil, the chef, the platform. ``ETag``: what ``If-Match`` expects."""
    bourse = await guichet.bourse(session, uai, eleve_id)
    poser(response, bourse.version)
    return bourse


@router.put("/bourses/{eleve_id}", tags=[_BOURSES])
async def decider(
    guichet: ApiBourses,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    saisie: cb.DecisionSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> cb.Bourse:
    """412: another decided meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    bourse = await guichet.decider_un(session, uai, eleve_id, saisie, ecriture)
    poser(response, bourse.version)
    return bourse


@router.post("/bourses/{eleve_id}/annulation", tags=[_BOURSES])
async def annuler(
    guichet: ApiBourses,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    saisie: cb.AnnulationSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> cb.Bourse:
    """Until the deadline; ``accuse`` says what the platform had taken, which it is told is undone."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    bourse = await guichet.annuler(session, uai, eleve_id, saisie, ecriture)
    poser(response, bourse.version)
    return bourse


@router.get("/delegations", tags=[_BOURSES])
async def delegations(guichet: ApiBourses, session: Session, uai: Uai) -> cb.Delegations:
    """Adjoints who may decide on bourses, and who could."""
    return await guichet.delegations(session, uai)


@router.post("/delegations", status_code=201, tags=[_BOURSES])
async def deleguer(
    guichet: ApiBourses, session: Session, uai: Uai, *, saisie: cb.DelegationSaisie, cle: Cle = None
) -> cb.Delegation:
    return await guichet.deleguer(session, uai, saisie, Ecriture(idempotence=cle))


@router.post("/delegations/{delegation_id}/retrait", tags=[_BOURSES])
async def retirer_delegation(
    guichet: ApiBourses, session: Session, uai: Uai, delegation_id: UUID
) -> cb.Delegation:
    return await guichet.retirer_delegation(session, uai, delegation_id)


@router.get("/cordees", tags=[_CORDEES])
async def cordees(
    guichet: ApiBourses,
    session: Session,
    uai: Uai,
    classe: Annotated[str | None, Query(max_length=80, description="Tous les élèves d’une classe")] = None,
) -> cb.CordeesDuLycee:
    """Pupils of whom a source speaks, or a whole classe; both sources side by side."""
    return await guichet.cordees(session, uai, classe)


@router.post("/cordees/saisies", tags=[_CORDEES])
async def saisir_plusieurs(
    guichet: ApiBourses, session: Session, uai: Uai, *, lot: cb.LotCordees, cle: Cle = None
) -> cb.RapportCordees:
    return await guichet.saisir(session, uai, lot, Ecriture(idempotence=cle))


@router.post("/cordees/retraits", tags=[_CORDEES])
async def retirer_plusieurs(
    guichet: ApiBourses, session: Session, uai: Uai, *, lot: cb.LotRetraits, cle: Cle = None
) -> cb.RapportCordees:
    """SIECLE's word counts again."""
    return await guichet.saisir(session, uai, lot, Ecriture(idempotence=cle))


@router.get("/cordees/{eleve_id}", tags=[_CORDEES])
async def lire_cordees(
    guichet: ApiBourses, response: Response, session: Session, uai: Uai, eleve_id: UUID
) -> cb.CordeesDetaillees:
    lues = await guichet.cordees_de(session, uai, eleve_id)
    poser(response, lues.version)
    return lues


@router.put("/cordees/{eleve_id}", tags=[_CORDEES])
async def saisir(
    guichet: ApiBourses,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    saisie: cb.CordeesSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> cb.Cordees:
    """412: another entered meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    dites = await guichet.saisir_un(session, uai, eleve_id, saisie, ecriture)
    poser(response, dites.version)
    return dites


@router.post("/cordees/{eleve_id}/retrait", tags=[_CORDEES])
async def retirer(
    guichet: ApiBourses,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    saisie: cb.RetraitSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> cb.Cordees:
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    dites = await guichet.saisir_un(session, uai, eleve_id, saisie, ecriture)
    poser(response, dites.version)
    return dites
