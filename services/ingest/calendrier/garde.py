"""In front of every write of ingest: the session must be open, and its référentiels are known."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response

from services.ingest.calendrier import store
from services.ingest.calendrier.vie import refuser_si_fermee
from services.ingest.referentiels import memoire
from shared.http.errors import Refus, probleme
from shared.nomenclatures.complement import avec

_ECRITURES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SESSION = re.compile(r"/interne/v1/sessions/(\d{4})/(.+)")
_TOUJOURS = re.compile(r"vie|calendrier(/.*)?|.*/recherche|lycees/[^/]+/logiciels(/.*)?")
"""What changes the session itself, searches, which only read, and credentials, which outlive a session."""


def garder(app: FastAPI, settings: Any) -> None:
    """Answer 409 to a write on a frozen, closed or archived session."""
    del settings

    @app.middleware("http")
    async def garde(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        trouve = _SESSION.fullmatch(request.url.path)
        if request.method not in _ECRITURES or trouve is None or _TOUJOURS.fullmatch(trouve[2]):
            return await call_next(request)
        session = int(trouve[1])
        async with request.app.state.running.engine.connect() as tx:
            vie = await store.lire_vie(tx, session)
            referentiels = await memoire.complement(tx, session)
        try:
            refuser_si_fermee(vie, session)
        except Refus as refus:
            return probleme(refus.status, refus.code, refus.phrase, **refus.details)
        with avec(referentiels):
            return await call_next(request)
