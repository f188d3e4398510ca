"""Internal HTTP of the tasks: questions that only a person may settle."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.ingest.scolarite import choix as taches
from services.ingest.scolarite import defusion
from services.ingest.scolarite.appel import PREFIXE, Id, SurSession, exiger
from services.ingest.scolarite.choix import Reponse
from services.ingest.scolarite.saisies import AnnulationFusion, ReponseTache
from shared.http.errors import introuvable
from shared.http.perimetre import Perimetre, Role

router = APIRouter(prefix=PREFIXE)


@router.get("/taches")
async def lister(
    appel: SurSession,
    *,
    uai: Annotated[str | None, Query(pattern=r"^[0-9]{7}[A-Z]$")] = None,
    academie: Annotated[str | None, Query(pattern=r"^[0-9]{1,2}$")] = None,
    toutes: bool = False,
) -> dict[str, Any]:
    """Of the chef's lycées, of the SAIO's académies, of the nation; oldest first."""
    perimetre = appel.appelant
    if uai is not None:
        exiger(perimetre, uai)
    if academie is not None:
        if not perimetre.voit_academie(academie):
            raise introuvable()
        perimetre = perimetre.model_copy(update={"academies": (academie,)})
    lycees = None if uai is None else [uai]
    async with appel.running.engine.connect() as tx:
        return {"taches": await taches.lister(tx, appel.session, perimetre, lycees, toutes=toutes)}


@router.post("/taches/{tache_id}/reponse")
async def repondre(appel: SurSession, tache_id: Id, saisie: ReponseTache) -> dict[str, Any]:
    """A chef answers for one of his lycées; the operator settles."""
    reponse = Reponse(tache_id=tache_id, choix=saisie.choix, uai=saisie.uai, survivant=saisie.survivant)
    appelant = appel.appelant
    async with appel.running.engine.begin() as tx:
        if appelant.role is Role.OPERATEUR:
            return await taches.resoudre(tx, appel.contexte(), appelant, reponse)
        if not appelant.direction or saisie.uai is None or not appelant.voit_lycee(saisie.uai):
            raise introuvable()
        return await taches.repondre(tx, appel.contexte(), appelant, reponse)


@router.get("/fusions")
async def fusions(
    appel: SurSession, *, uai: Annotated[str | None, Query(pattern=r"^[0-9]{7}[A-Z]$")] = None
) -> dict[str, Any]:
    """Pupils who were two, the last first, and until when it may be taken back."""
    appelant = appel.appelant
    if uai is not None:
        exiger(appelant, uai)
    lycees = [uai] if uai else _siens(appelant)
    async with appel.running.engine.connect() as tx:
        return {"fusions": await defusion.lister(tx, appel.contexte(), lycees)}


@router.post("/fusions/{perdant}/annulation")
async def annuler_fusion(appel: SurSession, perdant: Id, saisie: AnnulationFusion) -> dict[str, Any]:
    """By the direction of a lycée of the pupil, or the operator."""
    voulu = defusion.Annuler(
        perdant=perdant, motif=saisie.motif, confirme=saisie.confirme, lycees=_siens(appel.appelant)
    )
    async with appel.running.engine.begin() as tx:
        return await defusion.annuler(tx, appel.contexte(), voulu)


def _siens(appelant: Perimetre) -> tuple[str, ...] | None:
    """None for the operator: all."""
    if appelant.role is Role.OPERATEUR:
        return None
    if not appelant.direction:
        raise introuvable()
    return appelant.lycees
