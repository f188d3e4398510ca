"""``pilotage ingest fusions``: pupils who were two and were merged, and taking it back."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Column, Table

from services.cli.imports_commun import REFUSED, SessionOption, console
from services.cli.scolarite import do
from services.ingest.scolarite import defusion

app = typer.Typer(help="Pupils merged, and taking it back.", no_args_is_help=True)


@app.command("list")
def list_merges(
    *,
    session: SessionOption = None,
    uai: Annotated[str | None, typer.Option("--uai", help="Of one lycée.")] = None,
) -> None:
    """The last first."""
    lycees = [uai.upper()] if uai else None
    merges: list[dict[str, Any]] = do(session, lambda tx, contexte: defusion.lister(tx, contexte, lycees))
    table = Table(Column("merged", no_wrap=True, min_width=36), "into", "state", "by", "can be undone until")
    for merge in merges:
        until = merge["jusqu_au"][:16] if merge["annulable"] else ""
        table.add_row(merge["perdant"], merge["survivant"], merge["etat"], merge["auteur"], until)
    console.print(table)


@app.command("undo")
def undo(
    merged: Annotated[UUID, typer.Argument(help="The id that was merged, as listed.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Kept with the merge.")],
    session: SessionOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Part two pupils again: both get a new id, and what is theirs. Facts are told by the running service."""
    if not yes and not typer.confirm("Each pupil gets a dossier of his own under a new id. Go on?"):
        raise typer.Exit(REFUSED)
    wanted = defusion.Annuler(perdant=str(merged), motif=reason, confirme=True)
    merge = do(session, lambda tx, contexte: defusion.annuler(tx, contexte, wanted))
    ids = merge["annulation"]
    console.print(f"{merged} is now {ids['perdant']}, {merge['survivant']} is now {ids['survivant']}")
