"""What the routes of the service eleves have in common: their address, and what a request brings with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine

from services.eleves.lots import Contexte
from shared.http.errors import introuvable
from shared.http.etag import poser
from shared.http.perimetre import Perimetre

PREFIXE = "/interne/v1/sessions/{session}"
Session = Annotated[int, Path(ge=2018, le=2100)]
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
EleveId = Annotated[str, Path(pattern=_UUID)]
IdCite = Annotated[str, Field(pattern=_UUID)]
"""An identifier within a body."""
Texte = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


def engine(request: Request) -> AsyncEngine:
    found: AsyncEngine = request.app.state.running.engine
    return found


def secret(request: Request) -> str:
    """Key of the service tokens, from which others are derived."""
    found: str = request.app.state.running.settings.service_token_key.get_secret_value()
    return found


def contexte_de(
    request: Request, appelant: Perimetre, session: int, uai: str, cle: str | None = None
) -> Contexte:
    """Who asks, where, now. 404 outside his scope."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    prefixe = request.app.state.running.settings.topic_prefix
    return Contexte(
        perimetre=appelant, session=session, uai=uai, le=datetime.now(UTC), cle=cle, prefixe=prefixe
    )


def contexte_direction(
    request: Request, appelant: Perimetre, session: int, uai: str, cle: str | None = None
) -> Contexte:
    """Of chef and adjoint; who only reads is answered as if there were nothing."""
    if not appelant.direction:
        raise introuvable()
    return contexte_de(request, appelant, session, uai, cle)


def montrer(response: Response, montre: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown, under its own version."""
    poser(response, montre["version"])
    return dict(montre)
