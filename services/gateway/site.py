"""The pages of the site, rendered on the server; they work without a script."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import domain
from services.gateway.auth import PageIdentite
from services.gateway.operations import PageGuichet
from services.gateway.pages import page
from shared.http.errors import Refus
from shared.http.perimetre import DANS_UN_LYCEE, Role

router = APIRouter(include_in_schema=False)


@router.get("/")
async def accueil(identite: PageIdentite) -> Response:
    """Everybody's own first page."""
    perimetre = identite.perimetre
    if perimetre.role in DANS_UN_LYCEE and perimetre.lycees:
        return RedirectResponse(f"/lycees/{perimetre.lycees[0]}", 303)
    if perimetre.role is Role.SAIO and perimetre.academies:
        return RedirectResponse(f"/academies/{perimetre.academies[0]}", 303)
    if perimetre.role is Role.OPERATEUR:
        return RedirectResponse("/services", 303)
    raise Refus(403, "sans_perimetre", "Votre compte n’est rattaché à aucun lycée ni à aucune académie.")


@router.get("/services")
async def services(request: Request, guichet: PageGuichet) -> Response:
    etats = await guichet.etat_des_services()
    return page(request, "services.html", identite=guichet.identite, etats=etats, libelles=domain.SERVICES)
