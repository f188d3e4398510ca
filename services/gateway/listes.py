"""The page of one list: who is in it, narrowed and ordered as one likes, those who are new marked."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_listes as cl
from services.gateway import parcours, vues
from services.gateway.accueil import partie
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import TOUS, AdresseListe, FormulaireListe, Recherche
from services.gateway.operations_listes import GuichetListes, PageListes
from services.gateway.pages import LIBELLES_FILTRES, Jeton, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.catalogue import LISTES, CodeListe
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
Code = Annotated[str, Path(max_length=60)]


@router.get("/lycees/{uai}/listes")
async def listes(uai: c.Uai) -> Response:
    return RedirectResponse(f"/lycees/{uai}/listes/{TOUS}", 303)


@router.get("/lycees/{uai}/listes/{code}")
async def liste(
    request: Request, guichet: PageListes, uai: c.Uai, code: Code, adresse: Annotated[AdresseListe, Query()]
) -> Response:
    return await _liste(request, guichet, uai, adresse.recherche(_connue(code)), vue=adresse.vue)


@router.post("/lycees/{uai}/listes/{code}")
async def rechercher(
    request: Request,
    guichet: PageListes,
    uai: c.Uai,
    code: Code,
    formulaire: Annotated[FormulaireListe, Form()],
) -> Response:
    """The same page for a search by name, which no address may hold; filters alone have an address."""
    verifier_jeton(guichet.identite, formulaire.jeton)
    recherche = formulaire.recherche(_connue(code))
    if not recherche.q:
        return RedirectResponse(vues.lien(uai, recherche, curseur=recherche.curseur).adresse, 303)
    return await _liste(request, guichet, uai, recherche)


@router.post("/lycees/{uai}/listes/{code}/vu")
async def tout_vu(
    request: Request, guichet: PageListes, uai: c.Uai, code: Code, jeton: Jeton = ""
) -> Response:
    """Nobody of the list is new any more."""
    verifier_jeton(guichet.identite, jeton)
    await guichet.visiter(session_de(request), uai, _connue(code), tout_vu=True)
    return RedirectResponse(f"/lycees/{uai}/listes/{code}", 303)


def _connue(code: str) -> CodeListe:
    if code not in LISTES:
        raise introuvable()
    return code


async def _liste(
    request: Request, guichet: GuichetListes, uai: str, recherche: Recherche, vue: UUID | None = None
) -> Response:
    session = session_de(request)
    guichet.exiger(Ressource.ELEVES, Action.LIRE, uai)
    visite = await ou_panne(_visiter(guichet, session, uai, recherche))
    eleves, catalogue, facettes, gardees = await asyncio.gather(
        ou_panne(guichet.eleves(session, uai, recherche)),
        ou_panne(guichet.listes(session, uai)),
        ou_panne(guichet.facettes(session, uai)),
        ou_panne(guichet.vues(session, uai)),
    )
    siennes = () if isinstance(gardees, Refus) else gardees.vues
    return page(
        request,
        "liste.html",
        identite=guichet.identite,
        uai=uai,
        recherche=recherche,
        liste=recherche.catalogue,
        **partie("eleves", eleves),
        fenetres=[] if isinstance(catalogue, Refus) else vues.fenetres(catalogue),
        compte=_compte(catalogue, recherche.liste),
        facettes=cl.Facettes() if isinstance(facettes, Refus) else facettes,
        visite=visite if isinstance(visite, cl.Visite) else None,
        vues_gardees=siennes,
        vue=next((une for une in siennes if une.id == vue), None),
        etiquettes=vues.etiquettes(uai, recherche, LIBELLES_FILTRES),
        peut_exporter=guichet.peut(Ressource.EXPORT, Action.ECRIRE, uai),
        peut_accompagner=guichet.peut(Ressource.ACCOMPAGNEMENT, Action.ECRIRE, uai),
        peut_certifier=guichet.peut(Ressource.BOURSE, Action.ECRIRE, uai),
        **_navigation(uai, recherche, eleves),
        depuis=await _depuis(request, guichet, uai, recherche, eleves),
    )


async def _visiter(guichet: GuichetListes, session: int, uai: str, recherche: Recherche) -> cl.Visite | None:
    """Who opens the whole list at its beginning visits it; who looks for something in it does not."""
    if recherche.filtree or recherche.curseur:
        return None
    return await guichet.visiter(session, uai, recherche.liste)


def _compte(catalogue: cl.Catalogue | Refus, code: str) -> cl.ListeComptee | None:
    if isinstance(catalogue, Refus):
        return None
    return next((liste for liste in catalogue.listes if liste.code == code), None)


def _navigation(uai: str, recherche: Recherche, eleves: c.PageEleves | Refus) -> dict[str, Any]:
    lues = () if isinstance(eleves, Refus) else eleves.colonnes
    suivant = None if isinstance(eleves, Refus) else eleves.suivant
    urgence = vues.lien(uai, recherche, tri=None, descendant=False) if recherche.tri else None
    return {
        "colonnes": vues.colonnes(uai, recherche, lues),
        "suite": vues.lien(uai, recherche, curseur=suivant) if suivant else None,
        "debut": vues.lien(uai, recherche) if recherche.curseur else None,
        "urgence": urgence,
        "nouveaux_seuls": vues.lien(uai, recherche, nouveaux=True),
        "sans_filtre": vues.lien(uai, Recherche(liste=recherche.liste)).adresse,
    }


async def _depuis(
    request: Request, guichet: GuichetListes, uai: str, recherche: Recherche, eleves: c.PageEleves | Refus
) -> str:
    """What the dossiers of the list are opened with, to go on to the next pupil."""
    if isinstance(eleves, Refus) or not eleves.eleves:
        return ""
    retour = vues.lien(uai, recherche, curseur=recherche.curseur)
    affichee = parcours.Affichee(recherche, eleves, retour, recherche.catalogue.titre)
    return await parcours.depuis(guichet, session_de(request), uai, affichee)
