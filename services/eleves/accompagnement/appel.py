"""What commands of this theme are given, and what all of them demand: a version, an instant, a scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.store import Lieu
from shared.db import clock
from shared.http import etag
from shared.http.perimetre import Perimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class Appel:
    """Who commands, where. ``cle``: idempotency key; ``if_match``: the version he saw."""

    lieu: Lieu
    cle: str | None = None
    if_match: str | None = None
    prefixe: str = ""

    @property
    def par(self) -> Perimetre:
        return self.lieu.perimetre

    @property
    def session(self) -> int:
        return self.lieu.session

    def demande(self, commande: str, **contenu: object) -> dict[str, object]:
        """What two sendings of one command have in common."""
        return {"commande": commande, "session": self.session, "uai": self.lieu.uai, **contenu}


async def instant(tx: AsyncConnection) -> datetime:
    """A stamp of the service's clock, in the order of the commits."""
    (micros,) = await clock.take(tx, 1)
    return datetime.fromtimestamp(micros / 1e6, UTC)


def exiger_version(
    if_match: str | None, actuel: Mapping[str, Any], propose: Mapping[str, Any] | None
) -> None:
    """Raises Refus: 428 version not said, 412 not the one that stands; both show theirs and mine."""
    etag.exiger_version(if_match, actuel["version"], quoi="cet élément", actuel=actuel, propose=propose)
