"""What lint checks that needs a database or generation: migrations and published contracts in step with the code."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.databases import ensure_databases, service_url, write_passfile
from deploy.local.errors import LauncherError
from deploy.local.keys import generate_all
from deploy.local.layout import CLONE, Layout, home
from deploy.local.postgres import PostgresServer
from deploy.local.settings import SERVICES


def run() -> None:
    """LauncherError on the first difference."""
    _python("-m", "shared.events.generate", "--check", env={})
    folder = home() / "checks"
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as temporary:
        Path(temporary).chmod(0o755)
        _check_migrations(Layout(Path(temporary)))


def _check_migrations(layout: Layout) -> None:
    server = PostgresServer(layout, durable=False)
    try:
        server.start()
        ensure_databases(server.url, SERVICES, layout.secrets)
        passfile = write_passfile(server.url, SERVICES, layout.secrets)
        generate_all(layout.secrets)
        env = {
            "SECRETS_DIR": str(layout.secrets),
            "DATABASE_URL": service_url(server.url),
            "PGPASSFILE": str(passfile),
        }
        _python("-m", "services.cli.main", "migrate", "--check", env=env)
    finally:
        server.stop()
        server.forget()


def _python(*arguments: str, env: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, *arguments], check=False, cwd=CLONE, env={**os.environ, **env})
    if done.returncode != 0:
        message = f"`python {' '.join(arguments)}` found a difference (see above)."
        raise LauncherError(message)
