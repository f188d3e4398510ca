"""``pilotage ingest imports``: what became of the deposited files, and the answers that they wait for."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Column, Table

from services.cli.imports_commun import (
    REFUSED,
    SessionOption,
    as_dict,
    console,
    exit_code,
    first_lines,
    progress,
    run,
    show_import,
)
from services.cli.imports_commun import wait as wait_for
from services.ingest import store
from services.ingest.compte_rendu_xlsx import ecrire_compte_rendu
from services.ingest.imports import Imports

app = typer.Typer(help="What became of the deposited files.", no_args_is_help=True)


@app.command("list")
def list_imports(*, session: SessionOption = None, limit: int = 20) -> None:
    """Latest imports first."""

    async def read(imports: Imports) -> Any:
        async with imports.engine.connect() as tx:
            return await store.lister(tx, imports.settings.session, None, limit)

    table = Table(
        Column("import", no_wrap=True, min_width=36), "nature", "lycée", "state", "events", "progress", "file"
    )
    for row in run(session, read):
        events = f"{row['checkpoint']}/{row['total']}" if row["total"] is not None else ""
        running = progress({**row, "compte_rendu": {"compteurs": row["compteurs"] or {}}})
        table.add_row(
            row["id"],
            row["nature"],
            row["uai"] or "",
            row["etat"],
            events,
            "" if running == row["etat"] else running,
            row["nom_fichier"],
        )
    console.print(table)


@app.command("show")
def show(import_id: UUID, *, session: SessionOption = None) -> None:
    """State, progress and compte rendu of one import."""

    async def read(imports: Imports) -> Any:
        recu = await imports.lire(str(import_id))
        return recu and (recu, await first_lines(imports, recu))

    found = run(session, read)
    if found is None:
        raise _unknown(import_id)
    show_import(*found)
    console.print(progress(as_dict(found[0])))


@app.command("export")
def export(
    import_id: UUID,
    file: Annotated[Path, typer.Argument(dir_okay=False, writable=True)],
    *,
    session: SessionOption = None,
) -> None:
    """The whole compte rendu as a workbook (.xlsx)."""

    async def write(imports: Imports) -> bool:
        recu = await imports.lire(str(import_id))
        if recu is None:
            return False
        written = await ecrire_compte_rendu(imports.engine, imports.depots, as_dict(recu))
        shutil.move(written, file)
        return True

    if not run(session, write):
        raise _unknown(import_id)
    console.print(f"{file} written")


@app.command("integrate")
def integrate(
    import_id: UUID,
    *,
    session: SessionOption = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Yes to what the dry run asked.")] = False,
) -> None:
    """Integrate the file of a dry run."""
    _resume(import_id, session, lambda imports: imports.integrer(str(import_id), confirme=confirm))


@app.command("confirm")
def confirm(import_id: UUID, *, session: SessionOption = None) -> None:
    """Yes to what an import asks: it goes on."""
    _resume(import_id, session, lambda imports: imports.confirmer(str(import_id)))


@app.command("cancel")
def cancel(import_id: UUID, *, session: SessionOption = None) -> None:
    """Forget a dry run or an import that asks, and its file."""
    if not run(session, lambda imports: imports.annuler(str(import_id))):
        console.print(f"{import_id} is no dry run and asks nothing; see pilotage ingest imports show")
        raise typer.Exit(REFUSED)
    console.print(f"{import_id} cancelled")


def _resume(import_id: UUID, session: int | None, answer: Callable[[Imports], Awaitable[bool]]) -> None:
    with console.status("Going on") as status:

        async def go(imports: Imports) -> Any:
            if not await answer(imports):
                return None
            recu = await imports.lire(str(import_id))
            assert recu is not None  # noqa: S101 - it has just been answered
            recu = await wait_for(imports, recu.id, recu.nature, status)
            return recu, await first_lines(imports, recu)

        found = run(session, go)
    if found is None:
        console.print(f"{import_id} does not wait for this; see pilotage ingest imports show {import_id}")
        raise typer.Exit(REFUSED)
    show_import(*found)
    exit_code(found[0])


def _unknown(import_id: UUID) -> typer.Exit:
    console.print(f"No import {import_id} in this session.")
    return typer.Exit(REFUSED)
