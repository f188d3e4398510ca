"""The two front doors that ``pilotage simulate live`` may use: ingest in this process, or the gateway by HTTP."""

from pathlib import Path

from services.cli.ingest import chunks
from services.cli.televersement import Client, preparer
from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import NATURES


class LocalDoor:
    """What ``pilotage ingest load`` does: deposits, and does or awaits the import."""

    natures = frozenset(NATURES)

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    async def deposer(self, nature: str, fichier: Path, uai: str | None) -> str:
        import_id = await deposer(
            self._imports,
            nature,
            chunks(fichier),
            lambda: fichier.name,
            demandeur="simulate",
            uai=uai,
            confirme=True,
        )
        recu = await self._imports.attendre(import_id, nature)
        return str(recu.etat)


class HttpDoor:
    """The platform's own way: its credential, then a resumable upload. Takes the feed alone."""

    natures = frozenset({"FAITS"})

    def __init__(self, client: Client) -> None:
        self._client = client

    async def deposer(self, nature: str, fichier: Path, uai: str | None) -> str:
        import_id = await self._client.envoyer(preparer(fichier, nature, uai, confirme=True))
        done = await self._client.suivre(import_id)
        return str(done["etat"])
