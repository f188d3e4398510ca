"""``pilotage simulate``: write a synthetic session, let one run, or see how near to its sources it is.

Exit code 0: done; 1: a marginal is out of bounds (``report``), or a folder is not empty; 2: usage.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.cli.simulate_live import HttpAccess, run_live
from services.simulateur.nation.commande import TOUT, VERSIONS, VERSIONS_MELEES, Commande
from services.simulateur.nation.ecriture import MARGES, Bilan, compter, ecrire
from services.simulateur.nation.rapport import TOLERANCE, Marge, Rapport
from services.simulateur.nation.reference import POPULATION
from services.simulateur.nation.tables import echantillon, lycees

app = typer.Typer(help="Synthetic sessions, from one lycée to the nation.", no_args_is_help=True)
console = Console()
OUT_OF_BOUNDS, USAGE = 1, 2


class Through(StrEnum):
    LOCAL = "local"
    HTTP = "http"


class Order(StrEnum):
    TIME = "time"
    PUPIL = "pupil"


LyceesOption = Annotated[int, typer.Option("--lycees", min=1, help="How many, spread over the country.")]
NationOption = Annotated[bool, typer.Option("--nation", help="All 3,640 lycées.")]
SessionOption = Annotated[
    int, typer.Option("--session", help="2026 runs; 2025 is over and has its own calendar.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, help="Processes; they change nothing of the files.")
]
OutOption = Annotated[Path, typer.Option("--out", file_okay=False, help="An empty folder.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Leave out what happens after that day.")
]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", help=f"{', '.join(sorted(TOUT))}; may be repeated.")
]


@app.command("write")
def write(
    *,
    out: OutOption,
    n: LyceesOption = 3,
    nation: NationOption = False,
    session: SessionOption = 2026,
    seed: SeedOption = 1,
    order: Annotated[Order, typer.Option("--order", help="Of the facts.")] = Order.TIME,
    until: UntilOption = None,
    only: OnlyOption = None,
    siecle_version: Annotated[
        str, typer.Option("--siecle-version", help=f"{VERSIONS_MELEES}, {', '.join(VERSIONS)}")
    ] = VERSIONS_MELEES,
    addresses: Annotated[bool, typer.Option("--addresses", help="ElevesAvecAdresses.")] = False,
    condensed: Annotated[
        bool,
        typer.Option("--condensed", help="One fact per candidature, in its last state, without admission."),
    ] = False,
    workers: WorkersOption = 2,
) -> None:
    """Write SIECLE files, bulletins, référentiels and the feed of one session."""
    if siecle_version not in (VERSIONS_MELEES, *VERSIONS):
        _usage(f"no version {siecle_version} of SIECLE: {VERSIONS_MELEES}, {', '.join(VERSIONS)}")
    command = Commande(
        out,
        _ranks(n, nation=nation),
        graine=seed,
        session=session,
        jusqu_au=_date(until),
        par_eleve=order is Order.PUPIL,
        condense=condensed,
        quoi=_what(only),
        version_siecle=siecle_version,
        avec_adresses=addresses,
    )
    _said(_written(command, workers), out)


@app.command("live")
def live(
    *,
    speed: Annotated[str, typer.Option("--speed", help="60s/day, 5s/day…")] = "60s/day",
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="Default: the opening; what is older is sent at once."),
    ] = None,
    until: UntilOption = None,
    through: Annotated[
        Through, typer.Option("--through", help="ingest here, or the gateway.")
    ] = Through.LOCAL,
    url: Annotated[str, typer.Option("--url", envvar="PILOTAGE_URL", help="Of the gateway.")] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", envvar="PILOTAGE_CLIENT_ID", help="Of the platform's credential.")
    ] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where the files are made; kept. Default: a temporary one."),
    ] = None,
    n: LyceesOption = 3,
    nation: NationOption = False,
    session: SessionOption = 2026,
    seed: SeedOption = 1,
    only: OnlyOption = None,
    workers: WorkersOption = 2,
) -> None:
    """Let a session run: files on the first day, then each day's facts, at the speed asked for."""
    seconds, access = _seconds(speed), None
    if through is Through.HTTP:
        access = _http(url, client_id, session)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="simulate-")))
        command = Commande(
            place / "session",
            _ranks(n, nation=nation),
            graine=seed,
            session=session,
            jusqu_au=_date(until),
            quoi=_what(only),
        )
        _written(command, workers)
        days = _days(command, _date(start), _date(until))
        sent = run_live(command, days, seconds, access)
    console.print(f"{sent} files deposited")


def _seconds(speed: str) -> float:
    """Of ``60s/day``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)s/day", speed)
    if match is None:
        _usage(f"no speed {speed}: 60s/day")
    return float(match[1])


def _days(command: Commande, start: date | None, until: date | None) -> tuple[date, date]:
    calendar = command.monde.calendrier
    opening = date.fromisoformat(calendar.iso(calendar.ouverture)[:10])
    end = date.fromisoformat(calendar.iso(calendar.fin_principale)[:10])
    return start or opening, until or end


def _http(url: str, client_id: str, session: int) -> HttpAccess:
    """The secret comes from PILOTAGE_CLIENT_SECRET alone: a command line can be read by others."""
    secret = os.environ.get("PILOTAGE_CLIENT_SECRET", "")
    if not (url and client_id and secret):
        _usage("by HTTP: --url, --client-id and PILOTAGE_CLIENT_SECRET")
    return HttpAccess(url, client_id, secret, session)


@app.command("report")
def report(
    folder: Annotated[
        Path | None, typer.Argument(help="What write has written; nothing: draw it again.")
    ] = None,
    *,
    n: LyceesOption = 100,
    nation: NationOption = False,
    session: SessionOption = 2026,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    tolerance: Annotated[float, typer.Option("--tolerance", help="Relative.")] = TOLERANCE,
) -> None:
    """Each marginal beside its source: value, reference, relative gap, verdict."""
    if folder is not None:
        counts: Mapping[str, int] = _counts(folder)
    else:
        command = Commande(Path(), _ranks(n, nation=nation), graine=seed, session=session)
        with _progress() as progress:
            balance = compter(command, ouvriers=workers, avance=_Advance(progress))
        counts = balance.comptes
        console.print(f"{balance.secondes:.0f} s, highest RSS of a process {balance.rss_mo:.0f} MB")
    _tell(Rapport(counts), tolerance)


def _counts(folder: Path) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads((folder / MARGES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        _usage(f"{folder} holds no {MARGES}: was it made by pilotage simulate write?")
    return found


def _tell(rapport: Rapport, tolerance: float) -> None:
    console.print(POPULATION)
    if not rapport.national:
        console.print("A part of the nation: gaps within three standard errors are not held against it.")
    table = Table("", "marginal", "value", "reference", "gap", "verdict", "", "source")
    out = 0
    for marge in rapport.marges():
        held = marge.tenue(tolerance)
        out += not held
        verdict = "[green]ok[/]" if held else "[red]out[/]"
        gap = f"{marge.ecart:+.2%}"
        table.add_row(
            marge.chapitre,
            marge.libelle,
            _figure(marge, marge.obtenu),
            _figure(marge, marge.reference),
            gap,
            verdict,
            marge.statut,
            marge.source,
        )
    console.print(table)
    console.print(f"{out} marginals out of ±{tolerance:.0%}")
    if out:
        raise typer.Exit(OUT_OF_BOUNDS)


def _figure(marge: Marge, value: float) -> str:
    return f"{value:.4g}" if marge.part else f"{value:,.0f}"


class _Advance:
    """Shows how far each kind of work is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def _written(command: Commande, workers: int) -> Bilan:
    try:
        with _progress() as progress:
            return ecrire(command, ouvriers=workers, avance=_Advance(progress))
    except FileExistsError as error:
        console.print(f"[red]{error}[/]: choose another folder, or empty it")
        raise typer.Exit(OUT_OF_BOUNDS) from error


def _said(balance: Bilan, out: Path) -> None:
    speed = balance.faits / balance.secondes if balance.secondes else 0
    console.print(
        f"written to {out}: {balance.faits:,} facts in {len(balance.fichiers)} files, {balance.secondes:.1f} s"
        f" ({speed:,.0f} facts/s), highest RSS of a process {balance.rss_mo:.0f} MB"
    )
    console.print(f"pilotage simulate report {out} compares it with its sources")


def _ranks(n: int, *, nation: bool) -> tuple[int, ...]:
    total = len(lycees())
    if n > total:
        _usage(f"the table has {total} lycées")
    return echantillon(total if nation else n)


def _date(until: str | None) -> date | None:
    try:
        return date.fromisoformat(until) if until else None
    except ValueError:
        _usage(f"{until} is no date: YYYY-MM-DD")


def _what(only: list[str] | None) -> frozenset[str]:
    unknown = set(only or ()) - TOUT
    if unknown:
        _usage(f"nothing called {', '.join(sorted(unknown))}: {', '.join(sorted(TOUT))}")
    return frozenset(only) if only else TOUT


def _usage(sentence: str) -> NoReturn:
    console.print(f"[red]Usage[/]: {sentence}")
    raise typer.Exit(USAGE)
