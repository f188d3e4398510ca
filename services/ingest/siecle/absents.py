"""Pupils whom the latest file of their lycée does not hold: marked, never deleted; unmarked when they return."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.siecle.effective import decoder_locale

_PRESENTS = text(
    """
    SELECT s.eleve_id::text AS eleve_id, s.absent_depuis IS NOT NULL AS absent, s.contenu,
           l.contenu AS locale
      FROM registre.scolarite s LEFT JOIN registre.scolarite_locale l USING (session, eleve_id, uai)
     WHERE s.session = :session AND s.uai = :uai AND s.date_sortie IS NULL
    """
)
_MARQUER = text(
    """
    UPDATE registre.scolarite SET absent_depuis = :jour
     WHERE session = :session AND uai = :uai AND eleve_id = ANY(CAST(:ids AS uuid[])) AND absent_depuis IS NULL
    """
)
_DEMARQUER = text(
    """
    UPDATE registre.scolarite SET absent_depuis = NULL
     WHERE session = :session AND uai = :uai AND absent_depuis IS NOT NULL
       AND NOT eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_LISTER = text(
    """
    SELECT s.eleve_id::text AS eleve_id, s.absent_depuis, s.contenu, l.contenu AS locale
      FROM registre.scolarite s LEFT JOIN registre.scolarite_locale l USING (session, eleve_id, uai)
     WHERE s.session = :session AND s.uai = :uai AND s.absent_depuis IS NOT NULL AND s.date_sortie IS NULL
     ORDER BY s.absent_depuis, s.eleve_id
    """
)


class Connue(msgspec.Struct, frozen=True):
    """What is compared of a pupil known before the file."""

    classe: str | None = None
    serie: str | None = None


_decoder = msgspec.json.Decoder(Connue).decode


class Presents:
    """The pupils whom the lycée has said to be there, before the file."""

    def __init__(self, connus: Mapping[str, Connue], absents: Collection[str]) -> None:
        self.connus = connus
        self.absents = set(absents)


async def presents(tx: AsyncConnection, session: int, uai: str) -> Presents:
    """Those whom the lycée itself has said to have left are not among them."""
    lues = [ligne for ligne in await tx.execute(_PRESENTS, {"session": session, "uai": uai}) if _la(ligne)]
    return Presents(
        {ligne.eleve_id: _decoder(ligne.contenu) for ligne in lues},
        {ligne.eleve_id for ligne in lues if ligne.absent},
    )


async def marquer(tx: AsyncConnection, session: int, uai: str, jour: date, absents: Collection[str]) -> None:
    """``absents`` are marked from ``jour`` on unless they were; nobody else of the lycée is marked any more."""
    valeurs = {"session": session, "uai": uai, "ids": list(absents)}
    await tx.execute(_DEMARQUER, valeurs)
    if absents:
        await tx.execute(_MARQUER, {**valeurs, "jour": jour})


async def lister(tx: AsyncConnection, session: int, uai: str) -> list[dict[str, Any]]:
    """Longest absent first; without those whom the lycée itself has said to have left."""
    lues = [ligne for ligne in await tx.execute(_LISTER, {"session": session, "uai": uai}) if _la(ligne)]
    return [
        {"eleve_id": lue.eleve_id, "depuis": lue.absent_depuis, **_classe(_decoder(lue.contenu))}
        for lue in lues
    ]


def _la(ligne: Row[Any]) -> bool:
    if ligne.locale is None:
        return True
    locale = decoder_locale(ligne.locale)
    return not (locale.sortie or locale.renonce)


def _classe(connue: Connue) -> dict[str, str | None]:
    return {"classe": connue.classe, "serie": connue.serie}
