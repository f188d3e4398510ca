"""What the running service does by itself: bring deposited imports to their end, also after a crash."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from services.ingest.bulletins.recapitulatif import Calendrier
from services.ingest.etape import lieu
from services.ingest.identity import Cles
from services.ingest.imports import Imports
from services.ingest.natures import NATURES
from shared.kafka.bulk import BusySourceError
from shared.service import Running

_log = structlog.get_logger()
_REPRISE_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_MENAGE_S = 3_600.0
_PANNES = (DBAPIError, OSError, TimeoutError)


async def preparer(running: Running, stack: AsyncExitStack) -> None:
    """Resources of the service. Wrong keys, calendar or spool folder stop it at once."""
    del stack
    Cles(running.settings.hmac_keys.get_secret_value(), running.settings.session)
    Calendrier.lire(running.settings.bulletins_attendus, running.settings.session)
    imports = Imports(running.settings, running.engine)
    imports.depots.ouvrir()
    running.resources["imports"] = imports
    running.resources["reveil"] = asyncio.Event()


async def faire_avancer(running: Running) -> None:
    """The dispatcher of the queue; wakes at a deposit, and now and then for other processes'."""
    if "imports" in running.settings.travaux:
        await Repartiteur(running).tourner()


@dataclass(slots=True)
class _File:
    """The queue of one nature: who works at it, and when it may be tried again after failures."""

    tache: asyncio.Task[None] | None = None
    echecs: int = 0
    pas_avant: float = 0.0

    @property
    def libre(self) -> bool:
        return self.tache is None or self.tache.done()


class Repartiteur:
    """One look at the queue for all natures, one task for each that has work.

    A nature that fails waits longer each time, at most the last of ``_REPRISE_S``; the others go on.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self._imports: Imports = running.resources["imports"]
        self._reveil: asyncio.Event = running.resources["reveil"]
        self._files = {nature: _File() for nature in NATURES}
        self._menage_a = 0.0

    async def tourner(self) -> None:
        try:
            while True:
                self._reveil.clear()
                await self._regarder()
                await self._dormir()
        finally:
            for tache in self.taches:
                tache.cancel()
            await asyncio.gather(*self.taches, return_exceptions=True)

    @property
    def taches(self) -> list[asyncio.Task[None]]:
        """One for each nature at work."""
        return [file.tache for file in self._files.values() if file.tache is not None and not file.libre]

    async def _regarder(self) -> None:
        try:
            await self._faire_le_menage()
            attendues = await self._imports.en_attente()
        except Exception as erreur:  # noqa: BLE001 - whatever it is, the service says so and looks again
            self._dire("imports", erreur)
            return
        self._running.health.green("imports")
        for nature, file in self._files.items():
            if nature not in attendues and file.libre:
                self._reussir(nature, file)
            elif file.libre and time.monotonic() >= file.pas_avant:
                file.tache = asyncio.create_task(self._avancer(nature, file), name=f"imports.{nature}")

    async def _avancer(self, nature: str, file: _File) -> None:
        try:
            await self._imports.avancer(nature)
            self._reussir(nature, file)
            self._reveil.set()
        except BusySourceError:
            file.pas_avant = time.monotonic() + self._running.settings.poll_s
        except Exception as erreur:  # noqa: BLE001 - the other natures go on, this one is tried again
            self._dire(f"imports.{nature}", erreur)
            file.pas_avant = time.monotonic() + _REPRISE_S[min(file.echecs, len(_REPRISE_S) - 1)]
            file.echecs += 1

    def _reussir(self, nature: str, file: _File) -> None:
        file.echecs, file.pas_avant = 0, 0.0
        self._running.health.green(f"imports.{nature}")

    def _dire(self, quoi: str, erreur: Exception) -> None:
        self._running.health.red(quoi, "imports are interrupted; they are tried again")
        _log.warning("import interrupted", what=quoi, error=type(erreur).__name__, at=lieu(erreur))

    async def _dormir(self) -> None:
        """Until a deposit, the next look, or the end of a pause after a failure."""
        pauses = [file.pas_avant - time.monotonic() for file in self._files.values() if file.libre]
        attente = min([self._running.settings.poll_s, *(pause for pause in pauses if pause > 0)])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._reveil.wait(), attente)

    async def _faire_le_menage(self) -> None:
        """Forget what nobody answered in time, and files that no import needs any more."""
        if time.monotonic() < self._menage_a:
            return
        try:
            expires, supprimes = await self._imports.expirer(), await self._imports.menage()
        except _PANNES as erreur:
            _log.warning("spool folder not tidied", error=type(erreur).__name__)
            return
        self._menage_a = time.monotonic() + _MENAGE_S
        if expires or supprimes:
            _log.info("spool folder tidied", expired=expires, files=supprimes)
