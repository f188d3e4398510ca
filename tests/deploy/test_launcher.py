import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.layout import Layout
from deploy.local.ports import free_port
from deploy.local.postgres import PostgresServer
from deploy.local.processes import stop_leftovers

SERVERS = {"kafka", "postgres", "valkey"}


class Launcher:
    """`python -m deploy.local servers` on ports that stay the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._env_file = folder / "servers.env"
        ports = [word for name in ("kafka", "postgres", "valkey") for word in (f"--{name}", str(free_port()))]
        self._argv = [sys.executable, "-m", "deploy.local", "servers", str(folder), *ports]
        self._argv += ["--env-file", str(self._env_file), "--no-durable"]

    def start(self) -> subprocess.Popen[bytes]:
        self._env_file.unlink(missing_ok=True)
        process = subprocess.Popen(self._argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not self._env_file.exists():
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return process

    def pids(self) -> dict[str, int]:
        records = (json.loads(path.read_text()) for path in (self.folder / "run").glob("*.json"))
        return {record["name"]: record["pid"] for record in records}

    def execute(self, statement: str) -> object:
        url = self._env_file.read_text().split("DATABASE_URL=")[1].split()[0]

        async def run() -> object:
            connection = await asyncpg.connect(url)
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return asyncio.run(run())


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    yield Launcher(tmp_path)
    stop_leftovers(tmp_path / "run", ("kafka", "postgres", "valkey"))
    PostgresServer(Layout(tmp_path)).forget()


def alive(pids: dict[str, int]) -> list[str]:
    return [
        name
        for name, pid in pids.items()
        if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


def test_the_servers_stop_on_a_signal_and_survive_the_death_of_their_launcher(launcher: Launcher) -> None:
    first = launcher.start()
    before = launcher.pids()
    assert set(before) == SERVERS
    launcher.execute("CREATE TABLE kept AS SELECT 42 AS n")
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    assert alive(before) == []

    second = launcher.start()
    orphans = launcher.pids()
    os.kill(second.pid, signal.SIGKILL)
    second.wait()
    assert set(alive(orphans)) == SERVERS

    third = launcher.start()
    assert alive(orphans) == []
    assert launcher.execute("SELECT n FROM kept") == 42
    third.send_signal(signal.SIGINT)
    assert third.wait(60) == 0
    assert alive(launcher.pids()) == []
