"""Internal HTTP of the closing of a remontée."""

from typing import Any

from fastapi import APIRouter

from services.ingest.scolarite import ecarts as depuis
from services.ingest.scolarite import remontee
from services.ingest.scolarite.appel import PREFIXE, SurLycee
from services.ingest.scolarite.saisies import Cloture, Motivee
from shared.http.errors import introuvable
from shared.http.perimetre import Delegation, Role

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}/remontee")


@router.get("")
async def bilan(lycee: SurLycee) -> dict[str, Any]:
    """State, and what closing now would freeze."""
    async with lycee.running.engine.connect() as tx:
        return await remontee.bilan(tx, lycee.session, lycee.uai)


@router.post("/cloturer")
async def cloturer(lycee: SurLycee, saisie: Cloture) -> dict[str, Any]:
    """Freeze the vivier initial; ``confirme`` false only shows what would be frozen."""
    appelant = lycee.appelant
    if appelant.role is Role.ADJOINT and not appelant.decide(Delegation.CLOTURE):
        raise introuvable()
    async with lycee.running.engine.begin() as tx:
        if not saisie.confirme:
            return await remontee.bilan(tx, lycee.session, lycee.uai)
        return await remontee.cloturer(tx, lycee.contexte(), lycee.uai, presents=saisie.presents)


@router.post("/rouvrir")
async def rouvrir(lycee: SurLycee, saisie: Motivee) -> dict[str, Any]:
    if lycee.appelant.role is not Role.OPERATEUR:
        raise introuvable()
    async with lycee.running.engine.begin() as tx:
        return await remontee.rouvrir(tx, lycee.contexte(), lycee.uai, saisie.motif)


@router.get("/ecarts")
async def ecarts(lycee: SurLycee) -> dict[str, Any]:
    """What files said since the closing, with a sentence for each."""
    async with lycee.running.engine.connect() as tx:
        return await depuis.ecarts(tx, lycee.session, lycee.uai)
