"""The demonstration session, loaded once through the front door: SIECLE zips and a feed, as a lycée and the platform send them."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from deploy.local.errors import LauncherError
from deploy.local.lag import Lag, wait_caught_up
from deploy.local.layout import Layout
from deploy.local.processes import Command
from deploy.local.progress import Progress
from deploy.local.providers import Endpoints
from deploy.local.settings import SERVICES, SESSION
from deploy.local.state import State
from deploy.local.supervisor import Supervisor, run_to_end
from deploy.local.waiting import check_interrupted

INPUTS = "entrees"
SEED = 1
LYCEES = 3
GENERATION_TIMEOUT = 300.0
INGEST_TIMEOUT = 300.0
CONSUME_TIMEOUT = 300.0


class Context(Protocol):
    """What loading needs of the running demonstration."""

    @property
    def layout(self) -> Layout: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def progress(self) -> Progress: ...

    def command(self, name: str, *arguments: str, module: str = ..., **env: str) -> Command:
        """A command in the environment of the services."""


def load(demo: Context, supervisor: Supervisor, state: State) -> None:
    """Generate, send and wait until every consumer has caught up. Does nothing once it is done."""
    if state.loading == "done":
        return
    again = ("--confirm",) if state.loading == "started" else ()
    if again:
        demo.progress.remark(
            "The first load was interrupted: sending everything again; what had arrived changes nothing."
        )
    state = state.with_loading("started", demo.layout.folder)
    with demo.progress.step(f"Writing a synthetic session: {LYCEES} lycées, SIECLE files and the feed"):
        files = list(_generate(demo))
    for kind, path in files:
        with demo.progress.step(f"Sending {path.relative_to(demo.layout.folder / INPUTS)}"):
            command = demo.command(f"ingest-{kind}", "ingest", kind, str(path), *again)
            run_to_end(command, demo.layout.pids, INGEST_TIMEOUT)
    with demo.progress.step("Waiting until every service has read everything") as say:
        _wait(demo, supervisor, say)
    state.with_loading("done", demo.layout.folder)


def _generate(demo: Context) -> Iterator[tuple[str, Path]]:
    """Kind and path of each file, the SIECLE files first: a fact needs its pupil."""
    folder = demo.layout.folder / INPUTS
    folder.mkdir(exist_ok=True)
    lycees = os.environ.get("PILOTAGE_DEMO_LYCEES", str(LYCEES))
    options = ("--graine", str(SEED), "--lycees", lycees, "--session", str(SESSION), "--dossier", str(folder))
    command = demo.command("simulateur", *options, module="services.simulateur")
    run_to_end(command, demo.layout.pids, GENERATION_TIMEOUT)
    manifest = json.loads((folder / "manifest.json").read_text())
    yield from (("siecle", folder / lycee["siecle"]) for lycee in manifest["lycees"])
    yield "faits", folder / manifest["faits"]


def _wait(demo: Context, supervisor: Supervisor, say: Callable[[str], None]) -> None:
    last = Lag()

    def watch(lag: Lag) -> None:
        nonlocal last
        last = lag
        say(str(lag))
        check_interrupted()
        supervisor.tend()

    database, kafka = demo.endpoints.database_url, demo.endpoints.kafka_bootstrap
    caught_up = wait_caught_up(database, kafka, SERVICES, watch, CONSUME_TIMEOUT)
    if not caught_up:
        message = f"Not everything was read after {CONSUME_TIMEOUT:.0f} s ({last}): see {demo.layout.logs}, start again."
        raise LauncherError(message)
    if last.refused:
        message = (
            f"ingest refused {last.refused} of the demonstration's files: see {demo.layout.logs}/ingest.log."
        )
        raise LauncherError(message)
