"""What the steps of an import share: settings, database, files on disk, and how a file is refused."""

import traceback
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest import store
from services.ingest.compte_rendu import CompteRendu
from services.ingest.depots import Depots
from services.ingest.refus import FichierRefuse
from services.ingest.settings import IngestSettings

_log = structlog.get_logger()
PERDU = "Le fichier intermédiaire de cet import a disparu avant la fin de sa publication : déposez le fichier à nouveau."


class Etape:
    """A step in the life of an import."""

    def __init__(self, settings: IngestSettings, engine: AsyncEngine, depots: Depots) -> None:
        self.settings = settings
        self.engine = engine
        self.depots = depots

    async def refuser(self, recu: Row[Any], tentative: int, refus: FichierRefuse) -> None:
        compte_rendu = CompteRendu()
        compte_rendu.refuser(refus.code, refus.phrase)
        async with self.engine.begin() as tx:
            await store.refuser(tx, recu.id, tentative, compte_rendu.montrer())
        self.depots.oublier(recu.id, tentative)
        _log.info("import refused", import_id=recu.id, code=refus.code)

    def verrou(self, quoi: str) -> str:
        """Name of a lock of this session."""
        return f"{self.settings.topic_prefix}ingest.{self.settings.session}.{quoi}"


def lieu(erreur: Exception) -> str:
    """Where it happened; never the message, which may quote a line of the file."""
    cadres = traceback.extract_tb(erreur.__traceback__)
    return " < ".join(f"{Path(cadre.filename).name}:{cadre.lineno}" for cadre in reversed(cadres[-4:]))
