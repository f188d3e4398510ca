"""``pilotage ingest``: load SIECLE files and candidate facts, and see what became of them.

In-process, with the settings of the service ingest. Exit code 0: done; 1: refused; 2: usage; 3: interrupted.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import structlog
import typer
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from rich.console import Console
from rich.status import Status
from rich.table import Column, Table
from sqlalchemy.exc import DBAPIError

from services.ingest import store
from services.ingest.compte_rendu import COMPTEURS
from services.ingest.deposer import deposer
from services.ingest.identity import CleInvalideError, Cles
from services.ingest.imports import Imports, SessionFermeeError
from services.ingest.natures import FAITS, SIECLE
from services.ingest.refus import FichierRefuse
from services.ingest.settings import IngestSettings
from shared.db.engine import create_engine

app = typer.Typer(help="Load what comes in: SIECLE files and candidate facts.", no_args_is_help=True)
imports_app = typer.Typer(help="What became of the deposited files.", no_args_is_help=True)
app.add_typer(imports_app, name="imports")
console = Console()
REFUSED, USAGE, INTERRUPTED = 1, 2, 3
_CHUNK = 1 << 20
_SHOWN = 40
_WATCH_S = 0.5

T = TypeVar("T")
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
SessionOption = Annotated[int | None, typer.Option("--session", help="Default: SESSION of the environment.")]
ConfirmOption = Annotated[
    bool, typer.Option("--confirm", help="Take an older SIECLE file, or the same facts again.")
]


@app.command("siecle")
def siecle(
    file: FileArgument,
    *,
    session: SessionOption = None,
    uai: Annotated[str | None, typer.Option("--uai", help="Refuse the file of another lycée.")] = None,
    confirm: ConfirmOption = False,
) -> None:
    """Load a SIECLE export (.zip or .xml): identity and scolarité of the terminales."""
    _load(SIECLE, file, session, uai, confirm)


@app.command("faits")
def faits(file: FileArgument, *, session: SessionOption = None, confirm: ConfirmOption = False) -> None:
    """Load candidate facts (.ndjson or .ndjson.gz)."""
    _load(FAITS, file, session, None, confirm)


@imports_app.command("list")
def list_imports(*, session: SessionOption = None, limit: int = 20) -> None:
    """Latest imports first."""

    async def read(imports: Imports) -> Any:
        async with imports.engine.connect() as tx:
            return await store.lister(tx, imports.settings.session, None, limit)

    table = Table(Column("import", no_wrap=True, min_width=36), "lycée", "state", "events", "file")
    for row in _run(session, read):
        events = f"{row['checkpoint']}/{row['total']}" if row["total"] is not None else ""
        table.add_row(row["id"], row["uai"] or "", row["etat"], events, row["nom_fichier"])
    console.print(table)


@imports_app.command("show")
def show(import_id: UUID, *, session: SessionOption = None) -> None:
    """Compte rendu of one import."""
    recu = _run(session, lambda imports: imports.lire(str(import_id)))
    if recu is None:
        console.print(f"No import {import_id} in this session.")
        raise typer.Exit(REFUSED)
    _print(recu)


def _load(nature: str, file: Path, session: int | None, uai: str | None, confirm: bool) -> None:
    with console.status(f"Loading {file.name}") as status:

        async def load(imports: Imports) -> Any:
            import_id = await deposer(
                imports,
                nature,
                _chunks(file),
                lambda: file.name,
                demandeur="cli",
                uai=uai.upper() if uai else None,
                confirme=confirm,
            )
            watch = asyncio.create_task(_watch(imports, import_id, status))
            try:
                return await imports.attendre(import_id, nature)
            finally:
                watch.cancel()

        recu = _run(session, load)
    _print(recu)
    if recu.etat == "REFUSE":
        raise typer.Exit(REFUSED)


async def _watch(imports: Imports, import_id: str, status: Status) -> None:
    """Say how far the import is, as anybody who asks the service would see it."""
    while True:
        await asyncio.sleep(_WATCH_S)
        recu = await imports.lire(import_id)
        if recu is not None:
            read = (recu.compte_rendu or {}).get("compteurs", {}).get("lus", 0)
            published = f", {recu.checkpoint} of {recu.total} events published" if recu.total else ""
            status.update(f"{recu.nom_fichier}: {recu.etat}, {read} read{published}")


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _run(session: int | None, work: Callable[[Imports], Awaitable[T]]) -> T:
    """Run ``work`` with the settings of ingest; every expected failure is a sentence and an exit code."""
    settings = _settings(session)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("WARNING"))

    async def run() -> T:
        engine = create_engine(settings)
        try:
            return await work(Imports(settings, engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except FichierRefuse as refus:
        console.print(f"[red]Refused[/] ({refus.code}): {refus.phrase}")
        raise typer.Exit(REFUSED) from refus
    except SessionFermeeError as error:
        console.print(
            f"[red]Interrupted[/]: {error}. The deposited file is not lost; run this again afterwards."
        )
        raise typer.Exit(INTERRUPTED) from error
    except (KafkaError, DBAPIError, OSError, TimeoutError) as error:
        console.print(
            f"[red]Interrupted[/]: {type(error).__name__}. A deposited file is not lost: the service ingest, "
            "or this command again, goes on with it. Are the servers up, is the database migrated "
            "(pilotage migrate ingest) and the session open (pilotage session open)?"
        )
        raise typer.Exit(INTERRUPTED) from error


def _settings(session: int | None) -> IngestSettings:
    try:
        settings = IngestSettings()
        Cles(settings.hmac_keys.get_secret_value(), settings.session)
    except ValidationError as error:
        names = ", ".join(str(detail["loc"][0]).upper() for detail in error.errors())
        console.print(f"[red]Settings[/] missing or wrong: {names}")
        raise typer.Exit(USAGE) from error
    except CleInvalideError as error:
        console.print(f"[red]Settings[/]: {error}")
        raise typer.Exit(USAGE) from error
    return settings.model_copy(update={"session": session}) if session else settings


def _print(recu: Any) -> None:
    report = recu.compte_rendu or {}
    console.print(f"[bold]{recu.nature}[/] {recu.nom_fichier}  import {recu.id}  [bold]{recu.etat}[/]")
    counters = report.get("compteurs", {})
    shown = [f"{name} {counters[name]}" for name in COMPTEURS if counters.get(name)]
    shown += [f"({name} {value})" for name, value in report.get("ignores", {}).items()]
    if shown:
        console.print("  ".join(shown), highlight=False)
    if refus := report.get("refus"):
        console.print(f"[red]{refus['code']}[/]: {refus['phrase']}")
    _print_lines(report)


def _print_lines(report: dict[str, Any]) -> None:
    lines = report.get("lignes", [])
    if not lines:
        return
    table = Table("rang", "", "code", "INE", "ce qui ne va pas")
    for line in lines[:_SHOWN]:
        table.add_row(str(line["rang"]), line["gravite"], line["code"], line["ine"] or "", line["phrase"])
    console.print(table)
    more = len(lines) - _SHOWN + report.get("lignes_en_plus", 0)
    if more > 0:
        console.print(f"and {more} more: pilotage ingest imports show, or the API, has the first 5,000")
