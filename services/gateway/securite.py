"""What every answer of the public door carries, and how much it takes in."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.settings import GatewaySettings
from shared.http.errors import probleme

UN_AN = 31_536_000
_FICHIERS = ("/siecle", "/bulletins")
_MORCEAU = re.compile(r"/televersements/[0-9a-f-]{36}$")


def politique(settings: GatewaySettings) -> str:
    """Content-Security-Policy: ourselves only, and the identity provider at the end of a form."""
    fournisseur = urlsplit(settings.oidc_issuer)
    regles = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": f"'self' {fournisseur.scheme}://{fournisseur.netloc}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{nom} {valeur}" for nom, valeur in regles.items())


def entetes(settings: GatewaySettings) -> dict[str, str]:
    communs = {
        "Content-Security-Policy": politique(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    transport = {"Strict-Transport-Security": f"max-age={UN_AN}"} if settings.secure else {}
    return {**communs, **transport}


class Protection:
    """ASGI middleware: security headers, nothing cached unless it says so, bodies of a known size."""

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._entetes = entetes(settings)
        limites = (
            settings.body_max_bytes,
            settings.upload_max_bytes + settings.body_max_bytes,
            settings.resumable_max_bytes,
        )
        self._corps, self._fichier, self._morceau = (
            (limite, RequestBodyLimitMiddleware(app, max_body_size=limite)) for limite in limites
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._corps[1](scope, receive, send)
            return
        envoyer = self._avec_entetes(send)
        limite, app = self._pour(scope)
        refus = probleme(413, "demande_trop_lourde", f"La demande dépasse {limite >> 10} ko.")
        await (refus if _annonce(scope) > limite else app)(scope, receive, envoyer)

    def _pour(self, scope: Scope) -> tuple[int, ASGIApp]:
        """A file, a piece of one, or an ordinary body."""
        if scope["method"] == "PATCH" and _MORCEAU.search(scope["path"]):
            return self._morceau
        return self._fichier if scope["path"].endswith(_FICHIERS) else self._corps

    def _avec_entetes(self, send: Send) -> Send:
        async def envoyer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for nom, valeur in self._entetes.items():
                    headers.setdefault(nom, valeur)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return envoyer


def _annonce(scope: Scope) -> int:
    longueur = Headers(scope=scope).get("content-length", "0")
    return int(longueur) if longueur.isdecimal() else 0
