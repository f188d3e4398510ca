"""``pilotage run`` and ``rebuild``."""

import asyncio
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from services.cli.registry import projecting, service, settings_of
from shared import memory
from shared.db.engine import create_engine
from shared.kafka.bulk import BusySourceError
from shared.kafka.rebuild import rebuild as rebuild_projection
from shared.service import create_app

console = Console()


def run(name: Annotated[str, typer.Argument(metavar="SERVICE")]) -> None:
    """Run one service until SIGTERM."""
    settings = settings_of(name)
    uvicorn.run(
        create_app(service(name)),
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )


def rebuild(name: Annotated[str, typer.Argument(metavar="SERVICE")]) -> None:
    """Fold the whole log into a new generation while the old one serves, then switch."""
    try:
        asyncio.run(_rebuild(name))
    except BusySourceError as error:
        console.print(f"[red]a rebuild of {name} is under way[/]: wait for its end")
        raise typer.Exit(1) from error


async def _rebuild(name: str) -> None:
    memory.tune()
    declared, settings = projecting(name), settings_of(name)
    engine = create_engine(settings)
    try:
        with console.status(f"rebuilding {name}") as progress:
            done = await rebuild_projection(
                settings,
                engine,
                declared.projection(settings),  # type: ignore[misc]
                progress=lambda read: progress.update(f"rebuilding {name}: {read:,} records read"),
            )
    finally:
        await engine.dispose()
    console.print(
        f"{name}: generation {done.old} → {done.new}, {done.records:,} records in {done.seconds:.1f} s,"
        f" {done.published} corrections published"
    )
