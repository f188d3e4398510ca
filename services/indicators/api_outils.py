"""What the routes of indicators share: readings, days, the words of the session's choices."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Request

from services.indicators.definitions import Indicateur, indicateurs
from services.indicators.instantane import Instantanes
from shared.service import Running

PREFIXE = "/interne/v1/sessions/{session}"
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
Code = Annotated[str, Path(pattern=r"^[0-9]{2}$")]
Jour = Annotated[date | None, Query()]


def en_cours(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


def instantanes(request: Request) -> Instantanes:
    """Made with the first request when no task keeps it."""
    return instantanes_de(en_cours(request))


def instantanes_de(running: Running) -> Instantanes:
    found = running.resources.get("instantanes")
    if found is None:
        found = running.resources["instantanes"] = Instantanes(running.engine)
    garde: Instantanes = found
    return garde


async def suivre(running: Running) -> None:
    """The task that keeps what readers outside see of now."""
    await instantanes_de(running).suivre()


def les_indicateurs(request: Request) -> tuple[Indicateur, ...]:
    return indicateurs(en_cours(request).settings.parametres)
