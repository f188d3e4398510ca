"""The demonstration session, loaded once through the front door: calendar, SIECLE files, marks and the feed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from deploy.local.errors import LauncherError
from deploy.local.lag import Lag, wait_caught_up
from deploy.local.layout import Layout
from deploy.local.lycee_settings import type_settings
from deploy.local.moment import Moment
from deploy.local.processes import Command
from deploy.local.progress import Progress
from deploy.local.providers import Endpoints
from deploy.local.settings import SERVICES, DemoSettings
from deploy.local.state import State
from deploy.local.supervisor import Supervisor, run_to_end
from deploy.local.waiting import check_interrupted

INPUTS = "entrees"
SEED = 1
LYCEES = 3
GENERATION_TIMEOUT = 300.0
INGEST_TIMEOUT = 300.0
CONSUME_TIMEOUT = 300.0
_TITLES = {"siecle": "SIECLE files", "bulletins": "marks", "faits": "the candidate feed"}


class Context(Protocol):
    """What loading needs of the running demonstration."""

    @property
    def layout(self) -> Layout: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def settings(self) -> DemoSettings: ...

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
    with demo.progress.step(f"Writing a synthetic session: {LYCEES} lycées, their files and the feed"):
        sent = _generate(demo)
    with demo.progress.step("Calendar: the session stands at today"):
        _calendar(demo)
    for (kind, nature), paths in sent.items():
        with demo.progress.step(f"Sending {_TITLES[nature]} ({len(paths)} files)"):
            words = ("ingest", kind) if kind != "load" else ("ingest", kind, nature)
            command = demo.command(f"ingest-{nature}", *words, *map(str, paths), *again)
            run_to_end(command, demo.layout.pids, INGEST_TIMEOUT)
    with demo.progress.step("Waiting until every service has read everything") as say:
        _wait(demo, supervisor, say)
    with demo.progress.step("Settings of the first lycée: professeurs principaux, conseils de classe"):
        type_settings(demo.settings.url("eleves"), demo.layout.secrets, demo.moment)
    state.with_loading("done", demo.layout.folder)


def _generate(demo: Context) -> dict[tuple[str, str], list[Path]]:
    """Files by command and nature, in the order in which they help: what describes a lycée, pupils, marks, facts."""
    folder = demo.layout.folder / INPUTS
    folder.mkdir(exist_ok=True)
    options = {
        "--graine": SEED,
        "--lycees": os.environ.get("PILOTAGE_DEMO_LYCEES", str(LYCEES)),
        "--session": demo.moment.session,
        "--stade": demo.moment.stade.value,
        "--jusqu-au": demo.moment.veille,
        "--decalage": demo.moment.decalage,
        "--dossier": folder,
    }
    words = [str(word) for pair in options.items() for word in pair]
    command = demo.command("simulateur", *words, "--tout", module="services.simulateur")
    run_to_end(command, demo.layout.pids, GENERATION_TIMEOUT)
    manifest = json.loads((folder / "manifest.json").read_text())
    around = [(nature, folder / path) for lycee in manifest["lycees"] for nature, path in lycee["autour"]]
    pupils = [folder / lycee["siecle"] for lycee in manifest["lycees"]]
    return {
        ("siecle", "siecle"): [*(path for nature, path in around if nature == "siecle"), *pupils],
        ("load", "bulletins"): [path for nature, path in around if nature == "bulletins"],
        ("faits", "faits"): [folder / manifest["faits"]],
    }


def _calendar(demo: Context) -> None:
    path = demo.layout.folder / INPUTS / "calendrier.json"
    path.write_text(json.dumps(demo.moment.calendar(), indent=2))
    words = (
        "session",
        "calendar",
        "import",
        str(demo.moment.session),
        str(path),
        "--reason",
        "démonstration",
    )
    run_to_end(demo.command("calendrier", *words), demo.layout.pids, INGEST_TIMEOUT)


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
