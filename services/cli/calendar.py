"""``pilotage session calendar``: the dates of a session, Paris time."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cli.registry import settings_of
from services.ingest.calendrier import commandes, store
from services.ingest.calendrier.domain import (
    CalendrierRefuse,
    EtatSession,
    ecrire_document,
    lire_document,
    situer,
)
from services.ingest.settings import IngestSettings
from shared.db.engine import create_engine
from shared.domaine.calendrier import Calendrier, dire
from shared.domaine.calendriers_connus import par_defaut
from shared.domaine.etapes import Etape

app = typer.Typer(help="The calendar of a session; dates are Paris time.", no_args_is_help=True)
console = Console()
T = TypeVar("T")
REFUSED, INTERRUPTED = 1, 3
Session = Annotated[int, typer.Argument(min=2018, max=2100)]
Reason = Annotated[str | None, typer.Option("--reason", help="Kept in the history.")]


@app.command("show")
def show(
    session: Session, *, history: Annotated[bool, typer.Option("--history", help="Every change.")] = False
) -> None:
    """Steps, today's phase and windows."""
    calendrier = _on(session, lambda tx, _: store.lire_calendrier(tx, session))
    if calendrier is None:
        console.print(
            f"session {session}: no calendar is set; see: pilotage session calendar import --default"
        )
        return
    _print(calendrier)
    if history:
        _print_history(_on(session, lambda tx, _: store.histoire(tx, session, "etape", None, 1000)))


@app.command("set")
def set_(
    session: Session,
    step: Annotated[str, typer.Argument(help="Code of the step, as listed by show.")],
    date: Annotated[str, typer.Argument(help="2026-03-12T23:59, Paris time; « - » takes the step out.")],
    value: Annotated[int | None, typer.Argument(help="For steps that carry a figure.")] = None,
    *,
    reason: Reason = None,
) -> None:
    """Set or take out one step; the whole calendar is verified."""

    async def change(tx: AsyncConnection, settings: IngestSettings) -> tuple[int, Any]:
        await store.verrouiller_calendrier(tx, session)
        actuel = await store.lire_calendrier(tx, session)
        document = ecrire_document(actuel) if actuel else {"etapes": {}, "valeurs": {}}
        code = step.upper()
        document["etapes"].pop(code, None)
        document["valeurs"].pop(code, None)
        if date != "-":
            document["etapes"][code] = date
            if value is not None:
                document["valeurs"][code] = value
        return await _set(tx, settings, document, reason)

    _tell(session, change)


@app.command("import")
def import_(
    session: Session,
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)] = None,
    *,
    default: Annotated[bool, typer.Option("--default", help="The calendar proposed for SESSION.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change.")] = False,
    reason: Reason = None,
) -> None:
    """Set the whole calendar from a JSON file, as written by export; what it does not hold is taken out."""
    document = _default(session) if default or file is None else _read(file)

    async def change(tx: AsyncConnection, settings: IngestSettings) -> tuple[int, Any]:
        outcome = await _set(tx, settings, document, reason)
        if dry_run:
            await tx.rollback()
        return outcome

    _tell(session, change, dry_run=dry_run)


@app.command("export")
def export(session: Session, file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Write the calendar as JSON, to a file or to standard output."""
    calendrier = _on(session, lambda tx, _: store.lire_calendrier(tx, session))
    if calendrier is None:
        console.print(f"session {session}: no calendar is set")
        raise typer.Exit(REFUSED)
    rendered = json.dumps(ecrire_document(calendrier), ensure_ascii=False, indent=2) + "\n"
    if file is None:
        typer.echo(rendered, nl=False)
    else:
        file.write_text(rendered, encoding="utf-8")


def _default(session: int) -> dict[str, Any]:
    proposed = par_defaut(session)
    if proposed is None:
        console.print(f"[red]no calendar is proposed for {session}[/]: give a file")
        raise typer.Exit(REFUSED)
    console.print(f"source: {proposed.source}")
    return ecrire_document(proposed.calendrier)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        console.print(f"[red]{file.name}[/] is not JSON")
        raise typer.Exit(REFUSED) from error


async def _set(
    tx: AsyncConnection, settings: IngestSettings, document: Any, reason: str | None
) -> tuple[int, list[commandes.Changee]]:
    vie = await store.lire_vie(tx, settings.session)
    if vie.etat in (EtatSession.ARCHIVEE, EtatSession.PURGEE):
        raise CalendrierRefuse([f"session {settings.session} is {vie.etat.value}: its calendar is history"])
    calendrier = lire_document(document, settings.session)
    return await commandes.poser(
        tx, settings, calendrier, par="cli", motif=reason, maintenant=datetime.now(UTC)
    )


def _tell(
    session: int,
    change: Callable[[AsyncConnection, IngestSettings], Awaitable[tuple[int, list[commandes.Changee]]]],
    *,
    dry_run: bool = False,
) -> None:
    try:
        version, changees = _on(session, change)
    except CalendrierRefuse as refus:
        for phrase in refus.phrases:
            console.print(f"[red]refused[/]: {phrase}")
        raise typer.Exit(REFUSED) from refus
    for etape, date, valeur, retiree in changees:
        figure = f" ({valeur})" if valeur is not None else ""
        console.print(f"{etape.value}: {'taken out' if retiree else dire(date)}{figure}")
    verb = "would become" if dry_run and changees else "is"
    console.print(f"session {session}: the calendar {verb} version {version}, {len(changees)} steps changed")


def _print(calendrier: Calendrier) -> None:
    table = Table("step", "Paris time", "figure", "")
    for etape in sorted(calendrier.dates, key=lambda e: (calendrier.dates[e], list(Etape).index(e))):
        figure = str(calendrier.valeurs.get(etape, ""))
        table.add_row(etape.value, dire(calendrier.dates[etape]), figure, etape.libelle)
    console.print(table)
    today = situer(calendrier, datetime.now(UTC))
    windows = ", ".join(f"{f['nom']} {f['position']}" for f in today["fenetres"])
    console.print(f"version {calendrier.version}; today: {today['phase']}; {windows}")


def _print_history(history: list[dict[str, Any]]) -> None:
    table = Table("version", "step", "date", "when", "who", "reason")
    for line in history:
        content = line["contenu"]
        date = "taken out" if content["retiree"] else dire(datetime.fromisoformat(content["date"]))
        version, when = str(line["version"]), f"{line['le']:%Y-%m-%d %H:%M}"
        table.add_row(version, line["cle"], date, when, line["par"], line["motif"] or "")
    console.print(table)


def _on(session: int, act: Callable[[AsyncConnection, IngestSettings], Awaitable[T]]) -> T:
    settings = settings_of("ingest", session)
    assert isinstance(settings, IngestSettings)  # noqa: S101 - the registry gives the settings of its service

    async def run() -> T:
        engine = create_engine(settings)
        try:
            async with engine.connect() as tx:
                outcome = await act(tx, settings)
                await tx.commit()
                return outcome
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except (DBAPIError, OSError, TimeoutError) as error:
        console.print(
            f"[red]interrupted[/]: {type(error).__name__}. Is PostgreSQL up and migrated (pilotage migrate ingest)?"
        )
        raise typer.Exit(INTERRUPTED) from error
