"""The pages of the site, rendered on the server; they work without a script."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import domain, vues
from services.gateway.auth import PageIdentite, verifier_jeton
from services.gateway.demandes import AdresseListe, Ecriture, FormulaireRecherche, Recherche
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.pages import INDISPONIBLE, Jeton, page, session_de
from shared.events.modeles import Capacite
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Role

router = APIRouter(include_in_schema=False)
T = TypeVar("T")
_PERIMES = frozenset({412, 428})
_REFUSE = 409


@router.get("/")
async def accueil(identite: PageIdentite) -> Response:
    """Everybody's own first page."""
    perimetre = identite.perimetre
    if perimetre.role is Role.CHEF and perimetre.lycees:
        return RedirectResponse(f"/lycees/{perimetre.lycees[0]}", 303)
    if perimetre.role is Role.SAIO and perimetre.academies:
        return RedirectResponse(f"/academies/{perimetre.academies[0]}", 303)
    if perimetre.role is Role.OPERATEUR:
        return RedirectResponse("/services", 303)
    raise Refus(403, "sans_perimetre", "Votre compte n’est rattaché à aucun lycée ni à aucune académie.")


async def _ou_panne(promesse: Awaitable[T]) -> T | Refus:
    """A part of a page that is out of order does not take the others with it."""
    try:
        return await promesse
    except Refus as refus:
        if refus.status != INDISPONIBLE or refus.code == "journal_indisponible":
            raise
        return refus


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
    indicateurs, eleves = await asyncio.gather(
        _ou_panne(guichet.indicateurs_lycee(session_de(request), uai)),
        _ou_panne(guichet.eleves(session_de(request), uai, recherche)),
    )
    return page(
        request,
        "lycee.html",
        identite=guichet.identite,
        uai=uai,
        recherche=recherche,
        **_partie("indicateurs", indicateurs),
        **_partie("eleves", eleves),
        **_navigation(uai, recherche, eleves),
    )


def _partie(nom: str, valeur: object) -> dict[str, Any]:
    panne = valeur.phrase if isinstance(valeur, Refus) else None
    return {nom: None if panne else valeur, f"panne_{nom}": panne}


def _navigation(uai: str, recherche: Recherche, eleves: c.PageEleves | Refus) -> dict[str, Any]:
    comptes = {} if isinstance(eleves, Refus) else eleves.comptes
    suivant = None if isinstance(eleves, Refus) else eleves.suivant
    return {
        "onglets": vues.onglets(uai, recherche, comptes),
        "colonnes": vues.colonnes(uai, recherche),
        "suite": vues.lien(uai, recherche, curseur=suivant) if suivant else None,
        "debut": vues.lien(uai, recherche) if recherche.curseur else None,
        "sans_filtre": vues.lien(uai, Recherche(liste=recherche.liste)).adresse,
    }


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
        _ou_panne(guichet.avis(session_de(request), eleve_id)),
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
