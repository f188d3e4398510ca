"""The job of the service: one process leads the publication, the others wait to."""

import asyncio
import time

import structlog

from services.indicators.definitions import INDICATEURS
from services.indicators.mesures import MESURES, RANGS
from services.indicators.parution.domain import Figure, attente
from services.indicators.parution.masques import Masques
from services.indicators.parution.parution import Parution
from shared.kafka.bulk import BusySourceError, exclusive
from shared.service import Running

_log = structlog.get_logger()
_PERIODE_S = 1.0
_RELEVE_S = 5.0
CODES = tuple(mesure.code for mesure in MESURES)
FIGURES = tuple(Figure(un.code, RANGS[un.numerateur], RANGS[un.base]) for un in INDICATEURS)


async def parution(running: Running) -> None:
    """Runs until cancelled; a trouble is said in the readiness and tried again."""
    while True:
        try:
            async with exclusive(running.engine, "parution"):
                await _mener(running)
        except BusySourceError:
            await asyncio.sleep(_RELEVE_S)
        except Exception as erreur:  # noqa: BLE001 - figures are served all the same; the outside waits
            running.health.red("parution", "changes of the indicators are not being published; retrying")
            _log.warning("publication of the indicators interrupted", error=type(erreur).__name__)
            await asyncio.sleep(_RELEVE_S)


async def _mener(running: Running) -> None:
    publication = Parution(running.settings, running.engine, Masques().masquer, CODES, FIGURES)
    while True:
        debut = time.perf_counter()
        if not en_rattrapage(running):
            await publication.tic()
        running.health.green("parution")
        await asyncio.sleep(attente(time.perf_counter() - debut, _PERIODE_S))


def en_rattrapage(running: Running) -> bool:
    """Far behind, what is counted is of no moment: neither said outside nor worth masking."""
    return running.consumer is not None and running.consumer.far_behind
