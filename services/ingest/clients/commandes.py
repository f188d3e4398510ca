"""Creation, use and revocation of the credentials of machines, for HTTP and the command line alike."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.clients import store
from services.ingest.clients.domain import (
    DUREE_MAX,
    LOGICIELS_MAX,
    PREFIXE_SECRET,
    Genre,
    empreinte,
    ouvre,
    valable,
)
from shared.http.errors import Refus

_SEL = 16


class Cree(NamedTuple):
    """A new credential. ``secret`` is nowhere else: who loses it makes another."""

    client: Row[Any]
    secret: str


async def creer(
    tx: AsyncConnection, genre: Genre, *, nom: str, jours: int, par: str, uai: str | None = None
) -> Cree:
    """A credential for ``jours`` days; of the lycée ``uai`` for a LOGICIEL.

    Raises:
        Refus: 409, the lycée has as many as it may; 422, too long a life.
    """
    duree = timedelta(days=jours)
    if not timedelta(0) < duree <= DUREE_MAX:
        raise Refus(422, "duree", f"La durée va de 1 à {DUREE_MAX.days} jours.")
    if uai is not None and await store.actifs(tx, uai) >= LOGICIELS_MAX:
        phrase = f"Ce lycée a déjà {LOGICIELS_MAX} accès actifs : révoquez-en un avant d’en créer un autre."
        raise Refus(409, "trop_de_logiciels", phrase)
    secret, sel = PREFIXE_SECRET + secrets.token_urlsafe(32), secrets.token_bytes(_SEL)
    client = await store.creer(
        tx,
        client_id=f"{genre.value.lower()}-{secrets.token_hex(8)}",
        genre=genre.value,
        uai=uai,
        nom=nom,
        sel=sel,
        empreinte=empreinte(secret, sel),
        cree_par=par,
        expire_le=datetime.now(UTC) + duree,
    )
    return Cree(client, secret)


async def authentifier(tx: AsyncConnection, client_id: str, secret: str) -> Row[Any] | None:
    """The client whose secret this is, when it may be used; its use is remembered."""
    client = await store.lire(tx, client_id)
    if client is None or not ouvre(client, secret, datetime.now(UTC)):
        return None
    await store.utiliser(tx, client_id)
    return client


async def valide(tx: AsyncConnection, client_id: str) -> Row[Any] | None:
    """The client when it may still be used: asked at every call, so that a revocation is immediate."""
    client = await store.lire(tx, client_id)
    if client is None or not valable(client, datetime.now(UTC)):
        return None
    await store.utiliser(tx, client_id)
    return client
