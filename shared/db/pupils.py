"""The row of a pupil in a projection: ``eleve(eleve_id uuid primary key, etat bytea, …)``."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.etat import EtatEleve, decoder

_LOCK = text(
    "SELECT eleve_id::text, etat FROM eleve WHERE eleve_id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY eleve_id FOR UPDATE"
)
_CREATE = text(
    "INSERT INTO eleve (eleve_id) SELECT * FROM unnest(CAST(:ids AS uuid[])) ORDER BY 1"
    " ON CONFLICT DO NOTHING RETURNING eleve_id::text"
)


async def charger(tx: AsyncConnection, ids: Sequence[str]) -> dict[str, EtatEleve | None]:
    """States of ``ids``, locked until the end of ``tx``; rows are created for those not known yet.

    Creating the row first makes two writers of a new pupil take turns, as for a known one.
    """
    lus: dict[str, EtatEleve | None] = {}
    manquants: Sequence[str] = ids
    await _verrouiller(tx, ids, lus)
    manquants = [eleve_id for eleve_id in ids if eleve_id not in lus]
    if manquants:
        crees = (await tx.execute(_CREATE, {"ids": manquants})).scalars()
        lus.update(dict.fromkeys(crees))
        await _verrouiller(tx, [eleve_id for eleve_id in manquants if eleve_id not in lus], lus)
    return lus


async def _verrouiller(tx: AsyncConnection, ids: Sequence[str], lus: dict[str, EtatEleve | None]) -> None:
    if not ids:
        return
    for eleve_id, brut in (await tx.execute(_LOCK, {"ids": ids})).all():
        lus[eleve_id] = decoder(brut) if brut else None
