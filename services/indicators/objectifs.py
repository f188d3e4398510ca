"""Targets that an académie sets, by indicator and série: kept with every version that they had."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_CHAMPS = "indicateur, serie, version, cible, continuum, note, auteur, modifie_le"
_LIRE = text(
    f"SELECT {_CHAMPS} FROM registre.objectif WHERE session = :session AND academie = :academie"
    " ORDER BY indicateur, serie"
)
_VERSION = text(
    "SELECT version FROM registre.objectif WHERE session = :session AND academie = :academie"
    " AND indicateur = :indicateur AND serie = :serie FOR UPDATE"
)
_POSER = text(
    "INSERT INTO registre.objectif AS o (session, academie, indicateur, serie, version, cible, continuum, note,"
    " auteur, modifie_le) VALUES (:session, :academie, :indicateur, :serie, 1, :cible, :continuum, :note, :auteur,"
    " now()) ON CONFLICT (session, academie, indicateur, serie) DO UPDATE SET version = o.version + 1,"
    " cible = excluded.cible, continuum = excluded.continuum, note = excluded.note, auteur = excluded.auteur,"
    f" modifie_le = excluded.modifie_le RETURNING {_CHAMPS}"
)
_RETENIR = text(
    f"INSERT INTO registre.objectif_histoire (session, academie, {_CHAMPS})"
    f" SELECT session, academie, {_CHAMPS} FROM registre.objectif WHERE session = :session"
    " AND academie = :academie AND indicateur = :indicateur AND serie = :serie"
)
_HISTOIRE = text(
    f"SELECT {_CHAMPS} FROM registre.objectif_histoire WHERE session = :session AND academie = :academie"
    " AND indicateur = :indicateur AND serie = :serie ORDER BY version DESC"
)


class Cle(NamedTuple):
    """``serie`` ENSEMBLE: all of them."""

    session: int
    academie: str
    indicateur: str
    serie: str


class Cible(NamedTuple):
    """``cible``: 0 to 1, None takes it back. ``continuum``: −3 to 3, what is wanted of the figure."""

    cible: float | None
    continuum: int | None
    note: str


async def lire(connection: AsyncConnection, session: int, academie: str) -> list[dict[str, Any]]:
    """All of an académie's, those taken back included (``cible`` None), so that their version is known."""
    rows = await connection.execute(_LIRE, {"session": session, "academie": academie})
    return [_dit(row) for row in rows.all()]


async def version(tx: AsyncConnection, cle: Cle) -> int:
    """0 when none was ever set; locked until the end of ``tx``."""
    return int((await tx.execute(_VERSION, cle._asdict())).scalar() or 0)


async def poser(tx: AsyncConnection, cle: Cle, cible: Cible, auteur: str) -> dict[str, Any]:
    """Set, change or take back."""
    row = (await tx.execute(_POSER, {**cle._asdict(), **cible._asdict(), "auteur": auteur})).one()
    await tx.execute(_RETENIR, cle._asdict())
    return _dit(row)


async def histoire(connection: AsyncConnection, cle: Cle) -> list[dict[str, Any]]:
    """Every version, the last first."""
    return [_dit(row) for row in (await connection.execute(_HISTOIRE, cle._asdict())).all()]


def _dit(row: Any) -> dict[str, Any]:
    dit = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name
    le: datetime = dit["modifie_le"]
    return {**dit, "modifie_le": le.isoformat()}
