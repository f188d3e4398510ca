"""What must hold before anything is started; each failure is a sentence that says what to do."""

import resource
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from deploy.local.errors import LauncherError
from deploy.local.ports import holder, is_free
from deploy.local.settings import DemoSettings, variable

GIGABYTE = 1 << 30
DISK_FIRST = 4 * GIGABYTE
DISK_AGAIN = 1 * GIGABYTE
MEMORY = 2 * GIGABYTE
FILES = 4096
EMBEDDED = {"kafka": "KAFKA_BOOTSTRAP", "postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
CGROUP = Path("/sys/fs/cgroup")


def check(settings: DemoSettings, environ: Mapping[str, str]) -> None:
    """All checks; LauncherError on the first that fails."""
    folder = settings.layout.folder
    check_writable(folder)
    check_disk(folder, DISK_AGAIN if (folder / "kafka").exists() else DISK_FIRST)
    check_memory(available_memory())
    check_ports(settings.ports, needed(settings.ports, environ))
    raise_file_limit()


def needed(ports: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Names whose port must be free: servers named by the environment listen elsewhere."""
    return [name for name in ports if not environ.get(EMBEDDED.get(name, ""))]


def check_writable(folder: Path) -> None:
    """The folder can be made and written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = (
            f"The folder {folder} cannot be written ({error.strerror}): use a clone of your own, "
            "or name another folder with PILOTAGE_HOME."
        )
        raise LauncherError(message) from error


def check_disk(folder: Path, wanted: int) -> None:
    """Enough free bytes where the data goes."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        message = (
            f"{_gigabytes(free)} are free where {folder} lies, {_gigabytes(wanted)} are needed: "
            "free some space, or name a folder on another disk with PILOTAGE_HOME."
        )
        raise LauncherError(message)


def check_memory(available: int) -> None:
    """Enough memory for the broker, the database and six services."""
    if available < MEMORY:
        message = (
            f"{_gigabytes(available)} of memory are available, {_gigabytes(MEMORY)} are needed: "
            "close other programs, or give this machine (or container) more memory."
        )
        raise LauncherError(message)


def available_memory() -> int:
    """Bytes, taking the limit of a container into account."""
    free = int(psutil.virtual_memory().available)
    try:
        limit = int((CGROUP / "memory.max").read_text())
        used = int((CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return free
    return min(free, limit - used)


def check_ports(ports: Mapping[str, int], names: Iterable[str]) -> None:
    """Ports are distinct and nobody listens on them; the sentence names every taken one."""
    wanted = list(names)
    numbers = [ports[name] for name in wanted]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        message = f"The port {twice[0]} is given to two servers: change one of {_variables(ports, twice[0])}."
        raise LauncherError(message)
    taken = [_taken(name, ports[name]) for name in wanted if not is_free(ports[name])]
    if taken:
        raise LauncherError("\n".join(taken))


def raise_file_limit() -> None:
    """Kafka keeps many files open: take what the hard limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if ceiling < FILES:
        message = f"Only {ceiling} files may be open at once, {FILES} are needed: raise `ulimit -Hn`."
        raise LauncherError(message)
    resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))


def _taken(name: str, port: int) -> str:
    by = holder(port)
    who = f"taken by {by}" if by else "taken by another program"
    return (
        f"Port {port} ({name}) is {who}: stop it, or choose another with {variable(name)}=<port> make demo."
    )


def _variables(ports: Mapping[str, int], port: int) -> str:
    return " and ".join(variable(name) for name, number in ports.items() if number == port)


def _gigabytes(count: int) -> str:
    return f"{count / GIGABYTE:.1f} GB"
