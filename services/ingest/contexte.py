"""What an analysis works with: one import, its transaction, its spool, its compte rendu."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.candidats.sortants import Sortant
from services.ingest.compte_rendu import CompteRendu
from services.ingest.identity import Cles
from services.ingest.settings import IngestSettings
from shared.events import topics as t
from shared.kafka.spool import SpoolWriter

_TOPICS = (t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE, t.ACCUSE)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a successful analysis says of its file: the lycée and version of a SIECLE one."""

    uai: str | None = None
    version: int | None = None


class Analyse:
    """One analysis under way. Everything written through ``tx`` stands or falls with the spool."""

    def __init__(
        self,
        settings: IngestSettings,
        tx: AsyncConnection,
        *,
        recu: Row[Any],
        depot: Path,
        spool: SpoolWriter,
        progres: Callable[[CompteRendu], Awaitable[None]],
    ) -> None:
        self.settings = settings
        self.tx = tx
        self.recu = recu
        self.import_id: str = recu.id
        self.session: int = recu.session
        self.depot = depot
        self.spool = spool
        self.compte_rendu = CompteRendu()
        self.cles = Cles(settings.hmac_keys.get_secret_value(), recu.session)
        self._progres = progres
        self._topics = {topic.nom: topic.complet(settings.topic_prefix, recu.session) for topic in _TOPICS}

    def emettre(self, eleve_id: str, fait: Sortant) -> None:
        self.spool.add(fait.pour(eleve_id, self._topics[fait.topic]))

    async def signaler(self) -> None:
        """Show the counters so far to who looks at the import."""
        await self._progres(self.compte_rendu)
