"""The pages of the site, rendered on the server; they work without a script."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import domain, vues
from services.gateway.auth import PageIdentite
from services.gateway.operations import PageGuichet
from services.gateway.pages import page, session_de
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


@router.get("/academies/{code}")
async def academie(
    request: Request,
    guichet: PageGuichet,
    code: c.CodeAcademie,
    *,
    serie: Annotated[str, Query(max_length=40)] = "",
    tri: Annotated[str, Query(max_length=40)] = "nom",
    ordre: str = "",
) -> Response:
    """The SAIO's page: lycées × indicateurs, one série or all together, never a name."""
    found = await guichet.indicateurs_academie(session_de(request), code)
    choisie = serie if any(serie == un for un, _ in vues.series_academie(found)) else None
    descendant = ordre == "desc"
    return page(
        request,
        "academie.html",
        identite=guichet.identite,
        code=code,
        academie=found,
        series=vues.series_academie(found),
        serie=choisie,
        lignes=vues.lignes_academie(found, choisie, tri, descendant=descendant),
        ensemble=vues.ensemble_academie(found, choisie),
        tri=tri,
        descendant=descendant,
        seuil=domain.SEUIL_TAUX,
    )


@router.get("/services")
async def services(request: Request, guichet: PageGuichet) -> Response:
    etats = await guichet.etat_des_services()
    return page(request, "services.html", identite=guichet.identite, etats=etats, libelles=domain.SERVICES)
