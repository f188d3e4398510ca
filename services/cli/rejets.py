"""``pilotage rejets``: list, show, replay and drop what a service refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from services.cli.registry import projecting, service, settings_of
from shared.db.engine import create_engine
from shared.db.migrations import SERVICES
from shared.events.enveloppe import TYPE_PREFIX
from shared.kafka.rejected import ForeignRejectError, RejectedLog, Rejete, event_type
from shared.kafka.rejects import REASON, REFUSED_AT

app = typer.Typer(help="Records that a service refused.", no_args_is_help=True)
console = Console()
T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="SERVICE")]
Most = Annotated[int, typer.Option("--max", min=1, help="At most so many, oldest first.")]


def _on(name: str, act: Callable[[RejectedLog], Awaitable[T]]) -> T:
    """Run ``act`` on the rejects of the service ``name``."""

    async def run() -> T:
        declared, settings = projecting(name), settings_of(name)
        engine = create_engine(settings)
        try:
            return await act(RejectedLog(settings, engine, declared.projection(settings)))  # type: ignore[misc]
        finally:
            await engine.dispose()

    return asyncio.run(run())


@app.command("list")
def list_(
    name: Annotated[str, typer.Argument(metavar="[SERVICE]", help="Default: every service.")] = "",
) -> None:
    """Every reject still to settle: where it lies, its origin, its reason."""
    table = Table(
        "service", Column("reject", no_wrap=True), "origin", "event", "tries", "refused at", "reason"
    )
    names = [name] if name else [known for known in SERVICES if service(known).projection]
    for known in names:
        for rejete in _on(known, lambda log: log.pending()):
            table.add_row(
                known,
                _id(rejete),
                rejete.origine.rpartition(".")[2],
                event_type(rejete).removeprefix(TYPE_PREFIX),
                str(rejete.attempts),
                rejete.headers.get(REFUSED_AT, "")[:19],
                rejete.headers.get(REASON, ""),
            )
    console.print(table if table.row_count else f"{', '.join(names)}: no reject to settle")


def _id(rejete: Rejete) -> str:
    """Short enough to be read whole and typed: ``candidature.voeu@12``."""
    return f"{'.'.join(rejete.topic.split('.')[-5:-3])}@{rejete.offset}"


@app.command("show")
def show(
    name: Name,
    reject: Annotated[str, typer.Argument(help="As listed, such as candidature.voeu@12.")],
    *,
    value: Annotated[
        bool, typer.Option("--value", help="Also print the value: it may hold personal data.")
    ] = False,
) -> None:
    """Headers of one reject, and its value on demand."""
    found = [r for r in _on(name, lambda log: log.pending()) if _id(r) == reject]
    if not found:
        console.print(f"[red]{reject}[/]: not among the rejects to settle; see `pilotage rejets list {name}`")
        raise typer.Exit(1)
    _print(found[0], value=value)


def _print(rejete: Rejete, *, value: bool) -> None:
    for header, content in rejete.headers.items():
        console.print(f"{header}: {content}", highlight=False, markup=False)
    if value:
        console.print((rejete.brut.value or b"").decode("utf-8", "replace"), highlight=False, markup=False)


@app.command("replay")
def replay(name: Name, most: Most = 1_000) -> None:
    """Hand rejects to the service again, after the fix; what is refused again stays."""
    try:
        applied, refused = _on(name, lambda log: log.replay(most))
    except ForeignRejectError as error:
        console.print(f"[red]{error}[/]: look at it with `pilotage rejets show`, then drop it")
        raise typer.Exit(1) from error
    console.print(f"{name}: {applied} applied, {refused} refused again")
    if refused:
        raise typer.Exit(1)


@app.command("drop")
def drop(
    name: Name, most: Most = 1, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Settle rejects without applying them. They stay on their topic until its retention ends."""
    if not yes:
        typer.confirm(f"Give up at most {most} reject(s) of {name}?", abort=True)
    console.print(f"{name}: {_on(name, lambda log: log.drop(most))} dropped")
