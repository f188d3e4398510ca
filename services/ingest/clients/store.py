"""SQL of the credentials of machines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_VUE = "id, genre, uai, nom, cree_par, cree_le, expire_le, revoque_par, revoque_le, utilise_le"
_CREER = text(
    f"""
    INSERT INTO registre.client_machine (id, genre, uai, nom, sel, empreinte, cree_par, expire_le)
    VALUES (:id, :genre, :uai, :nom, :sel, :empreinte, :cree_par, :expire_le) RETURNING {_VUE}
    """
)
_LIRE = text(f"SELECT {_VUE}, sel, empreinte FROM registre.client_machine WHERE id = :id")
_LISTER = text(
    f"""
    SELECT {_VUE} FROM registre.client_machine
     WHERE (CAST(:uai AS text) IS NULL OR uai = :uai) AND (CAST(:genre AS text) IS NULL OR genre = :genre)
     ORDER BY cree_le DESC, id
    """
)
_ACTIFS = text(
    """
    SELECT count(*) FROM registre.client_machine
     WHERE uai = :uai AND revoque_le IS NULL AND expire_le > now()
    """
)
_VERROUILLER_LYCEE = text("SELECT pg_advisory_xact_lock(hashtextextended('client_machine' || :uai, 0))")
_REVOQUER = text(
    """
    UPDATE registre.client_machine SET revoque_le = now(), revoque_par = :par
     WHERE id = :id AND (CAST(:uai AS text) IS NULL OR uai = :uai) AND revoque_le IS NULL
    """
)
_UTILISER = text(
    """
    UPDATE registre.client_machine SET utilise_le = now()
     WHERE id = :id AND (utilise_le IS NULL OR utilise_le < now() - interval '1 minute')
    """
)


async def creer(
    tx: AsyncConnection,
    *,
    client_id: str,
    genre: str,
    uai: str | None,
    nom: str,
    sel: bytes,
    empreinte: bytes,
    cree_par: str,
    expire_le: datetime,
) -> Row[Any]:
    valeurs = {
        "id": client_id,
        "genre": genre,
        "uai": uai,
        "nom": nom,
        "sel": sel,
        "empreinte": empreinte,
        "cree_par": cree_par,
        "expire_le": expire_le,
    }
    return (await tx.execute(_CREER, valeurs)).one()


async def lire(tx: AsyncConnection, client_id: str) -> Row[Any] | None:
    return (await tx.execute(_LIRE, {"id": client_id})).one_or_none()


async def lister(tx: AsyncConnection, uai: str | None = None, genre: str | None = None) -> Sequence[Row[Any]]:
    """Latest first, those revoked included."""
    return (await tx.execute(_LISTER, {"uai": uai, "genre": genre})).all()


async def actifs(tx: AsyncConnection, uai: str) -> int:
    """How many credentials of the lycée may be used; two creations at once take turns."""
    await tx.execute(_VERROUILLER_LYCEE, {"uai": uai})
    return int((await tx.execute(_ACTIFS, {"uai": uai})).scalar_one())


async def revoquer(tx: AsyncConnection, client_id: str, par: str, uai: str | None = None) -> bool:
    """False when there is no such credential to revoke (any more)."""
    return (await tx.execute(_REVOQUER, {"id": client_id, "par": par, "uai": uai})).rowcount == 1


async def utiliser(tx: AsyncConnection, client_id: str) -> None:
    """Remember the last use, to the minute."""
    await tx.execute(_UTILISER, {"id": client_id})
