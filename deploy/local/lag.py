"""How far the consumers are behind the log: the offsets in their databases against the ends of their topics."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.databases import database_of

POLL = 0.5
QUIET_POLLS = 3

_STORED = """
SELECT topic, part, next_offset FROM mechanism.consumer_offset
WHERE generation = (SELECT courante FROM mechanism.generation)
"""
_IMPORTS = """
SELECT count(*) FILTER (WHERE etat IN ('DEPOSE', 'ANALYSE', 'PUBLICATION')), count(*) FILTER (WHERE etat = 'REFUSE')
FROM registre.import
"""
_HAS_MECHANISM = "SELECT to_regclass('mechanism.consumer_offset') IS NOT NULL"


@dataclass(frozen=True)
class Lag:
    """Files not imported yet, records not read yet, events not published yet; and files refused."""

    imports: int = 0
    records: int = 0
    outbox: int = 0
    refused: int = 0

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.imports or self.records or self.outbox)

    def __str__(self) -> str:
        """For the person who waits."""
        return (
            f"{self.imports} files to import, {self.records} records to read, {self.outbox} events to publish"
        )


def wait_caught_up(
    admin_url: str, bootstrap: str, services: Sequence[str], watch: Callable[[Lag], None], patience: float
) -> bool:
    """Poll until nothing has waited for a moment; `watch` is called at each poll and may raise. False on time-out."""
    return asyncio.run(_wait(admin_url, bootstrap, services, watch, patience))


async def _wait(
    admin_url: str, bootstrap: str, services: Sequence[str], watch: Callable[[Lag], None], patience: float
) -> bool:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    connections = [await asyncpg.connect(admin_url, database=database_of(service)) for service in services]
    ingest = connections[services.index("ingest")]
    connections = [connection for connection in connections if await connection.fetchval(_HAS_MECHANISM)]
    deadline, quiet = asyncio.get_running_loop().time() + patience, 0
    try:
        while quiet < QUIET_POLLS and asyncio.get_running_loop().time() < deadline:
            lag = await _measure(consumer, connections, ingest)
            watch(lag)
            quiet = 0 if lag else quiet + 1
            await asyncio.sleep(POLL)
        return quiet == QUIET_POLLS
    finally:
        await consumer.stop()
        for connection in connections:
            await connection.close()


async def _measure(
    consumer: AIOKafkaConsumer, connections: Sequence[asyncpg.Connection], ingest: asyncpg.Connection
) -> Lag:
    waiting, refused = (await ingest.fetch(_IMPORTS))[0]
    stored = [row for connection in connections for row in await connection.fetch(_STORED)]
    places = {TopicPartition(row["topic"], row["part"]) for row in stored}
    ends = await consumer.end_offsets(list(places)) if places else {}
    distances = [
        await _distance(consumer, place, row["next_offset"], ends[place])
        for row in stored
        if row["next_offset"] < ends[place := TopicPartition(row["topic"], row["part"])]
    ]
    outbox = [await c.fetchval("SELECT count(*) FROM mechanism.outbox") for c in connections]
    return Lag(waiting, sum(distances), sum(outbox), refused)


async def _distance(consumer: AIOKafkaConsumer, place: TopicPartition, start: int, end: int) -> int:
    """Offsets from `start` to `end`; 0 when they hold transaction markers only, which nobody reads."""
    consumer.assign([place])
    consumer.seek(place, start)
    while await consumer.position(place) < end:
        if await consumer.getmany(place, timeout_ms=20):
            return end - start
    return 0
