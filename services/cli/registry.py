"""The services by name, imported when they are needed."""

import importlib
from typing import Any

import typer

from shared.db.migrations import SERVICES
from shared.service import Service
from shared.settings import Settings


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
    """Settings of a service as the environment gives them, for ``session`` when one is named."""
    found = service(name).settings()
    return found.model_copy(update={"session": session}) if session else found
