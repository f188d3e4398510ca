"""From the spools of analysed imports to their topics, from checkpoint to checkpoint."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import avancement, store
from services.ingest.avancement import Avancee
from services.ingest.etape import PERDU, Etape
from services.ingest.refus import FichierRefuse
from shared.events.topics import CATALOGUE
from shared.kafka import bulk
from shared.kafka.bulk import Publisher
from shared.kafka.clients import admin
from shared.kafka.framing import Frame
from shared.kafka.spool import read_chunks

_log = structlog.get_logger()


class SessionFermeeError(Exception):
    """The topics of the session do not exist: nothing can be published before it is opened."""


class Publications(Etape):
    """Publishes what was analysed."""

    _ouverte = False

    def ouvrir(self, nature: str, rang: int) -> AbstractAsyncContextManager[Publisher]:
        """The producer of a place, kept open from import to import; ``rang``: of the place."""
        return bulk.publisher(self.settings, self.engine, f"{nature.lower()}.{rang}")

    async def publier(self, recus: Iterable[Row[Any]], publieur: Publisher) -> None:
        """Bring analysed imports to their end, small ones in one transaction."""
        trouves = [recu for recu in recus if await self._trouver(recu)]
        for lot in self._lots(trouves):
            if lot.frames:
                await self._verifier_session()
            await publieur.send(lot.frames, lot.noter)
        for recu in trouves:
            self.depots.oublier(recu.id, recu.tentative)
            _log.info("import done", import_id=recu.id, nature=recu.nature, events=recu.total)

    async def _trouver(self, recu: Row[Any]) -> bool:
        """Whether the spool is there; an import that has lost it is refused."""
        if not recu.total or self.depots.spool(recu.id, recu.tentative).exists():
            return True
        await self._perdre(recu)
        return False

    def _lots(self, recus: Iterable[Row[Any]]) -> Iterator["_Lot"]:
        """The rest of each import in order, in chunks that hold many when they are small."""
        lot = _Lot()
        for recu in recus:
            rang = recu.checkpoint
            for frames in self._restants(recu):
                if lot.frames and len(lot.frames) + len(frames) > bulk.CHUNK:
                    yield lot
                    lot = _Lot()
                rang += len(frames)
                lot.ajouter(recu, rang, frames)
        if lot.avancees or lot.finis:
            yield lot

    def _restants(self, recu: Row[Any]) -> Iterable[list[Frame]]:
        """At least one chunk, empty when nothing is left to publish."""
        if recu.checkpoint >= (recu.total or 0):
            return [[]]
        return read_chunks(self.depots.spool(recu.id, recu.tentative), bulk.CHUNK, recu.checkpoint)

    async def _verifier_session(self) -> None:
        """A producer asked for a topic that does not exist would try for long and say little."""
        if self._ouverte:
            return
        client = admin(self.settings)
        await client.start()
        try:
            existants = set(await client.list_topics())
        finally:
            await client.close()
        prefixe, session = self.settings.topic_prefix, self.settings.session
        attendus = {topic.complet(prefixe, session) for topic in CATALOGUE if topic.proprietaire == "ingest"}
        if not attendus <= existants:
            raise SessionFermeeError(f"session {session} is not open: pilotage session open {session}")
        self._ouverte = True

    async def _perdre(self, recu: Row[Any]) -> None:
        _log.error("spool lost", import_id=recu.id)
        async with self.engine.begin() as tx:
            await store.oublier_publication(tx, recu.id)
        await self.refuser(recu, recu.tentative, FichierRefuse("PERDU", PERDU))


@dataclass(slots=True)
class _Lot:
    """What goes in one transaction: frames, and how far each import is with them."""

    frames: list[Frame] = field(default_factory=list)
    avancees: dict[str, Avancee] = field(default_factory=dict)
    finis: dict[str, int] = field(default_factory=dict)

    def ajouter(self, recu: Row[Any], rang: int, frames: Sequence[Frame]) -> None:
        self.frames += frames
        if rang >= (recu.total or 0):
            self.avancees.pop(recu.id, None)
            self.finis[recu.id] = recu.tentative
        else:
            self.avancees[recu.id] = Avancee(recu.id, recu.tentative, rang)

    async def noter(self, tx: AsyncConnection) -> None:
        if self.avancees:
            await avancement.avancer(tx, list(self.avancees.values()))
        if self.finis:
            await avancement.terminer(tx, self.finis)
