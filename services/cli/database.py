"""``pilotage migrate``: bring the databases to the latest revision, or check that models agree."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from services.cli.registry import settings_of
from shared.db import migrations
from shared.db.engine import create_engine

console = Console()


def migrate(
    services: Annotated[list[str] | None, typer.Argument(help="All services by default.")] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Also fail when models and revisions differ.")
    ] = False,
) -> None:
    """Create or upgrade the tables of each service's database."""
    different = [name for name in services or migrations.SERVICES if not asyncio.run(_one(name, check))]
    if different:
        raise typer.Exit(1)


async def _one(name: str, check: bool) -> bool:
    engine = create_engine(settings_of(name))
    try:
        await migrations.upgrade(engine, name)
        found = await migrations.differences(engine, name) if check else []
    finally:
        await engine.dispose()
    for difference in found:
        console.print(f"[red]{name}[/]: {difference}")
    if not found:
        console.print(f"{name}: up to date")
    return not found
