"""Up to where the figures go: the position in the stream, kept with them and rebuilt with them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.events.topics import Topic
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
    for lu in lus:
        place = _place(lu)
        au, faits = avances.get(place, ("", 0))
        avances[place] = (max(au, lu.recordedtime), faits + 1)


def _place(lu: Lu) -> tuple[int, int]:
    if lu.brut is None:
        return (lu.fait.session if lu.fait else 0, 0)
    return _session(lu.topic, lu.brut.topic), lu.brut.partition


@lru_cache(maxsize=256)
def _session(topic: Topic, complet: str) -> int:
    return topic.session_de(complet)


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
