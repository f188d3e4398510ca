"""The page of one pupil's scolarité, and its section in the dossier: correct, withdraw, mark sorti, cancel."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.gateway import contrats as c
from services.gateway import contrats_scolarite as cs
from services.gateway import vues_scolarite as vues
from services.gateway.auth import verifier_jeton
from services.gateway.contrats_dossier import Dossier
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.operations_scolarite import GuichetScolarite, PageScolarite
from services.gateway.pages import ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from services.gateway.vues_scolarite import Essai
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
Formulaire = Mapping[str, list[str]]
REPRIS = frozenset({409, 412, 422, 428})
_CHAMPS_MAX = 60


@router.get("/lycees/{uai}/scolarite/eleves/{eleve_id}")
async def un_eleve(
    request: Request, guichet: PageScolarite, uai: c.Uai, eleve_id: UUID, *, fait: str = ""
) -> Response:
    """The scolarité of one pupil, also of one who is followed elsewhere."""
    return await _montrer(request, guichet, uai, eleve_id, fait=fait)


@router.post("/lycees/{uai}/scolarite/eleves/{eleve_id}")
async def changer(request: Request, guichet: PageScolarite, uai: c.Uai, eleve_id: UUID) -> Response:
    """Correct, take SIECLE's value back, mark sorti, cancel; ``action`` says which."""
    formulaire = await lire_formulaire(request, guichet)
    session = session_de(request)
    ecriture = Ecriture(
        if_match=f'"{un(formulaire, "version") or 0}"', idempotence=un(formulaire, "cle") or None
    )
    try:
        quoi, saisie = await _demande(guichet, (session, uai, eleve_id), formulaire)
        await guichet.changer(session, uai, quoi, saisie, ecriture)
    except Refus as refus:
        if refus.status not in REPRIS:
            raise
        return await _montrer(request, guichet, uai, eleve_id, essai=vues.essai(formulaire, refus))
    depuis_dossier = un(formulaire, "retour") == "dossier"
    suite = (
        f"eleves/{eleve_id}?fait=scolarite#scolarite"
        if depuis_dossier
        else f"scolarite/eleves/{eleve_id}?fait=oui"
    )
    return RedirectResponse(f"/lycees/{uai}/{suite}", 303)


async def section(guichet: Guichet, session: int, uai: str, eleve_id: UUID) -> cs.Scolarite | None:
    """For the dossier: None when the caller may not see it, nothing is said of the pupil, or ingest is away."""
    sien = GuichetScolarite(guichet.identite, guichet.moyens)
    if not sien.peut(Ressource.SCOLARITE, Action.LIRE, uai):
        return None
    try:
        lue = await ou_panne(sien.scolarite(session, uai, eleve_id))
    except Refus as refus:
        if refus.status != introuvable().status:
            raise
        return None
    return None if isinstance(lue, Refus) else lue


def du_dossier(lue: cs.Scolarite | None, dossier: Dossier) -> dict[str, Any]:
    """What the section shows in the dossier."""
    return {
        **_section(lue),
        "retour_scolarite": "dossier",
        "attente_scolarite": lue is not None and vues.en_attente(lue, dossier),
    }


def _section(lue: cs.Scolarite | None, essai: Essai | None = None, fait: str = "") -> dict[str, Any]:
    return {
        "scolarite": lue,
        "vs": vues,
        "essai_scolarite": essai,
        "fait_scolarite": fait,
        "attente_scolarite": False,
        "retour_scolarite": "scolarite",
    }


async def _demande(
    guichet: GuichetScolarite, de_qui: tuple[int, str, UUID], formulaire: Formulaire
) -> tuple[tuple[str, str], BaseModel]:
    """Method and path under the lycée, and the body."""
    base, action = f"scolarites/{de_qui[2]}", un(formulaire, "action")
    if "retirer" in formulaire:
        return ("POST", f"{base}/corrections/retrait"), vues.retrait(formulaire)
    if action == "sortir":
        return ("PUT", f"{base}/sortie"), vues.sortie(formulaire)
    if action == "annuler":
        return ("POST", f"{base}/sortie/annulation"), vues.motivee(formulaire)
    connue = await guichet.scolarite(*de_qui)
    return ("PUT", f"{base}/corrections"), vues.correction(formulaire, connue)


async def lire_formulaire(request: Request, guichet: GuichetScolarite) -> Formulaire:
    envoye = await request.form(max_fields=_CHAMPS_MAX)
    lu = {nom: [str(valeur) for valeur in envoye.getlist(nom)] for nom in envoye}
    verifier_jeton(guichet.identite, un(lu, "jeton"))
    return lu


def un(formulaire: Formulaire, nom: str) -> str:
    return (formulaire.get(nom) or [""])[0]


async def _montrer(
    request: Request,
    guichet: GuichetScolarite,
    uai: str,
    eleve_id: UUID,
    *,
    fait: str = "",
    essai: Essai | None = None,
) -> Response:
    session = session_de(request)
    lue, noms = await asyncio.gather(
        guichet.scolarite(session, uai, eleve_id), ou_panne(guichet.noms(session, uai, [eleve_id]))
    )
    return page(
        request,
        "scolarite_eleve.html",
        identite=guichet.identite,
        status=essai.status if essai else 200,
        uai=uai,
        nomme=None if isinstance(noms, Refus) else noms.get(eleve_id),
        **_section(lue, essai, fait),
    )
