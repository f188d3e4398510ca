"""Pupils whom the latest file of their lycée does not hold: marked, never deleted; unmarked when they return."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.siecle.effective import decoder_locale

_PRESENTS = text(
    """
    SELECT s.uai, s.eleve_id::text AS eleve_id, s.absent_depuis IS NOT NULL AS absent, s.contenu,
           l.contenu AS locale
      FROM registre.scolarite s LEFT JOIN registre.scolarite_locale l USING (session, eleve_id, uai)
     WHERE s.session = :session AND s.uai = ANY(CAST(:uais AS text[])) AND s.date_sortie IS NULL
    """
)
_MARQUER = text(
    """
    UPDATE registre.scolarite AS s SET absent_depuis = t.j
      FROM unnest(CAST(:lycees AS text[]), CAST(:ids AS uuid[]), CAST(:jours AS date[])) AS t(u, i, j)
     WHERE session = :session AND uai = t.u AND eleve_id = t.i AND absent_depuis IS NULL
    """
)
_DEMARQUER = text(
    """
    UPDATE registre.scolarite AS s SET absent_depuis = NULL
     WHERE session = :session AND uai = ANY(CAST(:uais AS text[])) AND absent_depuis IS NOT NULL
       AND NOT EXISTS (SELECT FROM unnest(CAST(:lycees AS text[]), CAST(:ids AS uuid[])) AS t(u, i)
                        WHERE s.uai = t.u AND s.eleve_id = t.i)
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

    def __init__(self, connus: dict[str, Connue], absents: Iterable[str]) -> None:
        self.connus = connus
        self.absents = set(absents)


class Absents(NamedTuple):
    """Pupils whom the file of a lycée, of that day, does not hold."""

    uai: str
    jour: date
    ids: Collection[str]


async def presents(tx: AsyncConnection, session: int, uais: Collection[str]) -> dict[str, Presents]:
    """By UAI. Those whom the lycée itself has said to have left are not among them."""
    trouves = {uai: Presents({}, ()) for uai in uais}
    for ligne in await tx.execute(_PRESENTS, {"session": session, "uais": list(uais)}):
        if _la(ligne):
            sien = trouves[ligne.uai]
            sien.connus[ligne.eleve_id] = _decoder(ligne.contenu)
            if ligne.absent:
                sien.absents.add(ligne.eleve_id)
    return trouves


async def marquer(tx: AsyncConnection, session: int, absents: Collection[Absents]) -> None:
    """Each is marked from the day on unless he was; nobody else of these lycées is marked any more."""
    lignes = [(lycee.uai, eleve_id, lycee.jour) for lycee in absents for eleve_id in sorted(lycee.ids)]
    valeurs: dict[str, Any] = {
        "session": session,
        "lycees": [uai for uai, _, _ in lignes],
        "ids": [eleve_id for _, eleve_id, _ in lignes],
    }
    await tx.execute(_DEMARQUER, {**valeurs, "uais": [lycee.uai for lycee in absents]})
    if lignes:
        await tx.execute(_MARQUER, {**valeurs, "jours": [jour for _, _, jour in lignes]})


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
