"""What a command works with: its transaction's session, keys and topics, and who asks."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.identity import Cles
from services.ingest.scolarite import store, taches
from services.ingest.settings import IngestSettings
from services.ingest.siecle.entete import PARIS
from services.ingest.siecle.lu import IdentiteLue
from services.ingest.siecle.publication import Origine, Publiee, publier
from shared.db import outbox
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre, Role

_ESSAIS = 30
_ATTENTE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """One command. ``if_match``: the version that the caller saw; ``cle``: idempotency key."""

    settings: IngestSettings
    session: int
    acteur: str
    if_match: str | None = None
    cle: str | None = None
    le: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def cles(self) -> Cles:
        return Cles(self.settings.hmac_keys.get_secret_value(), self.session)

    @property
    def jour(self) -> date:
        return self.le.astimezone(PARIS).date()

    def origine(self, uai: str | None) -> Origine:
        return Origine(
            session=self.session,
            cles=self.cles,
            prefixe=self.settings.topic_prefix,
            uai=uai,
            instant=self.le,
        )

    async def publier(
        self,
        tx: AsyncConnection,
        uai: str | None,
        ids: Collection[str],
        identites: Mapping[str, IdentiteLue] | None = None,
    ) -> Publiee:
        """What differs goes to the outbox; ties open or close their tasks."""
        publiee = await publier(tx, self.origine(uai), ids, identites)
        await outbox.append(tx, publiee.evenements)
        await taches.accorder(tx, self.session, ids, publiee.egalites)
        return publiee

    async def attendre_son_tour(self, tx: AsyncConnection) -> None:
        """Identity is the analyses' shared memory: what touches it takes turns with them.

        Raises:
            Refus: 409, an import is being analysed.
        """
        source = f"{self.settings.topic_prefix}ingest.{self.session}.analyse"
        for _ in range(_ESSAIS):
            if await store.prendre_tour(tx, source):
                return
            await asyncio.sleep(_ATTENTE_S)
        raise Refus(
            409, "import_en_cours", "Un fichier est en cours d’intégration : réessayez dans un instant."
        )


def du_perimetre(perimetre: Perimetre, uai: str) -> bool:
    """The direction of the lycée, or the operator."""
    if perimetre.role is Role.OPERATEUR:
        return True
    return perimetre.direction and perimetre.voit_lycee(uai)
