"""From the spool of an analysed import to its topics, from checkpoint to checkpoint."""

from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import store
from services.ingest.etape import PERDU, Etape
from services.ingest.refus import FichierRefuse
from shared.events.topics import CATALOGUE
from shared.kafka import bulk
from shared.kafka.clients import admin

_log = structlog.get_logger()


class SessionFermeeError(Exception):
    """The topics of the session do not exist: nothing can be published before it is opened."""


class Publications(Etape):
    """Publishes what was analysed."""

    _ouverte = False

    async def publier(self, recu: Row[Any], rang: int) -> None:
        spool = self.depots.spool(recu.id, recu.tentative)
        if recu.total and not spool.exists():
            await self._perdre(recu)
            return

        async def checkpoint(tx: AsyncConnection, rang: int) -> None:
            await store.checkpoint(tx, recu.id, recu.tentative, rang)

        if recu.checkpoint < (recu.total or 0):
            await self._verifier_session()
            await bulk.publish(
                self.settings,
                self.engine,
                spool,
                source=f"{recu.nature.lower()}.{rang}",
                start=recu.checkpoint,
                checkpoint=checkpoint,
            )
        async with self.engine.begin() as tx:
            await store.terminer(tx, recu.id, recu.tentative)
        _log.info("import done", import_id=recu.id, nature=recu.nature, events=recu.total)

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
