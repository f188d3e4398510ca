"""Up to where the figures go: the position in the stream, kept with them and rebuilt with them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kafka.records import Lu

_AVANCER = text(
    """
    INSERT INTO situation AS s (session, part, au, faits)
    SELECT * FROM unnest(CAST(:session AS smallint[]), CAST(:part AS smallint[]), CAST(:au AS text[]),
                         CAST(:faits AS bigint[]))
     ORDER BY 1, 2
    ON CONFLICT (session, part) DO UPDATE SET au = greatest(s.au, excluded.au), faits = s.faits + excluded.faits
    """
)
_LIRE = text(
    "SELECT coalesce(max(au), '') AS au, coalesce(sum(faits), 0)::bigint AS faits FROM situation WHERE session = :session"
)


class Position(NamedTuple):
    """``au``: ``recordedtime`` of the latest fact that is counted, '' before the first; ``faits``: how many are."""

    au: str
    faits: int


Avances = dict[tuple[int, int], tuple[str, int]]
"""By (session, partition number): the latest ``recordedtime`` and the number of records."""


def compter(avances: Avances, lus: Sequence[Lu]) -> None:
    """Add records to what a transaction will have folded."""
    vus: dict[tuple[str, int], list[Lu]] = {}
    for lu in lus:
        brut = lu.brut
        vus.setdefault((brut.topic, brut.partition) if brut is not None else ("", 0), []).append(lu)
    for (complet, part), ensemble in vus.items():
        cle = (_session(ensemble[0], complet), part)
        au, faits = avances.get(cle, ("", 0))
        avances[cle] = (max(au, *[lu.recordedtime for lu in ensemble]), faits + len(ensemble))


def _session(lu: Lu, complet: str) -> int:
    """That of the fact: a reject that is replayed comes from a topic of another name."""
    if lu.fait is not None:
        return lu.fait.session
    return lu.topic.session_de(complet) if complet else 0


async def avancer(tx: AsyncConnection, avances: Avances) -> None:
    """In the transaction of the effects; a partition number has one writer, so that nobody waits for another."""
    await tx.execute(
        _AVANCER,
        {
            "session": [session for session, _ in avances],
            "part": [part for _, part in avances],
            "au": [au for au, _ in avances.values()],
            "faits": [faits for _, faits in avances.values()],
        },
    )


async def lire(connection: AsyncConnection, session: int) -> Position:
    row = (await connection.execute(_LIRE, {"session": session})).one()
    return Position(row.au, row.faits)
