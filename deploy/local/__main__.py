"""`python -m deploy.local COMMAND`: what `make demo` and its like call."""

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local import checks as in_step
from deploy.local import demo as demonstration
from deploy.local.errors import LauncherError
from deploy.local.jars import update_lock
from deploy.local.layout import Layout, cache
from deploy.local.progress import Progress, show_error
from deploy.local.providers import Plan, Ports, provided
from deploy.local.waiting import Interrupted, check_interrupted, listen_to_signals

app = typer.Typer(help="Pilotage on one machine.", no_args_is_help=True, add_completion=False)
console = Console(highlight=False)


@app.command()
def servers(
    folder: Annotated[Path, typer.Argument(help="Where their data, logs and pid files go.")],
    *,
    kafka: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    postgres: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    valkey: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    env_file: Annotated[Path | None, typer.Option(help="Write the addresses there, to be sourced.")] = None,
    durable: Annotated[bool, typer.Option(help="Survive a power cut (fsync).")] = True,
) -> None:
    """Kafka, PostgreSQL and Valkey alone, until Ctrl-C: for development."""
    plan = Plan(Layout(folder.absolute()), Ports(kafka, postgres, valkey), durable=durable)
    listen_to_signals()
    with suppress(Interrupted), provided(plan, environ={}, report=Progress().step) as endpoints:
        lines = [f"export {name}={value}" for name, value in endpoints.environment().items()]
        if env_file is not None:
            env_file.touch(mode=0o600)
            env_file.write_text("\n".join(lines) + "\n")
        console.print(
            "\n".join(lines) if env_file is None else f"ready; addresses in {env_file}", soft_wrap=True
        )
        while True:
            check_interrupted()
            time.sleep(0.2)


@app.command()
def demo() -> None:
    """The whole chain with real input, until Ctrl-C."""
    demonstration.run()


@app.command()
def clean() -> None:
    """Stop what a demonstration left and forget its data."""
    demonstration.clean()


@app.command()
def checks() -> None:
    """Migrations and published contracts are those of the code."""
    in_step.run()


@app.command()
def lock() -> None:
    """Resolve the jars of Apache Kafka anew and rewrite kafka.lock."""
    console.print(f"{update_lock(cache())} jars locked")


def main() -> int:
    """Run the command; a LauncherError is shown as a sentence."""
    try:
        app()
    except LauncherError as error:
        show_error(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
