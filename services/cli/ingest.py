"""``pilotage ingest``: load SIECLE files, candidate facts and all that comes in."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from services.cli.imports_commun import (
    SessionOption,
    console,
    exit_code,
    first_lines,
    run,
    show_import,
)
from services.cli.imports_commun import wait as wait_for
from services.cli.registry import USAGE
from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import FAITS, NATURES, SIECLE

app = typer.Typer(help="Load what comes in: SIECLE files, candidate facts…", no_args_is_help=True)
_CHUNK = 1 << 20

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
FilesArgument = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, readable=True, help="All are deposited, then awaited."),
]
ConfirmOption = Annotated[
    bool, typer.Option("--confirm", help="Yes to whatever would be asked; the same facts again.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing; the file waits to be integrated or cancelled.")
]
UaiOption = Annotated[str | None, typer.Option("--uai", help="Refuse the file of another lycée.")]


@app.command("siecle")
def siecle(
    files: FilesArgument,
    *,
    session: SessionOption = None,
    uai: UaiOption = None,
    confirm: ConfirmOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Load SIECLE exports (.zip or .xml): identity and scolarité of the terminales."""
    load_files(SIECLE, files, session, uai, confirm=confirm, dry_run=dry_run)


@app.command("faits")
def faits(
    file: FileArgument,
    *,
    session: SessionOption = None,
    confirm: ConfirmOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Load candidate facts (.ndjson or .ndjson.gz)."""
    load_file(FAITS, file, session, None, confirm=confirm, dry_run=dry_run)


@app.command("load")
def load(
    nature: Annotated[str, typer.Argument(metavar="NATURE", help=", ".join(NATURES))],
    files: FilesArgument,
    *,
    session: SessionOption = None,
    uai: UaiOption = None,
    confirm: ConfirmOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Load files of any nature that is known."""
    if nature.upper() not in NATURES:
        console.print(f"No nature {nature}: {', '.join(NATURES)}")
        raise typer.Exit(USAGE)
    load_files(nature.upper(), files, session, uai, confirm=confirm, dry_run=dry_run)


def load_file(
    nature: str, file: Path, session: int | None, uai: str | None, *, confirm: bool, dry_run: bool
) -> None:
    """One file."""
    load_files(nature, [file], session, uai, confirm=confirm, dry_run=dry_run)


def load_files(
    nature: str, files: Sequence[Path], session: int | None, uai: str | None, *, confirm: bool, dry_run: bool
) -> None:
    """Deposit, and do or await the imports; prints each compte rendu and leaves with the gravest exit code."""
    said = files[0].name if len(files) == 1 else f"{len(files)} files"
    with console.status(f"Loading {said}") as status:

        async def do(found: Imports) -> list[tuple[Any, list[dict[str, Any]]]]:
            deposited = [
                await deposer(
                    found,
                    nature,
                    chunks(file),
                    lambda file=file: file.name,  # type: ignore[misc]
                    demandeur="cli",
                    uai=uai.upper() if uai else None,
                    confirme=confirm,
                    essai=dry_run,
                )
                for file in files
            ]
            ended = [await wait_for(found, import_id, nature, status) for import_id in deposited]
            return [(recu, await first_lines(found, recu)) for recu in ended]

        done = run(session, do)
    for recu, lines in done:
        show_import(recu, lines)
    exit_code(*(recu for recu, _ in done))


async def chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk
