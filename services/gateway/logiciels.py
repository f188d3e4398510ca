"""The page on which a chef gives his gradebook software a credential, and takes it back."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.gateway import contrats as c
from services.gateway import contrats_machines as cm
from services.gateway.auth import verifier_jeton
from services.gateway.operations_machines import GuichetMachines, PageGuichetMachines
from services.gateway.pages import INDISPONIBLE, Jeton, page, session_de
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)


@router.get("/lycees/{uai}/logiciels")
async def logiciels(
    request: Request, guichet: PageGuichetMachines, uai: c.Uai, *, fait: str = ""
) -> Response:
    return await _page(request, guichet, uai, fait=fait)


@router.post("/lycees/{uai}/logiciels")
async def creer(
    request: Request,
    guichet: PageGuichetMachines,
    uai: c.Uai,
    *,
    jeton: Jeton = "",
    nom: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """The answer shows the secret, and is the only one that does: it is not a redirection."""
    verifier_jeton(guichet.identite, jeton)
    try:
        saisie = cm.SaisieLogiciel(nom=nom.strip())
    except ValidationError:
        phrase = "Donnez un nom au logiciel, de 80 caractères au plus."
        return await _page(request, guichet, uai, refus=Refus(422, "nom", phrase))
    try:
        cree = await guichet.creer_logiciel(session_de(request), uai, saisie)
    except Refus as refus:
        if refus.status in {404, INDISPONIBLE}:
            raise
        return await _page(request, guichet, uai, refus=refus)
    return await _page(request, guichet, uai, cree=cree)


@router.post("/lycees/{uai}/logiciels/{client_id}/revocation")
async def revoquer(
    request: Request, guichet: PageGuichetMachines, uai: c.Uai, client_id: cm.ClientId, *, jeton: Jeton = ""
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    await guichet.revoquer_logiciel(session_de(request), uai, client_id)
    return RedirectResponse(f"/lycees/{uai}/logiciels?fait=revoque", 303)


async def _page(
    request: Request,
    guichet: GuichetMachines,
    uai: str,
    *,
    fait: str = "",
    cree: cm.LogicielCree | None = None,
    refus: Refus | None = None,
) -> Response:
    return page(
        request,
        "logiciels.html",
        identite=guichet.identite,
        status=refus.status if refus else 200,
        uai=uai,
        logiciels=await guichet.logiciels(session_de(request), uai),
        cree=cree,
        fait=fait,
        refus=refus and refus.phrase,
        maintenant=datetime.now(UTC),
    )
