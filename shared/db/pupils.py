"""The row of a pupil in a projection: ``eleve(eleve_id uuid primary key, etat bytea, …)``."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.etat import EtatEleve, decoder

_LOCK = (
    "SELECT eleve_id::text, {colonnes} FROM eleve WHERE eleve_id = ANY(CAST(:ids AS uuid[]))"
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
    lus = await _verrouiller(tx, ids, "etat")
    return {eleve_id: etat for eleve_id, (etat,) in lus.items()}


async def charger_avec(
    tx: AsyncConnection, ids: Sequence[str], colonne: str
) -> dict[str, tuple[EtatEleve | None, Any]]:
    """Same, with what ``colonne`` of the row holds."""
    lus = await _verrouiller(tx, ids, f"etat, {colonne}")
    return {eleve_id: (etat, autre) for eleve_id, (etat, autre) in lus.items()}


async def _verrouiller(tx: AsyncConnection, ids: Sequence[str], colonnes: str) -> dict[str, tuple[Any, ...]]:
    lus = await _lire(tx, ids, colonnes)
    manquants = [eleve_id for eleve_id in ids if eleve_id not in lus]
    if manquants:
        crees = set((await tx.execute(_CREATE, {"ids": manquants})).scalars())
        lus |= dict.fromkeys(crees, (None,) * len(colonnes.split(",")))
        lus |= await _lire(tx, [eleve_id for eleve_id in manquants if eleve_id not in crees], colonnes)
    return lus


async def _lire(tx: AsyncConnection, ids: Sequence[str], colonnes: str) -> dict[str, tuple[Any, ...]]:
    if not ids:
        return {}
    rows = (await tx.execute(text(_LOCK.format(colonnes=colonnes)), {"ids": ids})).all()
    return {eleve_id: (decoder(brut) if brut else None, *autres) for eleve_id, brut, *autres in rows}
