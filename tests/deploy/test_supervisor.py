import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import supervisor as module
from deploy.local.errors import LauncherError
from deploy.local.ports import free_port
from deploy.local.processes import Command
from deploy.local.supervisor import Service, Supervisor, is_ready, run_to_end

PAGE = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


def service(folder: Path, code: str, port: int = 0) -> Service:
    argv = [sys.executable, "-c", code, str(port)]
    return Service(Command("eleves", argv, folder / "eleves.log", folder), port)


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, reports: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "run", reports.append)
    yield supervisor
    supervisor.stop()


def tend_until(supervisor: Supervisor, reports: list[str], count: int) -> None:
    deadline = time.monotonic() + 20
    while len(reports) < count and time.monotonic() < deadline:
        supervisor.tend()
        time.sleep(0.02)


def test_a_service_that_answers_is_ready_and_is_gone_after_stop(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    page = service(tmp_path, PAGE, free_port())
    supervisor.start([page])
    supervisor.wait_ready(20)
    assert is_ready(page)
    supervisor.stop()
    assert not is_ready(page)


def test_a_service_that_dies_while_starting_is_named_with_the_end_of_its_log(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    supervisor.start([service(tmp_path, "raise SystemExit('no database')")])
    with pytest.raises(LauncherError) as caught:
        supervisor.wait_ready(20)
    assert "The service eleves stopped while starting (exit code 1)" in str(caught.value)
    assert "no database" in str(caught.value)


def test_a_service_that_never_answers_is_named(tmp_path: Path, supervisor: Supervisor) -> None:
    supervisor.start([service(tmp_path, "import time; time.sleep(60)", free_port())])
    with pytest.raises(LauncherError, match="eleves is not ready after"):
        supervisor.wait_ready(0.3)


def test_a_service_that_dies_is_started_again_a_few_times_then_given_up(
    tmp_path: Path, supervisor: Supervisor, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTARTS", 1)
    supervisor.start([service(tmp_path, "raise SystemExit(3)")])
    tend_until(supervisor, reports, 1)
    assert reports == ["eleves stopped (exit code 3); starting it again in 1 s"]
    with pytest.raises(LauncherError, match="eleves stopped 2 times"):
        tend_until(supervisor, reports, 2)


def test_a_step_that_fails_shows_why(tmp_path: Path) -> None:
    command = Command(
        "migrate", [sys.executable, "-c", "raise SystemExit('no such table')"], tmp_path / "log", tmp_path
    )
    with pytest.raises(LauncherError, match=r"(?s)`migrate` failed .exit code 1.*no such table"):
        run_to_end(command, tmp_path, 20)


def test_a_step_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    command = Command(
        "migrate", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", tmp_path
    )
    with pytest.raises(LauncherError, match="not finished after"):
        run_to_end(command, tmp_path, 0.3)
    assert list(tmp_path.glob("*.json")) == []
