"""What the running service does by itself: bring deposited imports to their end, also after a crash."""

import asyncio
from contextlib import AsyncExitStack, suppress

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.ingest.identity import Cles
from services.ingest.imports import Imports, lieu
from services.ingest.natures import NATURES
from shared.kafka.bulk import BusySourceError
from shared.service import Running

_log = structlog.get_logger()
_REPRISE_S = (1.0, 2.0, 5.0, 10.0, 30.0)


async def preparer(running: Running, stack: AsyncExitStack) -> None:
    """Resources of the service. Wrong keys or an unwritable spool folder stop it at once."""
    del stack
    Cles(running.settings.hmac_keys.get_secret_value(), running.settings.session)
    imports = Imports(running.settings, running.engine)
    imports.depots.ouvrir()
    running.resources["imports"] = imports
    running.resources["reveil"] = asyncio.Event()


async def faire_avancer(running: Running) -> None:
    """Both natures, each in its own task; wakes at a deposit, and now and then for other processes'."""
    imports: Imports = running.resources["imports"]
    await _menage(imports)
    await asyncio.gather(*(_boucle(running, imports, nature) for nature in NATURES))


async def _boucle(running: Running, imports: Imports, nature: str) -> None:
    reveil: asyncio.Event = running.resources["reveil"]
    echecs = 0
    while True:
        try:
            if nature in await imports.en_attente():
                await imports.avancer(nature)
            running.health.green(f"imports.{nature}")
            echecs = 0
        except BusySourceError:
            pass
        except Exception as erreur:  # noqa: BLE001 - whatever it is, the service says so and tries again
            running.health.red(f"imports.{nature}", "imports are interrupted; they are tried again")
            _log.warning("import interrupted", nature=nature, error=type(erreur).__name__, at=lieu(erreur))
            await asyncio.sleep(_REPRISE_S[min(echecs, len(_REPRISE_S) - 1)])
            echecs += 1
            continue
        reveil.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(reveil.wait(), running.settings.poll_s)


_EN_COURS = text("SELECT id::text FROM registre.import WHERE etat IN ('DEPOSE', 'ANALYSE', 'PUBLICATION')")


async def _menage(imports: Imports) -> None:
    try:
        async with imports.engine.connect() as tx:
            en_cours = set((await tx.execute(_EN_COURS)).scalars())
        supprimes = imports.depots.menage(en_cours)
    except (DBAPIError, OSError, TimeoutError) as erreur:
        _log.warning("spool folder not tidied", error=type(erreur).__name__)
        return
    if supprimes:
        _log.info("spool folder tidied", files=supprimes)
