"""``pilotage``: run a service, open a session, load files, watch, replay, rebuild."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

_COMMANDS = {
    "run": "services.cli.operations:run",
    "migrate": "services.cli.database:migrate",
    "status": "services.cli.status:status",
    "rebuild": "services.cli.operations:rebuild",
    "verify": "services.cli.verification:verify",
    "session": "services.cli.session:app",
    "ingest": "services.cli.entrees:app",
    "clients": "services.cli.clients:app",
    "rejets": "services.cli.rejets:app",
    "simulate": "services.cli.simulate:app",
}


class _Lazy(TyperGroup):
    """Imports a command when it is called: a service that starts does not load the others."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of a first day."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """The command, whose help is that of its module."""
        del ctx
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, attribute = where.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        command = get_command(alone)
        assert isinstance(command, TyperCommand)  # noqa: S101 - a lone command is one
        return command


app = typer.Typer(
    name="pilotage",
    cls=_Lazy,
    help="Operate the services of Pilotage. Settings come from the environment.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def _root() -> None:
    """A group of its own, or typer would take a lone command for the whole."""


if __name__ == "__main__":
    app()
