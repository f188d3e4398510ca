import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import preflight
from deploy.local.errors import LauncherError
from deploy.local.locks import claim
from deploy.local.settings import DEFAULT_PORTS, DemoSettings


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_with_its_holder_and_the_variable_that_changes_it(taken_port: int) -> None:
    with pytest.raises(LauncherError) as caught:
        preflight.check_ports({**DEFAULT_PORTS, "gateway": taken_port}, ["gateway"])
    assert f"Port {taken_port} (gateway)" in str(caught.value)
    assert f"pid {os.getpid()}" in str(caught.value)
    assert "PILOTAGE_GATEWAY_PORT=" in str(caught.value)


def test_a_port_given_twice_is_refused_with_both_variables() -> None:
    with pytest.raises(LauncherError, match="PILOTAGE_INGEST_PORT and PILOTAGE_ELEVES_PORT"):
        preflight.check_ports({"ingest": 8101, "eleves": 8101}, ["ingest", "eleves"])


def test_a_server_named_by_the_environment_needs_no_port() -> None:
    names = preflight.needed(DEFAULT_PORTS, {"KAFKA_BOOTSTRAP": "elsewhere:9092"})
    assert "kafka" not in names
    assert {"postgres", "valkey", "gateway"} <= set(names)


def test_too_little_disk_says_how_much_is_missing_and_where_else_to_go(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="PILOTAGE_HOME"):
        preflight.check_disk(tmp_path, 1 << 60)
    preflight.check_disk(tmp_path, 1)


def test_too_little_memory_is_a_sentence() -> None:
    with pytest.raises(LauncherError, match=r"1\.0 GB of memory are available, 2\.0 GB are needed"):
        preflight.check_memory(1 << 30)


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    monkeypatch.setattr(preflight, "CGROUP", tmp_path)
    assert preflight.available_memory() == 600_000
    (tmp_path / "memory.max").write_text("max\n")
    assert preflight.available_memory() > 600_000


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LauncherError, match="cannot be written"):
        preflight.check_writable(tmp_path / "file" / "demo")


def test_a_port_variable_that_is_no_number_is_named() -> None:
    with pytest.raises(LauncherError, match="PILOTAGE_KAFKA_PORT=many is not a port"):
        DemoSettings.from_environment({"PILOTAGE_KAFKA_PORT": "many"})


def test_only_one_launcher_holds_a_folder_and_its_death_frees_it(tmp_path: Path) -> None:
    first = claim(tmp_path)
    assert first is not None
    assert claim(tmp_path) is None
    first.close()
    again = claim(tmp_path)
    assert again is not None
    again.close()
