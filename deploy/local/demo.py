"""`make demo`: everything started in order, a session loaded through the front door, everything stopped in order."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deploy.local import preflight
from deploy.local.accounts import accounts_file, welcome
from deploy.local.databases import ensure_databases, service_url, write_passfile
from deploy.local.errors import LauncherError
from deploy.local.fingerprint import fingerprint
from deploy.local.kafka import KafkaServer
from deploy.local.keys import generate_all
from deploy.local.layout import CLONE, Layout
from deploy.local.loading import load
from deploy.local.locks import claim, owner
from deploy.local.moment import DEFAULT, REFERENCE, VARIABLE, Moment, moment, paris_today
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import PostgresServer
from deploy.local.processes import Command, stop_leftovers
from deploy.local.progress import Progress
from deploy.local.providers import STOP_ORDER, Endpoints, Plan, Ports, provided
from deploy.local.settings import PARTITIONS, SERVICES, DemoSettings
from deploy.local.state import State, check_belonging
from deploy.local.supervisor import Service, Supervisor, run_to_end
from deploy.local.waiting import Interrupted, check_interrupted, listen_to_signals

TEND_EVERY = 0.5
STEP_TIMEOUT = 120.0


@dataclass(frozen=True)
class Demo:
    """One demonstration: its settings, the addresses of its servers, and how its processes are called."""

    settings: DemoSettings
    endpoints: Endpoints
    progress: Progress
    moment: Moment

    @property
    def layout(self) -> Layout:
        """Its folders."""
        return self.settings.layout

    @cached_property
    def environment(self) -> dict[str, str]:
        """What every service and every `pilotage` command needs; secrets are read from files."""
        urls = {f"{name.upper()}_URL": self.settings.url(name) for name in SERVICES}
        return {
            **urls,
            "KAFKA_BOOTSTRAP": self.endpoints.kafka_bootstrap,
            "DATABASE_URL": service_url(self.endpoints.database_url),
            "PGPASSFILE": str(self.layout.secrets / "pgpass"),
            "REDIS_URL": self.endpoints.redis_url,
            "SECRETS_DIR": str(self.layout.secrets),
            "SESSION": str(self.moment.session),
            "BULLETINS_ATTENDUS": self.moment.bulletins,
            "SPOOL_DIR": str(self.layout.folder / "spool"),
            "OIDC_ISSUER": self.settings.url("issuer"),
            "OIDC_CLIENT_ID": "pilotage",
            "PUBLIC_URL": self.settings.url("gateway"),
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def command(self, name: str, *arguments: str, module: str = "services.cli.main", **env: str) -> Command:
        """A `pilotage` command (or another module) in this environment, its output in logs/NAME.log."""
        argv = [sys.executable, "-m", module, *arguments]
        return Command(name, argv, self.layout.logs / f"{name}.log", CLONE, {**self.environment, **env})

    def run(self, name: str, *arguments: str, timeout: float = STEP_TIMEOUT) -> None:
        """One `pilotage` command to its end."""
        run_to_end(self.command(name, *arguments), self.layout.pids, timeout)

    def services(self) -> list[Service]:
        """The issuer of identities and the six services."""
        port, secrets = self.settings.ports["issuer"], self.layout.secrets
        env = {
            "ISSUER_PORT": str(port),
            "ISSUER_ACCOUNTS": str(accounts_file(secrets)),
            "ISSUER_KEY": str(secrets / "issuer.pem"),
        }
        issuer = self.command("issuer", module="deploy.local.issuer", **env)
        return [Service(issuer, port, "/.well-known/openid-configuration"), *map(self._service, SERVICES)]

    def write_env_file(self) -> Path:
        """`. .pilotage/demo/env` lets `pilotage status` and its like reach this demonstration."""
        path = self.layout.folder / "env"
        path.write_text("".join(f"export {name}='{value}'\n" for name, value in self.environment.items()))
        path.chmod(0o600)
        return path

    def _service(self, name: str) -> Service:
        port = self.settings.ports[name]
        return Service(self.command(name, "run", name, HTTP_HOST=LOOPBACK, HTTP_PORT=str(port)), port)


def run(environ: Mapping[str, str] | None = None) -> None:
    """Start, stay until a signal, stop. LauncherError tells what went wrong."""
    known = os.environ if environ is None else environ
    settings = DemoSettings.from_environment(known)
    progress = Progress()
    listen_to_signals()
    try:
        with _alone(settings.layout), _running(settings, known, progress):
            pass
    except Interrupted:
        progress.show(
            "Everything is stopped; the data stays. `make demo` finds it again, `make demo-clean` forgets it."
        )


def clean() -> None:
    """Stop what is left over and delete the demonstration's folder."""
    settings = DemoSettings.from_environment()
    layout = settings.layout
    with _alone(layout):
        stop_leftovers(layout.pids, STOP_ORDER)
        Plan(layout).forget()
    Progress().show(f"Forgotten: {layout.folder}")


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    lock = claim(layout.folder.with_name(f"{layout.folder.name}.lock"))
    if lock is None:
        pid = owner(layout.folder.with_name(f"{layout.folder.name}.lock"))
        message = (
            f"Another `make demo` runs in this clone (pid {pid}): stop it first, with Ctrl-C or `kill {pid}`."
        )
        raise LauncherError(message)
    with lock:
        yield


@contextmanager
def _running(settings: DemoSettings, environ: Mapping[str, str], progress: Progress) -> Iterator[None]:
    layout = settings.layout
    with progress.step("Checking this machine"):
        if stopped := stop_leftovers(layout.pids, STOP_ORDER):
            progress.remark(f"Stopped what an earlier start left behind: {', '.join(stopped)}")
        preflight.check(settings, environ)
    state = State.read(layout.folder)
    today = moment(paris_today(), environ.get(VARIABLE) or DEFAULT, _session(state))
    ports = Ports(*(settings.ports[name] for name in STOP_ORDER))
    with ExitStack() as stack:
        endpoints = stack.enter_context(provided(Plan(layout, ports), environ, progress.step))
        demo = Demo(settings, endpoints, progress, today)
        _say_where_postgres_is(demo)
        supervisor = Supervisor(layout.pids, progress.remark)
        stack.callback(_stopping, supervisor, progress)
        _start(demo, supervisor, state)
        _tend(demo, supervisor)
        yield


def _session(state: State) -> int:
    """The one that the folder holds already; folders made before it was written hold that of 2026."""
    return state.session or (REFERENCE if state.prepared else 0)


def _say_where_postgres_is(demo: Demo) -> None:
    """Root only: the account of PostgreSQL cannot enter a clone that others may not read."""
    server, folder = demo.endpoints.embedded.get("postgres"), demo.layout.folder
    if isinstance(server, PostgresServer) and server.home.parent != folder:
        demo.progress.remark(
            f"PostgreSQL does not run as root and its account cannot enter {folder}: its data lies in {server.home}"
        )


def _start(demo: Demo, supervisor: Supervisor, state: State) -> None:
    with demo.progress.step("Databases, one per service"):
        state = _prepare(demo, state)
    if state.prepared != (wanted := fingerprint()):
        state = _make_schemas_and_topics(demo, state, wanted)
    with demo.progress.step("Six services and the issuer of identities"):
        supervisor.start(demo.services())
        supervisor.wait_ready()
    load(demo, supervisor, state)
    demo.progress.show(welcome(demo.settings))


def _make_schemas_and_topics(demo: Demo, state: State, wanted: str) -> State:
    with demo.progress.step("Schemas of the databases"):
        demo.run("migrate", "migrate")
    session = str(demo.moment.session)
    with demo.progress.step(f"Topics of the session {session}"):
        demo.run("session", "session", "open", session, "--partitions", str(PARTITIONS))
    return state.with_prepared(wanted, demo.layout.folder)


def _prepare(demo: Demo, state: State) -> State:
    layout, admin = demo.layout, demo.endpoints.database_url
    kafka = demo.endpoints.embedded.get("kafka")
    cluster = kafka.cluster() if isinstance(kafka, KafkaServer) else demo.endpoints.kafka_bootstrap
    check_belonging(state, cluster, layout.folder)
    generate_all(layout.secrets)
    write_passfile(admin, SERVICES, layout.secrets)
    ensure_databases(admin, SERVICES, layout.secrets)
    demo.write_env_file()
    return state.with_cluster(cluster, layout.folder).with_session(demo.moment.session, layout.folder)


def _tend(demo: Demo, supervisor: Supervisor) -> None:
    while True:
        check_interrupted()
        supervisor.tend()
        for server in demo.endpoints.embedded.values():
            server.check_alive()
        time.sleep(TEND_EVERY)


def _stopping(supervisor: Supervisor, progress: Progress) -> None:
    with progress.step("Stopping the services"):
        supervisor.stop()
