"""Logging in and out: the browser's way through the identity provider."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.auth import NonConnecteError, PageIdentite, identite_de_session, moyens, verifier_jeton
from services.gateway.oidc import Demande
from services.gateway.pages import page
from services.gateway.sessions import ATTENTE_S, Attente
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
_RETOUR_MAX = 300


@router.get("/connexion")
async def connexion(request: Request, retour: str = "/") -> Response:
    """Send to the provider, unless somebody is logged in already."""
    retour = _interne(retour)
    try:
        await identite_de_session(request)
    except NonConnecteError:
        return await _partir(request, retour)
    return RedirectResponse(retour, 303)


async def _partir(request: Request, retour: str) -> Response:
    outils, demande = moyens(request), Demande.nouvelle()
    adresse = await outils.fournisseur.adresse_de_connexion(demande)
    attente = Attente(state=demande.state, nonce=demande.nonce, verifier=demande.verifier, retour=retour)
    identifiant = await outils.sessions.attendre(attente)
    reponse = RedirectResponse(adresse, 303)
    _poser(request, reponse, outils.sessions.cookie_attente, identifiant, ATTENTE_S)
    return reponse


@router.get("/connexion/retour")
async def retour(
    request: Request,
    code: Annotated[str, Query(max_length=2_000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Back from the provider: the state must be the one this browser left with."""
    outils = moyens(request)
    attente = await outils.sessions.reprendre(request.cookies.get(outils.sessions.cookie_attente, ""))
    if attente is None or not code or not hmac.compare_digest(attente.state.encode(), state.encode()):
        raise Refus(400, "connexion_expiree", "La connexion n’a pas abouti ou a expiré. Reprenez-la.")
    revendications, id_token = await outils.fournisseur.echanger(code, attente.verifier, attente.nonce)
    await outils.sessions.fermer(request.cookies.get(outils.sessions.cookie, ""))
    identifiant = await outils.sessions.ouvrir(revendications.perimetre, revendications.name, id_token)
    reponse = RedirectResponse(attente.retour, 303)
    _poser(request, reponse, outils.sessions.cookie, identifiant)
    _retirer(request, reponse, outils.sessions.cookie_attente)
    return reponse


@router.post("/deconnexion")
async def deconnexion(
    request: Request, identite: PageIdentite, jeton: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    verifier_jeton(identite, jeton)
    outils = moyens(request)
    identifiant = request.cookies.get(outils.sessions.cookie, "")
    ouverte = await outils.sessions.lire(identifiant)
    await outils.sessions.fermer(identifiant)
    reponse = RedirectResponse(await _sortie(request, ouverte.id_token if ouverte else ""), 303)
    _retirer(request, reponse, outils.sessions.cookie)
    return reponse


async def _sortie(request: Request, id_token: str) -> str:
    """The provider's logout page; ours when the provider is silent."""
    try:
        adresse = await moyens(request).fournisseur.adresse_de_deconnexion(id_token)
    except Refus:
        adresse = None
    return adresse or "/deconnecte"


@router.get("/deconnecte")
async def deconnecte(request: Request) -> Response:
    return page(request, "deconnecte.html")


def _interne(adresse: str) -> str:
    """A path of this site, nothing else: no open redirection."""
    interne = adresse.startswith("/") and not adresse.startswith(("//", "/\\")) and adresse.isprintable()
    return adresse if interne and len(adresse) <= _RETOUR_MAX else "/"


def _poser(request: Request, reponse: Response, nom: str, valeur: str, duree: int | None = None) -> None:
    secure = moyens(request).settings.secure
    reponse.set_cookie(nom, valeur, max_age=duree, path="/", secure=secure, httponly=True, samesite="lax")


def _retirer(request: Request, reponse: Response, nom: str) -> None:
    secure = moyens(request).settings.secure
    reponse.delete_cookie(nom, path="/", secure=secure, httponly=True, samesite="lax")
