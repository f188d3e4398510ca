"""The embedded OIDC issuer: for ONE machine, with demonstration accounts only.

It stands in for the académie's identity provider: discovery, JWKS, authorization code with PKCE, token, logout.
It listens on the loopback whatever it is told, keeps nothing but its signing key, and shows its passwords.
"""

import asyncio
import hmac
import sys
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

import uvicorn
from fastapi import FastAPI, Form, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from deploy.local.errors import LauncherError
from deploy.local.oidc_pages import login_page, message_page
from deploy.local.oidc_settings import Account, IssuerSettings, read_accounts, read_settings
from deploy.local.oidc_tokens import ALGORITHM, Codes, Mint, signing_key
from deploy.local.ports import LOOPBACK

FAILURE_DELAY = 0.5
CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True)
class Issuer:
    """Its settings, its people, its codes and its key."""

    settings: IssuerSettings
    accounts: Mapping[str, Account]
    codes: Codes
    mint: Mint

    @classmethod
    def of(cls, settings: IssuerSettings) -> "Issuer":
        """Read the accounts and the key."""
        key = signing_key(settings.key_file)
        mint = Mint(key, settings.issuer, settings.client_id, settings.audience)
        return cls(settings, read_accounts(settings.accounts_file), Codes(), mint)

    def refusal(self, asked: Mapping[str, str]) -> str | None:
        """Why an authorization request must not even be answered by a redirection."""
        if asked.get("client_id") != self.settings.client_id:
            return "Cette application n’est pas connue ici."
        if asked.get("redirect_uri") != self.settings.redirect_uri:
            return "L’adresse de retour n’est pas celle qui est enregistrée."
        return None

    def fault(self, asked: Mapping[str, str]) -> str | None:
        """OAuth error code of a request that the client got wrong."""
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        if "openid" not in asked.get("scope", "").split():
            return "invalid_scope"
        complete = asked.get("state") and asked.get("code_challenge")
        return None if complete and asked.get("code_challenge_method") == "S256" else "invalid_request"

    def login(self, login: str, password: str) -> Account | None:
        """The account when the password is right; compared even when nobody has that login."""
        account = self.accounts.get(login)
        expected = account.password.get_secret_value() if account else ""
        return account if hmac.compare_digest(password.encode(), expected.encode()) and account else None

    def knows_client(self, authorization: str, form: Mapping[str, str]) -> bool:
        """client_secret_basic or client_secret_post."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() == "basic":
            client_id, secret = _basic(encoded)
        expected = self.settings.client_secret.get_secret_value()
        return client_id == self.settings.client_id and hmac.compare_digest(
            secret.encode(), expected.encode()
        )


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote(client_id), unquote(secret)


def create_issuer(settings: IssuerSettings) -> FastAPI:
    """The ASGI app."""
    app = FastAPI(title="Pilotage: identities of one machine", openapi_url=None)
    _describe(app, Issuer.of(settings))
    return app


def _describe(app: FastAPI, issuer: Issuer) -> None:
    base = issuer.settings.issuer

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/autorisation",
            "token_endpoint": f"{base}/jeton",
            "jwks_uri": f"{base}/cles",
            "end_session_endpoint": f"{base}/deconnexion",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": ["openid", "profile"],
        }

    @app.get("/cles")
    async def jwks() -> dict[str, Any]:
        return {"keys": [issuer.mint.key.as_dict(private=False)]}

    @app.get("/autorisation")
    async def authorize(request: Request) -> Response:
        return _authorize(issuer, request.query_params)

    @app.post("/autorisation")
    async def sign_in(
        request: Request, login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
    ) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await _sign_in(issuer, form, login, password)

    @app.post("/jeton")
    async def token(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return _token(issuer, authorization, form)

    @app.get("/deconnexion")
    async def end_session(post_logout_redirect_uri: str = "", state: str = "") -> Response:
        if post_logout_redirect_uri == issuer.settings.after_logout:
            return RedirectResponse(_with(post_logout_redirect_uri, {"state": state} if state else {}), 303)
        return message_page("Déconnexion", "Vous êtes déconnecté.", 200)


def _authorize(issuer: Issuer, asked: Mapping[str, str]) -> Response:
    if refusal := issuer.refusal(asked):
        return message_page("Connexion impossible", refusal, 400)
    if fault := issuer.fault(asked):
        return _back(asked, {"error": fault})
    return _login_page(issuer, asked)


async def _sign_in(issuer: Issuer, asked: Mapping[str, str], login: str, password: str) -> Response:
    if issuer.refusal(asked) or issuer.fault(asked):
        return message_page("Connexion impossible", "La demande de connexion n’est pas valide.", 400)
    account = issuer.login(login.strip().lower(), password)
    if account is None:
        await asyncio.sleep(FAILURE_DELAY)
        return _login_page(issuer, asked, "Identifiant ou mot de passe incorrect.")
    code = issuer.codes.issue(account, asked["redirect_uri"], asked["code_challenge"], asked.get("nonce"))
    return _back(asked, {"code": code, "iss": issuer.settings.issuer})


def _login_page(issuer: Issuer, asked: Mapping[str, str], error: str = "") -> Response:
    carried = {name: asked[name] for name in CARRIED if name in asked}
    origin = issuer.settings.public_url.rstrip("/")
    return login_page(issuer.accounts.values(), carried, "/autorisation", origin, error)


def _token(issuer: Issuer, authorization: str, form: Mapping[str, str]) -> Response:
    if not issuer.knows_client(authorization, form):
        return JSONResponse({"error": "invalid_client"}, 401, NO_STORE)
    if form.get("grant_type") != "authorization_code":
        return JSONResponse({"error": "unsupported_grant_type"}, 400, NO_STORE)
    grant = issuer.codes.redeem(
        form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
    )
    if grant is None:
        return JSONResponse({"error": "invalid_grant"}, 400, NO_STORE)
    return JSONResponse(issuer.mint.tokens(grant), headers=NO_STORE)


def _back(asked: Mapping[str, str], values: Mapping[str, str]) -> RedirectResponse:
    state = {"state": asked["state"]} if asked.get("state") else {}
    return RedirectResponse(_with(asked["redirect_uri"], {**values, **state}), 303, NO_STORE)


def _with(address: str, values: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(values)}" if values else address


def main() -> None:
    """Serve until a signal."""
    try:
        settings = read_settings()
        app = create_issuer(settings)
    except LauncherError as error:
        sys.exit(str(error))
    uvicorn.run(app, host=LOOPBACK, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
