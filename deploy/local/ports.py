"""TCP ports of the loopback interface: free ones, taken ones and who holds them."""

import socket
from typing import Any

import psutil

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something accepts connections on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def holder(port: int) -> str | None:
    """`name (pid N)` of the process that listens on the port, or None when the system does not tell."""
    try:
        pids = [c.pid for c in psutil.net_connections(kind="tcp") if c.pid and _listens(c, port)]
        return f"{psutil.Process(pids[0]).name()} (pid {pids[0]})" if pids else None
    except psutil.Error:
        return None


def _listens(connection: Any, port: int) -> bool:
    return bool(connection.status == psutil.CONN_LISTEN and connection.laddr.port == port)
