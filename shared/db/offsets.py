"""Offsets and epochs: the fence that makes effects exactly-once (facts_and_effects §3)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    part: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What an owner knows of a partition since it took it."""

    next_offset: int
    epoch: int


class FencedError(Exception):
    """Another owner, another generation or another position: the flush must be forgotten."""


_PLACES = "unnest(CAST(:topics AS text[]), CAST(:parts AS smallint[])) AS p(topic, part)"
_ENSURE = text(
    f"""
    INSERT INTO mechanism.consumer_offset (generation, topic, part, next_offset, epoch)
    SELECT :generation, p.topic, p.part, 0, 0 FROM {_PLACES} ORDER BY 2, 3
    ON CONFLICT DO NOTHING
    """
)
_LOCK = text(
    f"""
    SELECT o.topic, o.part, o.next_offset, o.epoch
      FROM mechanism.consumer_offset o JOIN {_PLACES} ON (o.topic, o.part) = (p.topic, p.part)
     WHERE o.generation = :generation ORDER BY o.topic, o.part FOR UPDATE OF o
    """
)
_BUMP = text(
    f"""
    UPDATE mechanism.consumer_offset o SET epoch = o.epoch + 1 FROM {_PLACES}
     WHERE o.generation = :generation AND (o.topic, o.part) = (p.topic, p.part)
    RETURNING o.topic, o.part, o.next_offset, o.epoch
    """
)
_ADVANCE = text(
    """
    UPDATE mechanism.consumer_offset o SET next_offset = p.next_offset
      FROM unnest(CAST(:topics AS text[]), CAST(:parts AS smallint[]), CAST(:nexts AS bigint[]))
           AS p(topic, part, next_offset)
     WHERE o.generation = :generation AND (o.topic, o.part) = (p.topic, p.part)
    """
)
_VECTOR = text(
    "SELECT topic, part, next_offset FROM mechanism.consumer_offset WHERE generation = :generation"
)


def _keys(generation: int, places: Collection[Place]) -> dict[str, object]:
    return {
        "generation": generation,
        "topics": [place.topic for place in places],
        "parts": [place.part for place in places],
    }


async def adopt(
    connection: AsyncConnection, generation: int, places: Collection[Place]
) -> dict[Place, Holding]:
    """Become the owner of ``places``: every earlier owner's flush is refused from now on."""
    keys = _keys(generation, places)
    await connection.execute(_ENSURE, keys)
    await connection.execute(_LOCK, keys)
    rows = (await connection.execute(_BUMP, keys)).all()
    return {Place(row.topic, row.part): Holding(row.next_offset, row.epoch) for row in rows}


async def advance(
    connection: AsyncConnection,
    generation: int,
    held: Mapping[Place, Holding],
    nexts: Mapping[Place, int],
) -> None:
    """Move the stored offsets from where ``held`` says they are to ``nexts``.

    Raises:
        FencedError: a row is missing, has another epoch or another offset.
    """
    rows = (await connection.execute(_LOCK, _keys(generation, nexts))).all()
    found = {Place(row.topic, row.part): Holding(row.next_offset, row.epoch) for row in rows}
    stale = [place for place in nexts if found.get(place) != held[place]]
    if stale:
        raise FencedError(f"{len(stale)} partition(s) are held by another owner, first: {stale[0]}")
    await connection.execute(_ADVANCE, {**_keys(generation, nexts), "nexts": list(nexts.values())})


async def vector(connection: AsyncConnection, generation: int) -> dict[Place, int]:
    """The offsets up to which ``generation`` has folded the log."""
    rows = (await connection.execute(_VECTOR, {"generation": generation})).all()
    return {Place(row.topic, row.part): row.next_offset for row in rows}


def sessions_of(places: Collection[Place], prefix: str) -> set[int]:
    """Sessions whose topics are among ``places``: a database may hold several."""
    names = (place.topic.removeprefix(prefix).partition(".")[0] for place in places)
    return {int(name) for name in names if name.isdigit()}
