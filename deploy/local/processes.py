"""Child processes that are always found again: started in their own session, recorded in a pid file, waited for.

A pid file holds the pid and the start time, so that a pid given to another program since is never taken for ours.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from deploy.local.errors import LauncherError
from deploy.local.waiting import wait_until

CLOCK_TOLERANCE = 2.0
GRACE = 30.0


@dataclass(frozen=True)
class Record:
    """What a pid file says: enough to find the process again and to stop it politely."""

    name: str
    pid: int
    started: float
    stop_signal: int

    def process(self) -> psutil.Process | None:
        """The very process that was recorded, None when it is gone (or a zombie nobody reaps)."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < CLOCK_TOLERANCE
        except psutil.Error:
            return None
        return process if same and _lives(process) else None

    def stop(self, grace: float = GRACE) -> None:
        """Ask, wait, then kill with its descendants."""
        process = self.process()
        if process is None:
            return
        family = [process, *_descendants(process)]
        _signal(process, self.stop_signal)
        if not wait_until(lambda: self.process() is None, grace, interruptible=False):
            for member in family:
                _signal(member, signal.SIGKILL)
        wait_until(lambda: not any(map(_lives, family)), 5, interruptible=False)


@dataclass(frozen=True)
class Identity:
    """The unprivileged account a child runs under when the launcher is root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """How to start one process: `log` receives both outputs, appended."""

    name: str
    argv: Sequence[str]
    log: Path
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    identity: Identity | None = None


class Child:
    """A started process with its pid file."""

    def __init__(
        self, command: Command, popen: subprocess.Popen[bytes], pid_file: Path, record: Record
    ) -> None:
        self.command = command
        self._popen = popen
        self._pid_file = pid_file
        self._record = record
        self._asked = False

    @classmethod
    def start(cls, command: Command, pids: Path) -> "Child":
        """Start the command in a session of its own (a Ctrl-C in the terminal does not reach it)."""
        pids.mkdir(parents=True, exist_ok=True)
        popen = _spawn(command)
        record = Record(command.name, popen.pid, _start_time(popen.pid), command.stop_signal)
        pid_file = pids / f"{command.name}.json"
        _write_atomically(pid_file, json.dumps(asdict(record)))
        return cls(command, popen, pid_file, record)

    @property
    def pid(self) -> int:
        """Process id, for fault tests that send signals themselves."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Send the polite signal and return at once."""
        if self._popen.poll() is None and not self._asked:
            self._popen.send_signal(self.command.stop_signal)
            self._asked = True

    def stop(self, grace: float = GRACE) -> None:
        """Stop politely, then by force; returns once the process is gone."""
        if self._popen.poll() is None:
            family = _descendants_of(self._popen.pid)
            self.ask_to_stop()
            self._wait_or_kill(grace, family)
        self._pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL, for fault tests; returns once the process is gone."""
        self._popen.kill()
        self._popen.wait()
        self._pid_file.unlink(missing_ok=True)

    def _wait_or_kill(self, grace: float, family: list[psutil.Process]) -> None:
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            for member in family:
                _signal(member, signal.SIGKILL)
            self._popen.kill()
            self._popen.wait()

    def last_lines(self, count: int = 15) -> str:
        """The end of its log."""
        return tail(self.command.log, count)


def tail(path: Path, count: int) -> str:
    """The last lines of a text file, nothing when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 65_536))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def describe_exit(code: int | None) -> str:
    """`exit code 1`, `signal 9`."""
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def leftovers(pids: Path) -> list[Record]:
    """Processes that a launcher which died without stopping them left behind; forgets stale pid files."""
    alive: list[Record] = []
    for path in sorted(pids.glob("*.json")):
        record = _read(path)
        if record is not None and record.process() is not None:
            alive.append(record)
        else:
            path.unlink(missing_ok=True)
    return alive


def stop_leftovers(pids: Path, order: Sequence[str] = ()) -> list[str]:
    """Stop what is left over: unnamed processes first, then those of `order` in that order. Returns their names."""
    rank = {name: position for position, name in enumerate(order)}
    records = sorted(leftovers(pids), key=lambda record: rank.get(record.name, -1))
    for record in records:
        record.stop()
        (pids / f"{record.name}.json").unlink(missing_ok=True)
    return [record.name for record in records]


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    command.log.parent.mkdir(parents=True, exist_ok=True)
    who = command.identity
    try:
        with command.log.open("ab") as log:
            return subprocess.Popen(
                list(command.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.cwd,
                env={**os.environ, **command.env},
                start_new_session=True,
                user=who.uid if who else None,
                group=who.gid if who else None,
                extra_groups=[] if who else None,
            )
    except OSError as error:
        message = (
            f"{command.name} could not be started ({error.strerror}): run `make demo` from a complete clone."
        )
        raise LauncherError(message) from error


def _start_time(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _write_atomically(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(path)


def _lives(process: psutil.Process) -> bool:
    """False for a zombie too: where nobody reaps orphans, it stays for ever."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _descendants_of(pid: int) -> list[psutil.Process]:
    try:
        return _descendants(psutil.Process(pid))
    except psutil.Error:
        return []


def _signal(process: psutil.Process, number: int) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
