"""``pilotage ingest envoyer``: send a file to a gateway as a machine does, and follow its compte rendu."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from services.cli.imports_commun import ASKS, INTERRUPTED, REFUSED, console
from services.cli.registry import USAGE
from services.cli.televersement import Client, EnvoiInterrompuError, EnvoiRefuseError, preparer

_SHOWN = 40
_MIO = 1 << 20


def envoyer(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    *,
    url: Annotated[str, typer.Option(envvar="PILOTAGE_URL", help="Address of the gateway.")],
    client_id: Annotated[str, typer.Option(envvar="PILOTAGE_CLIENT_ID")],
    secret: Annotated[
        str, typer.Option(envvar="PILOTAGE_CLIENT_SECRET", help="Better in the environment than here.")
    ],
    session: Annotated[int, typer.Option(envvar="SESSION")] = 2026,
    nature: Annotated[str, typer.Option(help="FAITS, or SIECLE and BULLETINS of a lycée.")] = "FAITS",
    uai: Annotated[str | None, typer.Option("--uai", help="The lycée, for its own files.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Take the same facts again.")] = False,
    piece: Annotated[int, typer.Option(min=1, max=4096, help="MiB by request.")] = 256,
    patience: Annotated[float, typer.Option(help="Seconds without progress before giving up.")] = 600.0,
) -> None:
    """Send FILE in pieces over HTTP; started again after any failure, it goes on where it was."""
    if not client_id or not secret or not file.stat().st_size:
        console.print("[red]Usage[/]: a client id, a secret and a file that is not empty are needed.")
        raise typer.Exit(USAGE)
    prepare = preparer(file, nature, uai, confirme=confirm)

    async def go() -> dict[str, Any]:
        with console.status(f"Sending {file.name}") as status:
            async with httpx.AsyncClient(base_url=url) as http:
                client = Client(
                    http,
                    (client_id, secret),
                    session,
                    morceau=piece * _MIO,
                    patience_s=patience,
                    dire=lambda mot: status.update(f"{file.name}: {mot}"),
                )
                return await client.suivre(await client.envoyer(prepare))

    try:
        done = asyncio.run(go())
    except EnvoiRefuseError as error:
        console.print(f"[red]Refused[/]: {error}")
        raise typer.Exit(REFUSED) from error
    except EnvoiInterrompuError as error:
        console.print(f"[red]Interrupted[/]: {error}. Nothing is lost: run this again, it goes on.")
        raise typer.Exit(INTERRUPTED) from error
    _show(done)
    if done["etat"] != "TERMINE":
        raise typer.Exit(REFUSED if done["etat"] == "REFUSE" else ASKS)


def _show(done: dict[str, Any]) -> None:
    """State, counters and first lines, as the gateway tells them."""
    report = done.get("compte_rendu") or {}
    console.print(f"{done.get('nom_fichier') or ''}  import {done['id']}  [bold]{done['etat']}[/]")
    counters = [f"{name} {n}" for name, n in (report.get("compteurs") or {}).items() if n]
    if counters:
        console.print("  ".join(counters), highlight=False)
    if refus := report.get("refus"):
        console.print(f"[red]{refus['code']}[/]: {refus['phrase']}")
    lines = report.get("lignes") or []
    if lines:
        table = Table("rang", "", "code", "ce qui ne va pas")
        for line in lines[:_SHOWN]:
            table.add_row(str(line["rang"]), line["gravite"], line["code"], line["phrase"])
        console.print(table)
