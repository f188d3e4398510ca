"""Who is calling: a session cookie or an access token; and the proof that a form is ours."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from services.gateway.clients import Services
from services.gateway.jetons import Jetons
from services.gateway.oidc import Fournisseur
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from services.gateway.store import Journal
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre

SURES = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Moyens:
    """What the gateway works with; ``running.resources["moyens"]``."""

    settings: GatewaySettings
    sessions: Sessions
    fournisseur: Fournisseur
    services: Services
    journal: Journal
    jetons: Jetons


@dataclass(frozen=True, slots=True)
class Identite:
    """``jeton``: anti-forgery token of the session; empty for a caller with an access token."""

    perimetre: Perimetre
    nom: str
    jeton: str = ""


class NonConnecteError(Exception):
    """Nobody is logged in: a page sends to the login, the API answers 401."""


def moyens(request: Request) -> Moyens:
    found: Moyens = request.app.state.running.resources["moyens"]
    return found


async def identite_de_session(request: Request) -> Identite:
    """The person logged in with this browser.

    Raises:
        NonConnecteError: nobody is.
    """
    sessions = moyens(request).sessions
    ouverte = await sessions.lire(request.cookies.get(sessions.cookie, ""))
    if ouverte is None:
        raise NonConnecteError
    identite = Identite(ouverte.perimetre, ouverte.nom, ouverte.jeton)
    request.state.identite = identite
    return identite


async def _identite_api(
    request: Request,
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
    x_csrf_token: Annotated[
        str, Header(description="Pour une écriture faite avec le cookie de session")
    ] = "",
) -> Identite:
    scheme, _, jeton = authorization.partition(" ")
    if scheme.lower() == "bearer" and Jetons.est_des_notres(jeton):
        return Identite(*await moyens(request).jetons.lire(jeton))
    if scheme.lower() == "bearer":
        revendications = await moyens(request).fournisseur.verifier_acces(jeton)
        return Identite(revendications.perimetre, revendications.name)
    identite = await identite_de_session(request)
    if request.method not in SURES:
        verifier_jeton(identite, x_csrf_token)
    return identite


def verifier_jeton(identite: Identite, jeton: str) -> None:
    """Raises Refus 403 when a write does not carry the token of its session."""
    if not identite.jeton or not hmac.compare_digest(identite.jeton.encode(), jeton.encode()):
        raise Refus(403, "jeton_absent", "Cette page a expiré. Rechargez-la, puis recommencez.")


PageIdentite = Annotated[Identite, Depends(identite_de_session)]
ApiIdentite = Annotated[Identite, Depends(_identite_api)]
