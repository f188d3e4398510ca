import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.layout import cache
from deploy.local.ports import free_port
from deploy.local.settings import DEFAULT_PORTS, SERVICES, variable

pytestmark = pytest.mark.proof
OWN = ("KAFKA_BOOTSTRAP", "DATABASE_URL", "REDIS_URL", "SECRETS_DIR", "PGPASSFILE")


class Demonstration:
    """`make demo` in a folder and on ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = {name: free_port() for name in DEFAULT_PORTS}
        self.output = home / "output"
        inherited = {name: value for name, value in os.environ.items() if name not in OWN}
        ports = {variable(name): str(port) for name, port in self.ports.items()}
        self._env = {**inherited, **ports, "PILOTAGE_HOME": str(home)}

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "deploy.local", *words]
        with self.output.open("wb") as output:
            return subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT, env=self._env)

    def start(self) -> subprocess.Popen[bytes]:
        process = self.command("demo")
        deadline = time.monotonic() + 300
        while "Pilotage runs at" not in self.output.read_text():
            assert process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)
        return process

    def processes(self) -> dict[str, int]:
        records = (json.loads(path.read_text()) for path in (self.home / "demo" / "run").glob("*.json"))
        return {record["name"]: record["pid"] for record in records}

    def get(self, name: str, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[name]}{path}")


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[Demonstration]:
    (tmp_path / "cache").symlink_to(cache())
    made = Demonstration(tmp_path)
    yield made
    assert made.command("clean").wait(60) == 0
    assert not (tmp_path / "demo").exists()


def stop(process: subprocess.Popen[bytes], pids: dict[str, int]) -> None:
    process.send_signal(signal.SIGINT)
    assert process.wait(90) == 0
    assert [name for name, pid in pids.items() if psutil.pid_exists(pid)] == []


def test_the_demonstration_starts_loads_restarts_a_service_stops_and_finds_its_data_again(
    demonstration: Demonstration,
) -> None:
    first = demonstration.start()
    pids = demonstration.processes()
    assert set(pids) == {*SERVICES, "issuer", "kafka", "postgres", "valkey"}
    assert all(demonstration.get(name, "/health/ready").status_code == 200 for name in SERVICES)
    assert demonstration.get("gateway", "/").is_redirect
    assert "proviseur.a" in demonstration.output.read_text()

    os.kill(pids["eleves"], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while demonstration.processes().get("eleves") in {pids["eleves"], None}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    stop(first, demonstration.processes())

    second = demonstration.start()
    assert "Sending" not in demonstration.output.read_text()
    os.kill(second.pid, signal.SIGKILL)
    second.wait()

    third = demonstration.start()
    assert "Stopped what an earlier start left behind" in demonstration.output.read_text()
    stop(third, demonstration.processes())
