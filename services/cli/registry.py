"""The services by name, imported when they are needed."""

import importlib
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from shared.db.migrations import SERVICES
from shared.service import Service
from shared.settings import Settings

console = Console()
USAGE = 2


def service(name: str) -> Service:
    """Declaration of the service ``name``; a usage error when there is none."""
    if name not in SERVICES:
        raise typer.BadParameter(f"unknown service {name!r}: one of {', '.join(SERVICES)}")
    module: Any = importlib.import_module(f"services.{name}.app")
    declared: Service = module.SERVICE
    return declared


def projecting(name: str) -> Service:
    """Same, for commands that need a projection."""
    declared = service(name)
    if declared.projection is None:
        raise typer.BadParameter(f"{name} keeps no projection: nothing to rebuild, verify or replay")
    return declared


def settings_of(name: str, session: int | None = None) -> Settings:
    """Settings of a service as the environment gives them, for ``session`` when one is named.

    What is missing or wrong ends the command with a sentence and the exit code of a wrong usage.
    """
    try:
        found = service(name).settings()
    except ValidationError as error:
        names = ", ".join(str(detail["loc"][0]).upper() for detail in error.errors())
        console.print(f"[red]Settings[/] missing or wrong: {names}")
        raise typer.Exit(USAGE) from error
    return found.model_copy(update={"session": session}) if session else found
