"""Services as processes that are killed, frozen and replaced, and what a log says without any of our mechanism."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from sqlalchemy import text

from deploy.local.ports import free_port
from services.cli.registry import projecting
from shared.db import generations, offsets
from shared.events.topics import Topic
from shared.kafka.rejected import RejectedLog, Rejete
from shared.kafka.verify import verify
from tests.kit.journal import attendre
from tests.kit.services import World

CLI = (sys.executable, "-m", "services.cli.main")
GONE_S = 15


@dataclass
class Process:
    """One command of ours in a process of its own, its output in ``log``."""

    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    port: int = 0
    popen: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> "Process":
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(self.argv, env=dict(self.env), stdout=log, stderr=log)
        return self

    @property
    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> bool:
        """SIGKILL; True when it was running, so that only real kills are counted."""
        if self.popen is None or not self.alive:
            return False
        self.popen.kill()
        self.popen.wait()
        self.kills += 1
        return True

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self.popen is not None and self.alive:
            os.kill(self.popen.pid, number)

    async def leave(self, seconds: float = GONE_S) -> int:
        """SIGTERM and wait; returns the exit code."""
        assert self.popen is not None
        self.popen.terminate()
        return await asyncio.wait_for(asyncio.to_thread(self.popen.wait), seconds)

    async def finished(self, seconds: float) -> int:
        """Wait for a command that ends by itself; returns its exit code."""
        assert self.popen is not None
        return await asyncio.wait_for(asyncio.to_thread(self.popen.wait), seconds)

    async def ready(self) -> tuple[bool, list[str]]:
        """What its readiness answers; not ready when it does not answer."""
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"{self.url}/health/ready", timeout=2)
        except httpx.HTTPError as erreur:
            return False, [type(erreur).__name__]
        return answer.status_code == 200, answer.json()["reasons"]

    async def until_ready(self, seconds: float = 60) -> None:
        async def is_ready() -> bool:
            assert self.alive, f"died: {self.log.read_text()[-2000:]}"
            return (await self.ready())[0]

        is_ready.__doc__ = f"{self.argv[-1]} is ready"
        await attendre(is_ready, seconds)


@dataclass
class Fleet:
    """The processes of one test; whatever happens, none outlives it."""

    world: World
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    async def service(self, name: str, **settings: str) -> Process:
        """Start ``pilotage run name`` on a free port."""
        port = free_port()
        return await self._start(name, ("run", name), {"HTTP_PORT": str(port), **settings}, port)

    async def command(self, name: str, *words: str, **settings: str) -> Process:
        """Start another command of the CLI in the environment of service ``name``."""
        return await self._start(name, words, settings, 0)

    async def python(self, name: str, module: str, *words: str) -> Process:
        """Start a module of the tests in the environment of service ``name``."""
        argv = (sys.executable, "-m", module, *words)
        env = {**await self.world.environment(name), **self.settings}
        return self._add(Process(argv, env, self._log(name)))

    async def _start(
        self, name: str, words: Sequence[str], settings: Mapping[str, str], port: int
    ) -> Process:
        env = {**await self.world.environment(name), **self.settings, **settings}
        return self._add(Process((*CLI, *words), env, self._log(name), port))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{len(self.processes)}.log"

    def _add(self, process: Process) -> Process:
        self.processes.append(process.start())
        return process

    def end(self) -> None:
        for process in self.processes:
            process.wake()
            process.kill()

    def logged(self, *words: str) -> Counter[str]:
        """How often each of ``words`` stands in the logs of all processes."""
        logs = "".join(process.log.read_text(errors="replace") for process in self.processes)
        return Counter({word: logs.count(word) for word in words})


@asynccontextmanager
async def fleet(world: World, **settings: str) -> AsyncIterator[Fleet]:
    with TemporaryDirectory() as folder:
        made = Fleet(world, Path(folder), settings)
        try:
            yield made
        finally:
            made.end()


async def records(world: World, *topics: Topic, suffix: str = "") -> list[ConsumerRecord]:
    """Every committed record of ``topics``, read with nothing but the client."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=world.servers.kafka_bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        names = [topic.complet(world.prefix, world.session) + suffix for topic in topics]
        found = await asyncio.gather(*(consumer._client._wait_on_metadata(name) for name in names))
        places = [
            TopicPartition(name, part) for name, parts in zip(names, found, strict=True) for part in parts
        ]
        return [record async for record in _read(consumer, places)]
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> AsyncIterator[ConsumerRecord]:
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    while any([await consumer.position(place) < ends[place] for place in places]):
        for batch in (await consumer.getmany(timeout_ms=100)).values():
            for record in batch:
                yield record


async def rows(world: World, name: str, requete: str) -> list[Any]:
    """Rows of ``requete`` in the current generation of service ``name``; ``{p}`` is its schema."""
    engine = await world.engine(name)
    try:
        async with engine.connect() as connection:
            schema = f"projection_{await generations.current(connection)}"
            return [tuple(row) for row in await connection.execute(text(requete.format(p=schema)))]
    finally:
        await engine.dispose()


async def differences(world: World, name: str) -> Mapping[str, int]:
    """What our own verification says of the service ``name``."""
    settings, engine = await world.settings(name), await world.engine(name)
    try:
        return (await verify(settings, engine, projecting(name).projection(settings))).differences  # type: ignore[misc]
    finally:
        await engine.dispose()


async def stored(world: World, name: str) -> dict[tuple[str, int], int]:
    """Offsets of the current generation that are not zero."""
    engine = await world.engine(name)
    try:
        async with engine.connect() as connection:
            vector = await offsets.vector(connection, await generations.current(connection))
    finally:
        await engine.dispose()
    return {tuple(place): offset for place, offset in vector.items() if offset}


@asynccontextmanager
async def rejected(world: World, name: str) -> AsyncIterator[RejectedLog]:
    settings, engine = await world.settings(name), await world.engine(name)
    try:
        yield RejectedLog(settings, engine, projecting(name).projection(settings))  # type: ignore[misc]
    finally:
        await engine.dispose()


async def until_rejected(world: World, name: str, count: int, seconds: float = 30) -> list[Rejete]:
    """Wait until ``count`` rejects of ``name`` lie on their topics; returns them."""
    async with rejected(world, name) as log:

        async def there() -> bool:
            return len(await log.pending()) >= count

        there.__doc__ = f"{count} rejects of {name} are published"
        await attendre(there, seconds)
        return await log.pending()


async def outbox_empty(world: World, name: str, seconds: float = 60) -> None:
    async def empty() -> bool:
        return await rows(world, name, "SELECT count(*) FROM mechanism.outbox") == [(0,)]

    empty.__doc__ = f"the outbox of {name} is empty"
    await attendre(empty, seconds)
