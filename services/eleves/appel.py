"""What the routes of the service eleves have in common: their address, and what a request brings with it."""

from typing import Annotated

from fastapi import Path, Request
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine

PREFIXE = "/interne/v1/sessions/{session}"
Session = Annotated[int, Path(ge=2018, le=2100)]
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
EleveId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Texte = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


def engine(request: Request) -> AsyncEngine:
    found: AsyncEngine = request.app.state.running.engine
    return found


def secret(request: Request) -> str:
    """Key of the service tokens, from which others are derived."""
    found: str = request.app.state.running.settings.service_token_key.get_secret_value()
    return found
