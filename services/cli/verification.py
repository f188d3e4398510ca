"""``pilotage verify``: the projection against the log, zero difference or a list; repaired by a rebuild when asked."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from services.cli.registry import projecting, settings_of
from shared import memory
from shared.db import generations, offsets
from shared.db.compare import Difference
from shared.db.engine import create_engine
from shared.kafka.bulk import BusySourceError
from shared.kafka.projection import Projection
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import Report
from shared.kafka.verify import verify as verify_projection
from shared.settings import Settings

console = Console()
DIFFERS, REPAIRED, BUSY = 1, 3, 75
_SHOWN = 20
_VALUES = 6


def verify(
    name: Annotated[str, typer.Argument(metavar="SERVICE")],
    repair: Annotated[bool, typer.Option("--repair", help="rebuild when something differs")] = False,
) -> None:
    """Recompute the projection from the log up to its own offsets and compare: zero or a list.

    Runs beside everything else. Exit code: 0 exact, 1 differs, 3 differed and was repaired, 75 try again later.
    """
    declared, settings = projecting(name), settings_of(name)
    projection = declared.projection(settings)  # type: ignore[misc]
    try:
        code = asyncio.run(_verify(settings, projection, repair=repair))
    except BusySourceError as error:
        console.print(f"[red]a rebuild or a verification of {name} is under way[/]: try again later")
        raise typer.Exit(BUSY) from error
    if code:
        raise typer.Exit(code)


async def _verify(settings: Settings, projection: Projection, *, repair: bool) -> int:
    memory.tune()
    engine = create_engine(settings)
    try:
        if await _verified(settings, engine, projection):
            return 0
        if not repair:
            return DIFFERS
        await _repair(settings, engine, projection)
        return REPAIRED if await _verified(settings, engine, projection) else DIFFERS
    finally:
        await engine.dispose()


async def _verified(settings: Settings, engine: AsyncEngine, projection: Projection) -> bool:
    with _progress() as shown:
        read = _task(shown, f"verifying {settings.service}", await _expected(engine))
        report = await verify_projection(settings, engine, projection, progress=read)
    _say(settings.service, report)
    return report.exact


async def _repair(settings: Settings, engine: AsyncEngine, projection: Projection) -> None:
    with _progress() as shown:
        read = _task(shown, f"rebuilding {settings.service}", await _expected(engine))
        done = await rebuild(settings, engine, projection, progress=read)
    console.print(
        f"{settings.service}: generation {done.old} → {done.new}, {done.records:,} records in {done.seconds:.1f} s"
    )


async def _expected(engine: AsyncEngine) -> int:
    """About how many records there are to read: transactions' markers are counted too."""
    async with engine.connect() as connection:
        return sum((await offsets.vector(connection, await generations.current(connection))).values())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _task(shown: Progress, words: str, total: int) -> Callable[[int], None]:
    task = shown.add_task(words, total=total)
    return lambda records: shown.update(task, completed=records)


def _say(name: str, report: Report) -> None:
    for table, count in report.differences.items():
        console.print(f"{name}.{table}: {count:,} rows differ" if count else f"{name}.{table}: equal")
    for difference in report.examples[:_SHOWN]:
        console.print(f"  {phrase(difference)}", highlight=False)
    if sum(report.differences.values()) > _SHOWN:
        console.print(f"  … and {sum(report.differences.values()) - _SHOWN:,} more")
    speed = report.records / report.seconds if report.seconds else 0
    console.print(f"{report.records:,} records re-read in {report.seconds:.1f} s, {speed:,.0f} a second")


def phrase(difference: Difference) -> str:
    """The row by its key and what differs in it: values of counts only, never what is about somebody."""
    key = " ".join(str(value) for value in difference.key.values())
    where = f"{difference.table} {key}"
    if difference.kind != "other":
        return f"{where}: {difference.kind}"
    pairs = [f"{name} expected {e} found {f}" for name, (e, f) in difference.values.items()]
    said = pairs or list(difference.columns)
    more = f", and {len(said) - _VALUES} more" if len(said) > _VALUES else ""
    return f"{where}: {', '.join(said[:_VALUES])}{more}"
