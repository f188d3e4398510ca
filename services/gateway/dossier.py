"""The page of one pupil: the dossier and what is entered there."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import vues_dossier as vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.pages import Jeton, ou_panne, page, session_de
from shared.events.modeles import Capacite
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_PERIMES = frozenset({412, 428})
_REFUSE = 409


@router.get("/lycees/{uai}/eleves/{eleve_id}")
async def dossier(
    request: Request, guichet: PageGuichet, uai: c.Uai, eleve_id: UUID, fait: str = ""
) -> Response:
    return await _dossier(request, guichet, uai, eleve_id, fait=fait)


async def _dossier(
    request: Request,
    guichet: Guichet,
    uai: str,
    eleve_id: UUID,
    *,
    fait: str = "",
    conflit: vues.Conflit | None = None,
    refus: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    """``conflit`` and ``refus`` (cible, sentence): what came of the avis that was just sent."""
    found, avis = await asyncio.gather(
        guichet.dossier(session_de(request), eleve_id),
        ou_panne(guichet.avis(session_de(request), eleve_id)),
    )
    if found.uai != uai:
        raise introuvable()
    lignes = vues.voeux_et_avis(found, () if isinstance(avis, Refus) else avis)
    return page(
        request,
        "dossier.html",
        identite=guichet.identite,
        status=status,
        uai=uai,
        dossier=found,
        lignes=lignes,
        panne_avis=avis.phrase if isinstance(avis, Refus) else None,
        fait=fait,
        conflit=conflit,
        refus=refus,
    )


@router.post("/lycees/{uai}/eleves/{eleve_id}/avis/{cible:path}")
async def rendre_avis(
    request: Request,
    guichet: PageGuichet,
    uai: c.Uai,
    eleve_id: UUID,
    cible: c.Cible,
    *,
    jeton: Jeton = "",
    action: Annotated[str, Form(max_length=20)] = "enregistrer",
    capacite: Annotated[Capacite | None, Form()] = None,
    version: Annotated[int | None, Form(ge=0)] = None,
) -> Response:
    """Save or erase one avis, then back to the dossier; a conflict shows both values."""
    verifier_jeton(guichet.identite, jeton)
    choix = None if action == "effacer" else capacite
    if choix is None and action != "effacer":
        phrase = "Choisissez l’un des quatre niveaux avant d’enregistrer."
        return await _dossier(request, guichet, uai, eleve_id, refus=(cible, phrase), status=422)
    ecriture = Ecriture(if_match=f'"{version}"' if version else None)
    try:
        await guichet.rendre_avis(session_de(request), eleve_id, cible, choix, ecriture)
    except Refus as refus:
        issue = _issue_du_refus(refus, cible, choix)
        return await _dossier(request, guichet, uai, eleve_id, **issue)
    return RedirectResponse(f"/lycees/{uai}/eleves/{eleve_id}?fait={cible}#avis-{cible}", 303)


def _issue_du_refus(refus: Refus, cible: str, choix: Capacite | None) -> dict[str, Any]:
    """What the dossier shows of a refused avis; a refusal that is not about it goes on."""
    if refus.status in _PERIMES:
        actuel = refus.details.get("actuel")
        avis = c.Avis.model_validate(actuel) if actuel else None
        return {"conflit": vues.Conflit(cible, avis, choix), "status": 412}
    if refus.status == _REFUSE:
        return {"refus": (cible, refus.phrase), "status": _REFUSE}
    raise refus
