"""What the routes of indicators share: readings, days, the words of the session's choices."""

import asyncio
from datetime import date
from typing import Annotated

import structlog
from fastapi import Path, Query, Request

from services.indicators.definitions import Indicateur, indicateurs
from services.indicators.instantane import Instantane, Instantanes
from services.indicators.parution.tache import en_rattrapage
from shared.http.errors import Refus
from shared.service import Running

_log = structlog.get_logger()
_RELEVE_S = 5.0
PATIENCE_LYCEE_S = 1.0
"""A lycée's own figures do not wait longer for those of others."""
PATIENCE_S = 6.0
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
    """The task that keeps what readers outside see of now; a trouble is said in the readiness and tried again."""
    tenus = instantanes_de(running)
    tenus.demander(running.settings.session)
    while True:
        pause = _RELEVE_S
        try:
            if not en_rattrapage(running):
                pause = await tenus.rafraichir_tout()
            running.health.green("instantanes")
        except Exception as erreur:  # noqa: BLE001 - what was read last is served meanwhile
            running.health.red("instantanes", "what is seen outside lycées is not being refreshed; retrying")
            _log.warning("reading of all lycées interrupted", error=type(erreur).__name__)
        await asyncio.sleep(pause)


async def lire_tout(request: Request, session: int, jour: date | None) -> Instantane:
    """All lycées at once, as readers outside see them.

    Raises:
        Refus: 503, it is being made: a past day of a nation takes some seconds, once.
    """
    lu = await instantanes(request).attendre(session, jour, PATIENCE_S)
    if lu is None:
        raise Refus(
            503, "en_preparation", "Les chiffres de ce jour se préparent : réessayez dans quelques secondes."
        )
    return lu


def les_indicateurs(request: Request) -> tuple[Indicateur, ...]:
    return indicateurs(en_cours(request).settings.parametres)
