"""What the demonstration listens on and where it lives; every port has its variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.errors import LauncherError
from deploy.local.layout import Layout, home
from deploy.local.ports import LOOPBACK

PARTITIONS = 12
SERVICES = ("ingest", "eleves", "indicators", "avenir", "exports", "gateway")
DEFAULT_PORTS = {
    "gateway": 8080,
    "ingest": 8101,
    "eleves": 8102,
    "indicators": 8103,
    "avenir": 8104,
    "exports": 8105,
    "issuer": 8180,
    "kafka": 9392,
    "postgres": 5632,
    "valkey": 6579,
}
HIGHEST_PORT = 65_535


def variable(name: str) -> str:
    """The environment variable that changes the port of a server or service."""
    return f"PILOTAGE_{name.upper()}_PORT"


@dataclass(frozen=True)
class DemoSettings:
    """Ports by name of server or service, and the folder."""

    layout: Layout
    ports: Mapping[str, int]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "DemoSettings":
        """Read the port variables; LauncherError names the one that is wrong."""
        known = os.environ if environ is None else environ
        ports = {name: _port(known, name, default) for name, default in DEFAULT_PORTS.items()}
        return cls(Layout(home() / "demo"), ports)

    def url(self, name: str) -> str:
        """`http://127.0.0.1:port` of a service."""
        return f"http://{LOOPBACK}:{self.ports[name]}"


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(variable(name), str(default))
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        message = f"{variable(name)}={text} is not a port: give a number from 1 to {HIGHEST_PORT}."
        raise LauncherError(message)
    return int(text)
