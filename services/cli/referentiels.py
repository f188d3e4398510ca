"""``pilotage ingest referentiel``: load the référentiels of a session, and see what they changed."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from services.cli.imports_commun import SessionOption, console, run
from services.cli.ingest import ConfirmOption, DryRunOption, FileArgument, load_file
from services.ingest.calendrier import store as histories
from services.ingest.imports import Imports
from services.ingest.natures import ETABLISSEMENTS, FORMATIONS, MEF
from services.ingest.referentiels import attente, store
from services.ingest.referentiels.memoire import FORMATION

app = typer.Typer(help="Référentiels of a session: formations, établissements, MEF.", no_args_is_help=True)
REFUSED = 1


class Kind(StrEnum):
    FORMATIONS = "formations"
    ETABLISSEMENTS = "etablissements"
    MEF = "mef"


_NATURES = {Kind.FORMATIONS: FORMATIONS, Kind.ETABLISSEMENTS: ETABLISSEMENTS, Kind.MEF: MEF}


def _loader(kind: Kind, what: str) -> None:
    @app.command(kind.value, help=f"Load {what}")
    def load(
        file: FileArgument,
        *,
        session: SessionOption = None,
        confirm: ConfirmOption = False,
        dry_run: DryRunOption = False,
    ) -> None:
        load_file(_NATURES[kind], file, session, None, confirm=confirm, dry_run=dry_run)


_loader(Kind.FORMATIONS, "formations: CSV with the columns of fr-esr-parcoursup, or of its derived file.")
_loader(Kind.ETABLISSEMENTS, "établissements: CSV of the annuaire, at least UAI and name.")
_loader(Kind.MEF, "the national base of MEF: CSV N_MEF of the BCN.")


@app.command("show")
def show(
    formation: Annotated[str | None, typer.Argument(help="Id of a formation: every version of it.")] = None,
    *,
    session: SessionOption = None,
) -> None:
    """Versions, corrections under way, and formations that vœux wait for."""
    if formation is not None:
        _show_formation(formation, session)
        return

    async def read(imports: Imports) -> tuple[dict[str, Any], list[Any]]:
        async with imports.engine.connect() as tx:
            session_ = imports.settings.session
            return await store.resume(tx, session_), list(await attente.attendues(tx, session_))

    found, waiting = run(session, read)
    table = Table("référentiel", "version", "rows")
    for line in found["referentiels"]:
        table.add_row(line["objet"], str(line["version"]), f"{line['lignes']:,}")
    console.print(table)
    for line in found["corrections"]:
        state = "done" if line["faite"] else "under way"
        console.print(
            f"correction {line['id']}: {line['formations']} formations, {line['reemis']} vœux, {state}"
        )
    for line in waiting:
        console.print(
            f"{line['formation_id']}: {line['faits']} vœux wait for it since {line['depuis']:%Y-%m-%d}"
        )


def _show_formation(formation: str, session: int | None) -> None:
    async def read(imports: Imports) -> list[dict[str, Any]]:
        async with imports.engine.connect() as tx:
            return await histories.histoire(tx, imports.settings.session, FORMATION, formation)

    versions = run(session, read)
    if not versions:
        console.print(f"No formation {formation} in the référentiel of this session.")
        raise typer.Exit(REFUSED)
    for version in versions:
        content = ", ".join(
            f"{name} {value}" for name, value in version["contenu"].items() if value is not None
        )
        console.print(
            f"version {version['version']}, {version['le']:%Y-%m-%d %H:%M}: {content}", highlight=False
        )
