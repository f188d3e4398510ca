"""``pilotage session open``: the topics of a session, with their partitions fixed for its life."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from services.cli.registry import settings_of
from shared.kafka.topics import SessionTopicsError, open_session

app = typer.Typer(help="Sessions (millésimes).", no_args_is_help=True)
console = Console()


@app.callback()
def _group() -> None:
    """Keep ``open`` a subcommand."""


@app.command("open")
def open_(
    session: Annotated[int, typer.Argument(min=2018, max=2100)],
    partitions: Annotated[
        int, typer.Option(min=1, max=240, help="12 on one machine, 24 for the nation.")
    ] = 12,
    replication: Annotated[int, typer.Option(min=1, max=5)] = 1,
) -> None:
    """Create the missing topics of SESSION; harmless when they exist."""
    try:
        created = asyncio.run(open_session(settings_of("ingest", session), partitions, replication))
    except SessionTopicsError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from error
    console.print(
        f"session {session}: {len(created)} topics created" if created else f"session {session}: open"
    )
