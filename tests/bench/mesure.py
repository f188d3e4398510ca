"""A service of ours catching up in a process of its own: seconds, memory and CPU until all of it is durable."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
from sqlalchemy import make_url

from shared.db.offsets import Place
from shared.events.topics import Topic
from shared.kafka.replay import LogReader
from tests.kit.services import World

RACINE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Mesure:
    """``debut``: first offset stored. ``rss``: highest, MB. ``cpu``: seconds of the process itself."""

    secondes: float
    rss: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Processus:
    popen: subprocess.Popen[bytes]
    connection: asyncpg.Connection
    port: int

    async def rattraper(self, fins: Mapping[Place, int], *, depuis: float | None = None) -> Mesure:
        """Until every partition is folded. ``depuis``: clock of the start; else from the first offset stored."""
        soi, pic, cpu = psutil.Process(self.popen.pid), 0.0, _cpu(self.popen.pid)
        while True:
            rows = await self.connection.fetch(
                "SELECT topic, part, next_offset FROM mechanism.consumer_offset"
            )
            depuis = depuis or (time.perf_counter() if rows else None)
            pic = max(pic, soi.memory_info().rss / 1e6)
            stored = {Place(row["topic"], row["part"]): row["next_offset"] for row in rows}
            if depuis and stored and all(stored.get(place, 0) >= fin - 1 for place, fin in fins.items()):
                return Mesure(time.perf_counter() - depuis, pic, _cpu(self.popen.pid) - cpu)
            assert self.popen.poll() is None
            await asyncio.sleep(0.05)


def _cpu(pid: int) -> float:
    temps = psutil.Process(pid).cpu_times()
    return temps.user + temps.system


async def fins(world: World, name: str, topics: Sequence[Topic]) -> dict[Place, int]:
    """End of every partition; the last record of each is a marker of a transaction."""
    settings = await world.settings(name)
    async with LogReader(settings, list(topics), {world.session}) as log:
        return await log.ends()


@asynccontextmanager
async def service(world: World, name: str, port: int = 0, **reglages: str) -> AsyncIterator[Processus]:
    """The real service in a process of its own."""
    environment = {
        **await world.environment(name),
        "HTTP_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "BATCH_TIMEOUT_MS": "200",
        **reglages,
    }
    connection = await asyncpg.connect(plain(world.databases[name]))
    commande = [sys.executable, "-m", "services.cli.main", "run", name]
    popen = subprocess.Popen(commande, env=environment, cwd=RACINE)  # noqa: ASYNC220 - started once
    try:
        yield Processus(popen, connection, port)
    finally:
        popen.terminate()
        popen.wait(20)
        await connection.close()


def plain(url: str) -> str:
    """The same database for asyncpg itself."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
