"""Internal HTTP of the Cordées of a lycée."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.eleves import lots
from services.eleves.appel import (
    PREFIXE,
    EleveId,
    IdCite,
    Session,
    Uai,
    contexte_de,
    contexte_direction,
    engine,
    montrer,
)
from services.eleves.cordees import lecture
from services.eleves.cordees.commandes import Saisir, lot
from services.eleves.lots import LOT_MAX, version_de
from shared.db.engine import reading, writing
from shared.events.modeles import Dispositif, EtatCordees
from shared.http.etag import IfMatch
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}/cordees")
Motif = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]


class Corps(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EleveVise(Corps):
    """``version``: of the entry that the caller saw; None when there was none."""

    eleve_id: IdCite
    version: int | None = Field(default=None, ge=0)


class Saisies(Corps):
    eleves: tuple[EleveVise, ...] = Field(min_length=1, max_length=LOT_MAX)
    etat: EtatCordees
    dispositif: Dispositif | None = None


class Retraits(Corps):
    eleves: tuple[EleveVise, ...] = Field(min_length=1, max_length=LOT_MAX)
    motif: Motif


class UneSaisie(Corps):
    etat: EtatCordees
    dispositif: Dispositif | None = None


class UnRetrait(Corps):
    motif: Motif


@router.get("")
async def lister(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    classe: Annotated[str | None, Query(max_length=80)] = None,
) -> dict[str, Any]:
    async with reading(engine(request)) as tx:
        return await lecture.du_lycee(tx, contexte_de(request, appelant, session, uai), classe)


@router.post("/saisies")
async def saisir_plusieurs(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    saisies: Saisies,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """A report per pupil: done, or why not."""
    versions = {e.eleve_id: e.version for e in saisies.eleves}
    voulu = Saisir(versions=versions, etat=saisies.etat, dispositif=saisies.dispositif)
    contexte = contexte_direction(request, appelant, session, uai, cle)
    async with writing(engine(request)) as tx:
        return await lots.executer(tx, contexte, lot(contexte, voulu))


@router.post("/retraits")
async def retirer_plusieurs(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    retraits: Retraits,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    versions = {e.eleve_id: e.version for e in retraits.eleves}
    contexte = contexte_direction(request, appelant, session, uai, cle)
    voulu = Saisir(versions=versions, etat=None, motif=retraits.motif)
    async with writing(engine(request)) as tx:
        return await lots.executer(tx, contexte, lot(contexte, voulu))


@router.get("/{eleve_id}")
async def lire(
    request: Request, response: Response, appelant: Appelant, session: Session, uai: Uai, *, eleve_id: EleveId
) -> dict[str, Any]:
    """``ETag``: the version of the entry, to send as ``If-Match``."""
    async with reading(engine(request)) as tx:
        return montrer(response, await lecture.un(tx, contexte_de(request, appelant, session, uai), eleve_id))


@router.put("/{eleve_id}")
async def saisir(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    saisie: UneSaisie,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """412: another entered meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    contexte = contexte_direction(request, appelant, session, uai, cle)
    versions = {eleve_id: version_de(if_match)}
    voulu = Saisir(versions=versions, etat=saisie.etat, dispositif=saisie.dispositif)
    async with writing(engine(request)) as tx:
        return montrer(response, await lots.executer_un(tx, contexte, lot(contexte, voulu)))


@router.post("/{eleve_id}/retrait")
async def retirer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    retrait: UnRetrait,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """SIECLE's word counts again."""
    contexte = contexte_direction(request, appelant, session, uai, cle)
    voulu = Saisir(versions={eleve_id: version_de(if_match)}, etat=None, motif=retrait.motif)
    async with writing(engine(request)) as tx:
        return montrer(response, await lots.executer_un(tx, contexte, lot(contexte, voulu)))
