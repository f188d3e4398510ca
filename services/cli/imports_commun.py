"""What the commands of ``pilotage ingest`` share: settings, failures as sentences, waiting, printing.

In-process, with the settings of the service ingest. Exit code 0: done; 1: refused; 2: usage; 3: interrupted;
4: the import asks and waits.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import structlog
import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.status import Status
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from services.cli.registry import USAGE, settings_of
from services.ingest import lignes
from services.ingest.compte_rendu import COMPTEURS
from services.ingest.identity import CleInvalideError, Cles
from services.ingest.imports import Imports
from services.ingest.presentation import avancement
from services.ingest.publications import SessionFermeeError
from services.ingest.refus import FichierRefuse
from services.ingest.settings import IngestSettings
from shared.db.engine import create_engine
from shared.http.errors import Refus

console = Console()
REFUSED, INTERRUPTED, ASKS = 1, 3, 4
_SHOWN = 40
_WATCH_S = 0.5

T = TypeVar("T")
SessionOption = Annotated[int | None, typer.Option("--session", help="Default: SESSION of the environment.")]


def run(session: int | None, work: Callable[[Imports], Awaitable[T]]) -> T:
    """Run ``work`` with the settings of ingest; every expected failure is a sentence and an exit code."""
    settings = _settings(session)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("WARNING"))

    async def go() -> T:
        engine = create_engine(settings)
        try:
            return await work(Imports(settings, engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(go())
    except FichierRefuse as refus:
        console.print(f"[red]Refused[/] ({refus.code}): {refus.phrase}")
        raise typer.Exit(REFUSED) from refus
    except Refus as refus:
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
    settings = settings_of("ingest", session)
    assert isinstance(settings, IngestSettings)  # noqa: S101 - the registry gives the settings of its service
    try:
        Cles(settings.hmac_keys.get_secret_value(), settings.session)
    except CleInvalideError as error:
        console.print(f"[red]Settings[/]: {error}")
        raise typer.Exit(USAGE) from error
    return settings


async def wait(imports: Imports, import_id: str, nature: str, status: Status) -> Any:
    """Do the import, or wait for who does it, saying how far it is."""
    watch = asyncio.create_task(_watch(imports, import_id, status))
    try:
        return await imports.attendre(import_id, nature)
    finally:
        watch.cancel()


async def _watch(imports: Imports, import_id: str, status: Status) -> None:
    """Say how far the import is, as anybody who asks the service would see it."""
    while True:
        await asyncio.sleep(_WATCH_S)
        recu = await imports.lire(import_id)
        if recu is not None:
            status.update(f"{recu.nom_fichier}: {progress(as_dict(recu))}")


def as_dict(recu: Any) -> dict[str, Any]:
    return dict(recu._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def progress(recu: Mapping[str, Any]) -> str:
    """« LECTURE 42 %, 12,000 read, 31 MB/s, 14 s left »."""
    found = avancement(recu, datetime.now(UTC))
    if found is None:
        return str(recu["etat"])
    parts = [found["phase"] if found["part"] is None else f"{found['phase']} {found['part']:.0%}"]
    if read := (recu["compte_rendu"] or {}).get("compteurs", {}).get("lus"):
        parts.append(f"{read:,} read")
    if pace := found["par_seconde"]:
        parts.append(f"{pace:,.0f} events/s" if found["unite"] == "faits" else f"{pace / 1e6:.1f} MB/s")
    if found["reste_s"] is not None:
        parts.append(f"{found['reste_s']} s left")
    return ", ".join(parts)


async def first_lines(imports: Imports, recu: Any) -> list[dict[str, Any]]:
    async with imports.engine.connect() as tx:
        return (await lignes.page(tx, recu.id, recu.tentative, limite=_SHOWN + 1))[0]


def show_import(recu: Any, lines: list[dict[str, Any]]) -> None:
    """State, counters, what is asked, refusal, first lines."""
    report = recu.compte_rendu or {}
    console.print(f"[bold]{recu.nature}[/] {recu.nom_fichier}  import {recu.id}  [bold]{recu.etat}[/]")
    counters = report.get("compteurs", {})
    shown = [f"{name} {counters[name]}" for name in COMPTEURS if counters.get(name)]
    shown += [f"{name} {n}" for name, n in counters.items() if name not in COMPTEURS and n]
    shown += [f"({name} {value})" for name, value in report.get("ignores", {}).items()]
    if shown:
        console.print("  ".join(shown), highlight=False)
    if refus := report.get("refus"):
        console.print(f"[red]{refus['code']}[/]: {refus['phrase']}")
    for question in recu.questions or ():
        console.print(f"[yellow]{question['code']}[/]: {question['phrase']}")
    _show_lines(lines)
    if recu.etat in _NEXT:
        console.print(_NEXT[recu.etat].format(id=recu.id))


_NEXT = {
    "ESSAI": "Dry run: nothing is written. pilotage ingest imports integrate {id} [--confirm], or cancel {id}",
    "A_CONFIRMER": "Nothing is written before an answer. pilotage ingest imports confirm {id}, or cancel {id}",
}


def _show_lines(lines: list[dict[str, Any]]) -> None:
    if not lines:
        return
    table = Table("rang", "", "code", "INE", "ELEVE_ID", "ce qu’il en est")
    for line in lines[:_SHOWN]:
        codes = " ".join(dict.fromkeys(anomaly["code"] for anomaly in line["anomalies"]))
        table.add_row(
            str(line["rang"] or ""),
            line["type"],
            codes,
            line["ine"] or "",
            line["eleve_siecle"] or "",
            line["phrase"],
        )
    console.print(table)
    if len(lines) > _SHOWN:
        console.print("and more: pilotage ingest imports export IMPORT FILE.xlsx has them all")


_CODES = {"REFUSE": REFUSED, "A_CONFIRMER": ASKS, "ANNULE": REFUSED, "EXPIRE": REFUSED}


def exit_code(*recus: Any) -> None:
    """Leave with what the states of the imports say: a refusal before a question."""
    codes = {_CODES.get(recu.etat, 0) for recu in recus} - {0}
    code = min(codes, default=0)
    if code:
        raise typer.Exit(code)
