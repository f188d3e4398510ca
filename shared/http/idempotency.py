"""``Idempotency-Key``: a command sent twice is done once and answered alike.

The row is taken first in the command's transaction and kept by it: a twin sent meanwhile waits for
the outcome. A refused command rolls back and leaves nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.http.errors import Refus

CleIdempotence = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]
_RESERVER = text(
    "INSERT INTO mechanism.idempotency (acteur, cle, empreinte, reponse)"
    " VALUES (:acteur, :cle, :empreinte, '{}') ON CONFLICT DO NOTHING RETURNING true"
)
_DEJA = text(
    "SELECT empreinte, reponse::text FROM mechanism.idempotency WHERE acteur = :acteur AND cle = :cle"
)
_RETENIR = text(
    "UPDATE mechanism.idempotency SET reponse = CAST(:reponse AS jsonb) WHERE acteur = :acteur AND cle = :cle"
)
_OUBLIER = text("DELETE FROM mechanism.idempotency WHERE le < now() - make_interval(days => :jours)")


async def deja_repondu(
    tx: AsyncConnection, acteur: str, cle: str | None, demande: Mapping[str, object]
) -> dict[str, Any] | None:
    """The answer already given to this key, or None: the command is to be done.

    Raises:
        Refus: 409, the key was given with another request.
    """
    if cle is None:
        return None
    empreinte = hashlib.sha256(json.dumps(demande, sort_keys=True, default=str).encode()).hexdigest()
    reserve = await tx.execute(_RESERVER, {"acteur": acteur, "cle": cle, "empreinte": empreinte})
    if reserve.scalar():
        return None
    deja = (await tx.execute(_DEJA, {"acteur": acteur, "cle": cle})).one()
    if deja.empreinte != empreinte:
        raise Refus(
            409,
            "cle_reutilisee",
            "Cette demande porte la même référence qu’une autre, différente : recommencez.",
        )
    reponse: dict[str, Any] = json.loads(deja.reponse)
    return reponse


async def retenir(tx: AsyncConnection, acteur: str, cle: str | None, reponse: Mapping[str, object]) -> None:
    """Remember the answer, in the transaction that did the command."""
    if cle is not None:
        await tx.execute(_RETENIR, {"acteur": acteur, "cle": cle, "reponse": json.dumps(reponse)})


async def oublier(tx: AsyncConnection, jours: int) -> None:
    """Forget the keys older than ``jours``: nobody retries after that."""
    await tx.execute(_OUBLIER, {"jours": jours})
