"""Marks and appréciations of the bulletins: the last version of each période, in a table of their own.

They are not in the folded state: a bulletin weighs ten times the rest of a pupil, and only his own page shows it.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.etat import cle_bulletin
from shared.events import rapide as r

_encoder = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(tuple[r.Note, ...]).decode
_ECRIRE = text(
    """
    INSERT INTO bulletin (eleve_id, annee, periode, version, notes)
    SELECT * FROM unnest(CAST(:eleves AS uuid[]), CAST(:annees AS smallint[]), CAST(:periodes AS smallint[]),
                         CAST(:versions AS bigint[]), CAST(:notes AS bytea[]))
     ORDER BY 1, 2, 3
    ON CONFLICT (eleve_id, annee, periode) DO UPDATE
       SET version = excluded.version, notes = excluded.notes WHERE bulletin.version < excluded.version
    """
)
_EFFACER = text("DELETE FROM bulletin WHERE eleve_id = ANY(CAST(:eleves AS uuid[]))")
_LIRE = text("SELECT annee, periode, notes FROM bulletin WHERE eleve_id = CAST(:eleve_id AS uuid)")


async def ecrire(tx: AsyncConnection, faits: Iterable[r.Bulletin]) -> None:
    """Keep the highest version of each période. The pupils' rows are locked by the caller."""
    derniers: dict[tuple[str, int, int], r.Bulletin] = {}
    for fait in faits:
        cle = (fait.eleve_id, fait.annee, fait.periode)
        if cle not in derniers or derniers[cle].version < fait.version:
            derniers[cle] = fait
    if derniers:
        await tx.execute(
            _ECRIRE,
            {
                "eleves": [eleve_id for eleve_id, _, _ in derniers],
                "annees": [annee for _, annee, _ in derniers],
                "periodes": [periode for _, _, periode in derniers],
                "versions": [fait.version for fait in derniers.values()],
                "notes": [_encoder(fait.notes) for fait in derniers.values()],
            },
        )


async def effacer(tx: AsyncConnection, eleves: list[str]) -> None:
    """Pupils who turned out to be others: nothing is kept of them."""
    if eleves:
        await tx.execute(_EFFACER, {"eleves": eleves})


async def lire(tx: AsyncConnection, eleve_id: str) -> dict[str, tuple[r.Note, ...]]:
    """Matières of each bulletin, by ``année-période``."""
    rows = (await tx.execute(_LIRE, {"eleve_id": eleve_id})).all()
    return {cle_bulletin(row.annee, row.periode): _decoder(row.notes) for row in rows}
