"""The services as processes: started together, awaited, watched, restarted a few times, stopped together."""

import http.client
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child, Command, describe_exit
from deploy.local.waiting import wait_until

READY_TIMEOUT = 120.0
STOP_GRACE = 12.0
RESTARTS = 3
RESTART_WINDOW = 300.0
HTTP_OK = 200


@dataclass(frozen=True)
class Service:
    """One process to supervise; `port` answers /health/ready with 200 once it serves."""

    command: Command
    port: int
    health: str = "/health/ready"

    @property
    def name(self) -> str:
        """`ingest`, `eleves` and so on."""
        return self.command.name


@dataclass
class _Watched:
    service: Service
    child: Child
    restarts: list[float] = field(default_factory=list)
    due: float | None = None


class Supervisor:
    """Keeps services running until `stop`."""

    def __init__(self, pids: Path, report: Callable[[str], None]) -> None:
        """`report` shows one line to the person at the terminal."""
        self._pids = pids
        self._report = report
        self._watched: dict[str, _Watched] = {}

    def start(self, services: Iterable[Service]) -> None:
        """Start all of them; they come up side by side."""
        for service in services:
            self._watched[service.name] = _Watched(service, Child.start(service.command, self._pids))

    def wait_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when every service is ready; LauncherError with the log of one that is not."""
        waiting = dict(self._watched)

        def all_ready() -> bool:
            for name, watched in list(waiting.items()):
                self._check_alive(watched)
                if is_ready(watched.service):
                    del waiting[name]
            return not waiting

        if not wait_until(all_ready, timeout, 0.1):
            raise LauncherError(_not_ready(next(iter(waiting.values())), timeout))

    def tend(self) -> None:
        """Look once at every service: restart those that died, give up on one that dies again and again."""
        now = time.monotonic()
        for watched in self._watched.values():
            if watched.due is not None and now >= watched.due:
                watched.child = Child.start(watched.service.command, self._pids)
                watched.due = None
            elif watched.due is None and watched.child.exit_code() is not None:
                self._plan_restart(watched, now)

    def stop(self) -> None:
        """Ask all of them at once, then wait for each."""
        for watched in self._watched.values():
            watched.child.ask_to_stop()
        for watched in self._watched.values():
            watched.child.stop(STOP_GRACE)
        self._watched.clear()

    def _plan_restart(self, watched: _Watched, now: float) -> None:
        recent = [moment for moment in watched.restarts if now - moment < RESTART_WINDOW]
        if len(recent) >= RESTARTS:
            raise LauncherError(
                _died(watched, f"stopped {RESTARTS + 1} times in {RESTART_WINDOW / 60:.0f} minutes")
            )
        watched.restarts = [*recent, now]
        delay = 2.0 ** len(recent)
        watched.due = now + delay
        name, code = watched.service.name, watched.child.exit_code()
        self._report(f"{name} stopped ({describe_exit(code)}); starting it again in {delay:.0f} s")

    def _check_alive(self, watched: _Watched) -> None:
        code = watched.child.exit_code()
        if code is not None:
            raise LauncherError(_died(watched, f"stopped while starting ({describe_exit(code)})"))


def is_ready(service: Service) -> bool:
    """Whether its health page answers 200."""
    connection = http.client.HTTPConnection(LOOPBACK, service.port, timeout=2)
    try:
        connection.request("GET", service.health)
        return connection.getresponse().status == HTTP_OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def readiness(service: Service) -> str:
    """What the health page says, for a message."""
    connection = http.client.HTTPConnection(LOOPBACK, service.port, timeout=2)
    try:
        connection.request("GET", service.health)
        return connection.getresponse().read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()


def run_to_end(command: Command, pids: Path, timeout: float) -> None:
    """Run one command of a start to its end; LauncherError with the end of its log when it fails or takes too long."""
    child = Child.start(command, pids)
    try:
        ended = wait_until(lambda: child.exit_code() is not None, timeout, 0.05)
    finally:
        code = child.exit_code()
        child.stop()
    if ended and code == 0:
        return
    why = describe_exit(code) if ended else f"not finished after {timeout:.0f} s"
    message = f"The step `{command.name}` failed ({why}). The end of {command.log}:\n{child.last_lines()}"
    raise LauncherError(message)


def _died(watched: _Watched, how: str) -> str:
    log = watched.service.command.log
    return f"The service {watched.service.name} {how}. The end of {log}:\n{watched.child.last_lines()}"


def _not_ready(watched: _Watched, timeout: float) -> str:
    service = watched.service
    return (
        f"The service {service.name} is not ready after {timeout:.0f} s ({readiness(service)}). "
        f"The end of {service.command.log}:\n{watched.child.last_lines()}"
    )
