"""``pilotage ingest rejets``: lines of deposited files that were refused: list, read, correct, replay, drop."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Column, Table

from services.cli.imports_commun import (
    REFUSED,
    SessionOption,
    console,
    exit_code,
    first_lines,
    run,
    show_import,
)
from services.cli.imports_commun import wait as wait_for
from services.ingest import rejets
from services.ingest.imports import Imports
from services.ingest.rejeu import corrigeable, corriger, rejouer, situer

app = typer.Typer(help="Refused lines of deposited files.", no_args_is_help=True)
Rang = Annotated[int, typer.Argument(metavar="RANG", min=0)]
Rangs = Annotated[list[int] | None, typer.Argument(metavar="[RANG]…", help="Default: all of the import.")]


@app.command("list")
def list_(
    *,
    session: SessionOption = None,
    nature: Annotated[str | None, typer.Option("--nature")] = None,
    code: Annotated[str | None, typer.Option("--code")] = None,
    most: Annotated[int, typer.Option("--max", min=1)] = 100,
) -> None:
    """Those that wait, by import and rang; without the lines themselves."""

    async def read(imports: Imports) -> Any:
        async with imports.engine.connect() as tx:
            lus = await rejets.lister(
                tx, imports.settings.session, nature=nature and nature.upper(), code=code, limite=most
            )
        return [situer(imports, lu) for lu in lus]

    table = Table(
        Column("import", no_wrap=True, min_width=36), "rang", "nature", "lycée", "code", "INE", "reason", ""
    )
    for row in run(session, read):
        state = "corrected" if row["corrige"] else ("can be replayed" if row["rejouable"] else "")
        table.add_row(
            row["import_id"],
            str(row["rang"]),
            row["nature"],
            row["uai"] or "",
            row["code"],
            row["ine"] or "",
            row["phrase"],
            state,
        )
    console.print(table)


@app.command("show")
def show(
    import_id: UUID,
    rang: Rang,
    *,
    session: SessionOption = None,
    value: Annotated[
        bool, typer.Option("--value", help="Also print the line: it holds personal data.")
    ] = False,
) -> None:
    """One refused line: why, and what to do."""

    async def read(imports: Imports) -> Any:
        async with imports.engine.connect() as tx:
            lu = await rejets.lire(tx, imports.settings.session, str(import_id), rang)
        return lu and situer(imports, lu)

    found = run(session, read)
    if found is None:
        raise _unknown(import_id, rang)
    line = found.pop("valeur")
    for name, content in found.items():
        console.print(f"{name}: {'' if content is None else content}", highlight=False, markup=False)
    if value and line:
        sys.stdout.write(line.decode("utf-8", "replace") + "\n")


@app.command("correct")
def correct(
    import_id: UUID,
    rang: Rang,
    file: Annotated[Path, typer.Argument(allow_dash=True, help="The line as it should be; - reads it in.")],
    *,
    session: SessionOption = None,
) -> None:
    """Keep a corrected line in place of a refused one, until it is replayed."""
    line = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()

    async def mend(imports: Imports) -> bool:
        async with imports.engine.connect() as tx:
            lu = await rejets.lire(tx, imports.settings.session, str(import_id), rang)
        if lu is not None:
            corrigeable(lu["nature"])
        return await corriger(imports, str(import_id), rang, line)

    if not run(session, mend):
        raise _unknown(import_id, rang)
    console.print(f"corrected: pilotage ingest rejets replay {import_id} {rang}")


@app.command("replay")
def replay(import_id: UUID, rangs: Rangs = None, *, session: SessionOption = None) -> None:
    """Take the lines again, as corrected or as they were; what is refused again waits again.

    Of a SIECLE, notes, Cordées or référentiel file it is the whole file that is taken again, once what it lacked is there.
    """
    with console.status("Replaying") as status:

        async def go(imports: Imports) -> Any:
            started = await rejouer(imports, str(import_id), rangs or None, "cli")
            recu = started and await imports.lire(started[0])
            if recu is None:
                return None
            recu = await wait_for(imports, recu.id, recu.nature, status)
            return recu, await first_lines(imports, recu)

        found = run(session, go)
    if found is None:
        console.print(
            "Nothing to replay: no line waits, or its file is no longer kept; it is corrected and deposited again."
        )
        raise typer.Exit(REFUSED)
    show_import(*found)
    exit_code(found[0])
    if (found[0].compte_rendu or {}).get("compteurs", {}).get("rejetes"):
        raise typer.Exit(REFUSED)


@app.command("drop")
def drop(
    import_id: UUID,
    rangs: Rangs = None,
    *,
    session: SessionOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Give lines up: they are settled and erased."""
    if not yes:
        typer.confirm(f"Erase {'these' if rangs else 'all the'} refused lines of {import_id}?", abort=True)

    async def give_up(imports: Imports) -> int:
        async with imports.engine.begin() as tx:
            return await rejets.abandonner(tx, imports.settings.session, str(import_id), rangs or None)

    console.print(f"{run(session, give_up)} dropped")


def _unknown(import_id: UUID, rang: int) -> typer.Exit:
    console.print(f"No refused line {rang} of {import_id} that could be read or mended.")
    return typer.Exit(REFUSED)
