"""`python -m deploy.local COMMAND`: what `make demo` and its like call."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.errors import LauncherError
from deploy.local.layout import Layout, cache
from deploy.local.providers import Plan, Ports, provided

app = typer.Typer(help="Pilotage on one machine.", no_args_is_help=True, add_completion=False)
console = Console(highlight=False)


@app.command()
def servers(
    folder: Annotated[Path, typer.Argument(help="Where their data, logs and pid files go.")],
    kafka: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    postgres: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    valkey: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    env_file: Annotated[Path | None, typer.Option(help="Write the addresses there, to be sourced.")] = None,
    durable: Annotated[bool, typer.Option(help="Survive a power cut (fsync).")] = True,
) -> None:
    """Kafka, PostgreSQL and Valkey alone, until Ctrl-C: for development."""
    plan = Plan(Layout(folder.absolute()), Ports(kafka, postgres, valkey), durable=durable)
    with provided(plan, environ={}, report=lambda title: console.print(f"starting {title}")) as endpoints:
        lines = [f"export {name}={value}" for name, value in endpoints.environment().items()]
        if env_file is not None:
            env_file.touch(mode=0o600)
            env_file.write_text("\n".join(lines) + "\n")
        console.print("\n".join(lines) if env_file is None else f"ready; addresses in {env_file}", soft_wrap=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        console.print("stopping")


@app.command()
def lock() -> None:
    """Resolve the jars of Apache Kafka anew and rewrite kafka.lock."""
    from deploy.local.jars import update_lock

    console.print(f"{update_lock(cache())} jars locked")


def main() -> int:
    """Run the command; a LauncherError is shown as a sentence."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        app(standalone_mode=True)
    except LauncherError as error:
        Console(stderr=True, highlight=False).print(f"[bold red]Error[/] {error}", soft_wrap=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
