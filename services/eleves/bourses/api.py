"""Internal HTTP of the bourses of a lycée and of the delegation to decide on them."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.eleves.appel import (
    PREFIXE,
    EleveId,
    IdCite,
    Session,
    Uai,
    contexte_direction,
    engine,
    montrer,
)
from services.eleves.bourses import delegations, lecture
from services.eleves.bourses.commandes import Decider, decider, decider_un
from services.eleves.lots import LOT_MAX, Contexte, version_de
from shared.db.engine import reading, writing
from shared.domaine.bourse import Acte, Demande, MotifRefus
from shared.domaine.calendrier import jour_de
from shared.http.errors import introuvable
from shared.http.etag import IfMatch
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Role

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}")
Texte = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class Saisie(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EleveVise(Saisie):
    """``version``: of the decision that the caller saw; None when there was none. ``echelon``: to certify."""

    eleve_id: IdCite
    version: int | None = Field(default=None, ge=0)
    echelon: int | None = Field(default=None, ge=-32_768, le=32_767)


class Lot(Saisie):
    eleves: tuple[EleveVise, ...] = Field(min_length=1, max_length=LOT_MAX)
    piece_vue: bool = False
    motif: MotifRefus | None = None
    texte: Texte | None = None


class UneDecision(Saisie):
    decision: Literal["CERTIFIER", "REFUSER"]
    echelon: int | None = Field(default=None, ge=-32_768, le=32_767)
    piece_vue: bool = False
    motif: MotifRefus | None = None
    texte: Texte | None = None


class Annulation(Saisie):
    texte: Texte | None = None


class DelegationSaisie(Saisie):
    """``adjoint``: his actor id. ``debut``: today when not said."""

    adjoint: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    nom: Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")] | None = None
    debut: date | None = None
    fin: date | None = None


def _voulu(acte: Acte, lot: Lot) -> Decider:
    return Decider(
        acte=acte,
        demandes={
            e.eleve_id: Demande(acte=acte, echelon=e.echelon, piece_vue=lot.piece_vue, motif=lot.motif)
            for e in lot.eleves
        },
        versions={e.eleve_id: e.version for e in lot.eleves},
        texte=lot.texte,
    )


@router.get("/bourses")
async def lister(request: Request, appelant: Appelant, session: Session, uai: Uai) -> dict[str, Any]:
    async with reading(engine(request)) as tx:
        return await lecture.du_lycee(tx, contexte_direction(request, appelant, session, uai))


_LOTS: Mapping[str, Acte] = {
    "certifications": Acte.CERTIFIER,
    "refus": Acte.REFUSER,
    "annulations": Acte.ANNULER,
}


@router.post("/bourses/{acte}")
async def decider_plusieurs(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    acte: Literal["certifications", "refus", "annulations"],
    *,
    lot: Lot,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """A report per pupil: done, or why not."""
    contexte = contexte_direction(request, appelant, session, uai, cle)
    async with writing(engine(request)) as tx:
        return await decider(tx, contexte, _voulu(_LOTS[acte], lot))


@router.get("/bourses/{eleve_id}")
async def lire(
    request: Request, response: Response, appelant: Appelant, session: Session, uai: Uai, *, eleve_id: EleveId
) -> dict[str, Any]:
    """``ETag``: the version of the decision, to send as ``If-Match``."""
    async with reading(engine(request)) as tx:
        montre = await lecture.un(tx, contexte_direction(request, appelant, session, uai), eleve_id)
    return montrer(response, montre)


@router.put("/bourses/{eleve_id}")
async def decider_pour_un(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    saisie: UneDecision,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """412: another decided meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    contexte = contexte_direction(request, appelant, session, uai, cle)
    vise = EleveVise(eleve_id=eleve_id, version=None, echelon=saisie.echelon)
    lot = Lot(eleves=(vise,), piece_vue=saisie.piece_vue, motif=saisie.motif, texte=saisie.texte)
    voulu = _voulu(Acte(saisie.decision), lot)
    async with writing(engine(request)) as tx:
        montre = await decider_un(tx, contexte, _a_la_version(voulu, eleve_id, if_match))
    return montrer(response, montre)


@router.post("/bourses/{eleve_id}/annulation")
async def annuler(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    saisie: Annulation,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """What the platform had acknowledged is in ``accuse``: it is told of the undoing."""
    contexte = contexte_direction(request, appelant, session, uai, cle)
    voulu = _voulu(Acte.ANNULER, Lot(eleves=(EleveVise(eleve_id=eleve_id),), texte=saisie.texte))
    async with writing(engine(request)) as tx:
        montre = await decider_un(tx, contexte, _a_la_version(voulu, eleve_id, if_match))
    return montrer(response, montre)


def _a_la_version(voulu: Decider, eleve_id: str, if_match: str | None) -> Decider:
    return Decider(
        acte=voulu.acte,
        demandes=voulu.demandes,
        versions={eleve_id: version_de(if_match)},
        texte=voulu.texte,
    )


@router.get("/delegations")
async def lister_delegations(
    request: Request, appelant: Appelant, session: Session, uai: Uai
) -> dict[str, Any]:
    contexte = contexte_direction(request, appelant, session, uai)
    async with reading(engine(request)) as tx:
        return {"delegations": await delegations.lister(tx, session, uai, jour_de(contexte.le))}


@router.post("/delegations", status_code=201)
async def donner(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    saisie: DelegationSaisie,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Only the chef gives what is his."""
    contexte = _du_chef(contexte_direction(request, appelant, session, uai, cle))
    async with writing(engine(request)) as tx:
        return await delegations.donner(
            tx, contexte, adjoint=saisie.adjoint, nom=saisie.nom, dates=(saisie.debut, saisie.fin)
        )


@router.post("/delegations/{delegation_id}/retrait")
async def retirer(
    request: Request, appelant: Appelant, session: Session, uai: Uai, delegation_id: EleveId
) -> dict[str, Any]:
    contexte = _du_chef(contexte_direction(request, appelant, session, uai))
    async with writing(engine(request)) as tx:
        return await delegations.retirer(tx, contexte, delegation_id)


def _du_chef(contexte: Contexte) -> Contexte:
    if contexte.perimetre.role is not Role.CHEF:
        raise introuvable()
    return contexte
