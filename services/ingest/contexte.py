"""What an analysis works with: one import, its transaction, its spool, its compte rendu."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest import rejets
from services.ingest.candidats.sortants import Sortant
from services.ingest.compte_rendu import CompteRendu, Gravite, Ligne
from services.ingest.identity import Cles
from services.ingest.lignes import Carnet, CarnetCommun
from services.ingest.refus import AConfirmer
from services.ingest.settings import IngestSettings
from shared.events import topics as t
from shared.events.enveloppe import Evenement
from shared.kafka.framing import Frame

_LYCEES = text(
    "SELECT pg_advisory_xact_lock(hashtext(lycee))"
    " FROM (SELECT unnest(CAST(:lycees AS text[])) AS lycee ORDER BY 1) AS t"
)
_TOPICS = (t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE, t.ACCUSE)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a successful analysis says of its file: the lycée and version of a SIECLE one."""

    uai: str | None = None
    version: int | None = None


class Spool(Protocol):
    """Where events go."""

    @property
    def count(self) -> int: ...

    def add(self, fait: Evenement) -> None: ...

    def add_frame(self, frame: Frame) -> None: ...


class SpoolDEssai:
    """Counts the events that a dry run would publish."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, fait: Evenement) -> None:
        del fait
        self.count += 1

    def add_frame(self, frame: Frame) -> None:
        del frame
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Analyse:
    """One analysis under way. Everything written through ``tx`` stands or falls with the spool.

    ``essai``: a dry run, whose transaction is rolled back and whose spool is not kept; an analysis need not know.
    """

    def __init__(
        self,
        settings: IngestSettings,
        tx: AsyncConnection,
        *,
        recu: Row[Any],
        depot: Path,
        spool: Spool,
        carnet: Carnet | CarnetCommun,
        cles: Cles | None = None,
    ) -> None:
        self.settings = settings
        self.tx = tx
        self.recu = recu
        self.import_id: str = recu.id
        self.session: int = recu.session
        self.essai: bool = recu.essai
        self.depot = depot
        self.spool = spool
        self.compte_rendu = CompteRendu()
        self.questions: list[AConfirmer] = []
        self.cles = cles or Cles(settings.hmac_keys.get_secret_value(), recu.session)
        self._carnet = carnet
        self._gardes = 0
        self._topics = {topic.nom: topic.complet(settings.topic_prefix, recu.session) for topic in _TOPICS}

    def emettre(self, eleve_id: str, fait: Sortant) -> None:
        self.spool.add(fait.pour(eleve_id, self._topics[fait.topic]))

    def est_confirme(self, code: str) -> bool:
        """Somebody has said yes to the question ``code`` of this import."""
        return self.recu.confirme or code in self.recu.confirmes

    def demander(self, question: AConfirmer) -> None:
        """Ask, unless it is confirmed already.

        The analysis goes on, for a whole compte rendu to answer by; nothing of it is written.
        """
        if not self.est_confirme(question.code):
            self.questions.append(question)

    @property
    def a_des_rejets(self) -> bool:
        """Some of its lines wait to be mended."""
        return self._gardes > 0

    async def attendre_les_lycees(self, uais: Iterable[str]) -> None:
        """Files of one lycée take turns, whatever their deposits said of it."""
        await self.tx.execute(_LYCEES, {"lycees": [f"{self.session}.{uai}" for uai in uais]})

    async def signaler(self) -> None:
        """Between two batches: store the lines so far."""
        await self.verser()

    async def verser(self) -> None:
        """Store the lines of the compte rendu, and the rejects, which wait to be mended."""
        lignes = self.compte_rendu.prendre_lignes()
        if not lignes:
            return
        await self._carnet.verser(lignes)
        await rejets.ecrire(self.tx, self.recu, self._garder(lignes))

    def _garder(self, lignes: Iterable[Ligne]) -> dict[int, Ligne]:
        """Rejects by rang, first anomaly first; beyond the limit they are told, not kept."""
        gardes: dict[int, Ligne] = {}
        for ligne in lignes:
            if ligne.gravite is not Gravite.REJET or ligne.rang in gardes:
                continue
            if self._gardes < self.settings.rejets_max:
                self._gardes += 1
                gardes[ligne.rang] = ligne
            else:
                self.compte_rendu.compter("rejets_non_gardes")
        return gardes
