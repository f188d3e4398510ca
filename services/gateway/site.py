"""The pages of the site, rendered on the server; they work without a script."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import domain, parcours, vues
from services.gateway.auth import PageIdentite, verifier_jeton
from services.gateway.demandes import AdresseListe, FormulaireRecherche, Recherche
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.pages import ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.filtres import Filtres
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


@router.get("/lycees/{uai}")
async def lycee(
    request: Request, guichet: PageGuichet, uai: c.Uai, adresse: Annotated[AdresseListe, Query()]
) -> Response:
    """A chef's page: the indicators, then the pupils behind them."""
    return await _lycee(request, guichet, uai, adresse.recherche())


@router.post("/lycees/{uai}")
async def rechercher(
    request: Request, guichet: PageGuichet, uai: c.Uai, formulaire: Annotated[FormulaireRecherche, Form()]
) -> Response:
    """The same page for a search by name, which no address may hold; filters alone have an address."""
    verifier_jeton(guichet.identite, formulaire.jeton)
    recherche = formulaire.recherche()
    if not recherche.q:
        return RedirectResponse(vues.lien(uai, recherche).adresse, 303)
    return await _lycee(request, guichet, uai, recherche)


async def _lycee(request: Request, guichet: Guichet, uai: str, recherche: Recherche) -> Response:
    indicateurs, eleves, file = await asyncio.gather(
        ou_panne(_indicateurs(guichet, session_de(request), uai)),
        ou_panne(guichet.eleves(session_de(request), uai, recherche)),
        ou_panne(_file(guichet, session_de(request), uai, recherche)),
    )
    return page(
        request,
        "lycee.html",
        identite=guichet.identite,
        uai=uai,
        recherche=recherche,
        **_partie("indicateurs", indicateurs),
        **_partie("eleves", eleves),
        **_partie("file", file),
        **_navigation(uai, recherche, eleves),
        depuis=await _depuis(request, guichet, uai, recherche, eleves),
    )


async def _depuis(
    request: Request, guichet: Guichet, uai: str, recherche: Recherche, eleves: c.PageEleves | Refus
) -> str:
    """What the dossiers of the list are opened with, to go on to the next pupil."""
    if isinstance(eleves, Refus) or not eleves.eleves:
        return ""
    retour = vues.lien(uai, recherche, curseur=recherche.curseur)
    affichee = parcours.Affichee(recherche, eleves, retour, recherche.catalogue.titre)
    return await parcours.depuis(guichet, session_de(request), uai, affichee)


async def _file(guichet: Guichet, session: int, uai: str, recherche: Recherche) -> c.FileDuJour | None:
    """None for who looks for somebody, or reads further in a list."""
    return None if recherche.q or recherche.curseur else await guichet.file(session, uai)


async def _indicateurs(guichet: Guichet, session: int, uai: str) -> c.IndicateursLycee | None:
    """None for those whose page has none: a professeur principal sees his classes, not the lycée's rates."""
    if not guichet.peut(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai):
        return None
    return await guichet.indicateurs_lycee(session, uai)


def _partie(nom: str, valeur: object) -> dict[str, Any]:
    panne = valeur.phrase if isinstance(valeur, Refus) else None
    return {nom: None if panne else valeur, f"panne_{nom}": panne}


def _navigation(uai: str, recherche: Recherche, eleves: c.PageEleves | Refus) -> dict[str, Any]:
    comptes = {} if isinstance(eleves, Refus) else eleves.comptes
    lues = () if isinstance(eleves, Refus) else eleves.colonnes
    suivant = None if isinstance(eleves, Refus) else eleves.suivant
    return {
        "onglets": vues.onglets(uai, recherche, comptes),
        "fenetres": vues.fenetres(uai, recherche, comptes),
        "colonnes": vues.colonnes(uai, recherche, lues),
        "filtree": bool(recherche.q or recherche.filtres != Filtres()),
        "suite": vues.lien(uai, recherche, curseur=suivant) if suivant else None,
        "debut": vues.lien(uai, recherche) if recherche.curseur else None,
        "sans_filtre": vues.lien(uai, Recherche(liste=recherche.liste)).adresse,
    }


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
