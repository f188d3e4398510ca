"""The embedded issuer on a port, an app on a port, and logging in over HTTP as a browser or a program does."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI

from deploy.local.issuer import create_issuer
from deploy.local.oidc_settings import CALLBACK, IssuerSettings
from deploy.local.oidc_tokens import challenge_of
from deploy.local.ports import free_port

CLIENT_ID = "pilotage"
CLIENT_SECRET = "secret-of-the-client-in-tests"
PASSWORD = "mot-de-passe-de-test"
_CHAMP = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_JETON = re.compile(r'name="jeton" value="([^"]+)"')


@dataclass(frozen=True)
class Emetteur:
    """An issuer that answers; what the gateway needs to know of it."""

    url: str
    public_url: str

    @property
    def reglages(self) -> dict[str, Any]:
        """Settings of the gateway."""
        return {
            "public_url": self.public_url,
            "oidc_issuer": self.url,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
        }

    async def jetons(self, login: str, password: str = PASSWORD) -> dict[str, Any]:
        """Both tokens of an account, through the code flow with PKCE."""
        return await jetons(self.url, self.public_url, login, password)

    async def porteur(self, login: str, password: str = PASSWORD) -> dict[str, str]:
        """Header of an API client acting for this account."""
        return {"Authorization": f"Bearer {(await self.jetons(login, password))['access_token']}"}


def compte(login: str, role: str, **perimetre: Any) -> dict[str, Any]:
    """One entry of the file of accounts."""
    return {"login": login, "password": PASSWORD, "name": f"Personne {login}", "role": role, **perimetre}


@asynccontextmanager
async def en_ecoute(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serve an app on the loopback in this event loop; its address."""
    port = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    assert server.started, "the app did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await _arreter(server)


async def _arreter(server: uvicorn.Server) -> None:
    """As the server stops by itself, without the tenth of a second that it waits first."""
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
    await server.lifespan.shutdown()


@asynccontextmanager
async def emetteur(
    dossier: Path, public_url: str, comptes: Sequence[dict[str, Any]]
) -> AsyncIterator[Emetteur]:
    """The embedded issuer with these accounts, for a gateway at ``public_url``."""
    port = free_port()
    fichier = dossier / "comptes.json"
    fichier.write_text(json.dumps(list(comptes)))
    url = f"http://127.0.0.1:{port}"
    reglages = IssuerSettings(
        port=port,
        issuer=url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        public_url=public_url,
        accounts_file=fichier,
        key_file=dossier / "issuer.pem",
    )
    async with en_ecoute(create_issuer(reglages), port):
        yield Emetteur(url, public_url)


async def jetons(
    issuer: str,
    public_url: str,
    login: str,
    password: str,
    *,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
) -> dict[str, Any]:
    """``access_token`` (for ``Authorization: Bearer``) and ``id_token`` of an account of the issuer."""
    verifier, retour = secrets.token_urlsafe(48), public_url + CALLBACK
    demande = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": retour,
        "scope": "openid profile",
        "state": secrets.token_urlsafe(8),
        "nonce": secrets.token_urlsafe(8),
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    async with httpx.AsyncClient() as client:
        accord = await client.post(
            f"{issuer}/autorisation", data={**demande, "login": login, "password": password}
        )
        assert accord.status_code == 303, accord.status_code
        code = parse_qs(urlsplit(accord.headers["location"]).query)["code"][0]
        reponse = await client.post(
            f"{issuer}/jeton",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": retour,
                "code_verifier": verifier,
            },
            auth=(client_id, client_secret),
        )
    found: dict[str, Any] = reponse.raise_for_status().json()
    return found


async def se_connecter(navigateur: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    """Log ``navigateur`` (``follow_redirects=True``, base_url: the gateway) in; the page it lands on."""
    formulaire = await navigateur.get("/connexion")
    caches = {nom: unescape(valeur) for nom, valeur in _CHAMP.findall(formulaire.text)}
    adresse = formulaire.url.copy_with(query=None)
    return await navigateur.post(adresse, data={**caches, "login": login, "password": password})


def jeton_de(page: httpx.Response) -> str:
    """The anti-forgery token of a page's forms."""
    found = _JETON.search(page.text)
    assert found, "no form on this page"
    return found.group(1)
