"""Internal HTTP of what lycées enter of their pupils: corrections, additions, sorties."""

from typing import Any

from fastapi import APIRouter, Response

from services.ingest.scolarite import commandes, presentation, store
from services.ingest.scolarite.ajout import ajouter_eleve
from services.ingest.scolarite.appel import PREFIXE, SurEleve, SurLycee, etag
from services.ingest.scolarite.saisies import Correction, EleveAjoute, Motivee, Retrait, SortieSaisie
from services.ingest.siecle import scolarites

router = APIRouter(prefix=PREFIXE + "/lycees/{uai}")
_ELEVE = "/scolarites/{eleve_id}"


@router.get("/saisies-locales")
async def saisies(lycee: SurLycee) -> dict[str, Any]:
    """All that the lycée entered itself, and what of it should still be told to SIECLE."""
    async with lycee.running.engine.connect() as tx:
        lignes = await store.du_lycee(tx, lycee.session, lycee.uai)
        dites = await scolarites.dites(tx, lycee.session, [ligne["eleve_id"] for ligne in lignes])
        return presentation.saisies(lignes, dites, lycee.uai)


@router.post("/scolarites", status_code=201)
async def ajouter(lycee: SurLycee, response: Response, saisie: EleveAjoute) -> dict[str, Any]:
    """Add a pupil by hand. 409 ``eleves_proches`` with ``candidats`` when he may be known."""
    async with lycee.running.engine.begin() as tx:
        montre = await ajouter_eleve(tx, lycee.contexte(), saisie.ajout(lycee.uai))
    return etag(response, montre)


@router.get(_ELEVE)
async def lire(eleve: SurEleve) -> dict[str, Any]:
    """SIECLE's value, the local one, the effective one, field by field. ``ETag``: to send as ``If-Match``."""
    async with eleve.running.engine.connect() as tx:
        montre = await commandes.montrer(tx, eleve.session, eleve.uai, eleve.eleve_id)
    return etag(eleve.response, montre)


@router.put(f"{_ELEVE}/corrections")
async def corriger(eleve: SurEleve, saisie: Correction) -> dict[str, Any]:
    return await eleve.changer(commandes.corriger, saisie.motif, saisie.champs.dits())


@router.post(f"{_ELEVE}/corrections/retrait")
async def retirer(eleve: SurEleve, saisie: Retrait) -> dict[str, Any]:
    """SIECLE's value counts again."""
    return await eleve.changer(commandes.retirer, saisie.motif, saisie.champs)


@router.put(f"{_ELEVE}/sortie")
async def sortir(eleve: SurEleve, saisie: SortieSaisie) -> dict[str, Any]:
    return await eleve.changer(commandes.sortir, saisie.motif, saisie.date)


@router.post(f"{_ELEVE}/sortie/annulation")
async def annuler_sortie(eleve: SurEleve, saisie: Motivee) -> dict[str, Any]:
    return await eleve.changer(commandes.annuler_sortie, saisie.motif)
