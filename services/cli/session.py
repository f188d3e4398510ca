"""``pilotage session``: the life of a session (millésime) and its calendar.

In-process, with the settings of the service ingest, whose relay publishes what is decided here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cli import calendar
from services.cli.registry import settings_of
from services.ingest.calendrier import store, vie
from services.ingest.calendrier.domain import EtatSession
from services.ingest.calendrier.vie import TransitionRefuseeError
from services.ingest.settings import IngestSettings
from shared.db import purge as rows
from shared.db.engine import create_engine
from shared.db.migrations import SERVICES
from shared.kafka.topics import SessionTopicsError, delete_topics, open_session, topics_of_session

app = typer.Typer(help="Sessions (millésimes): life and calendar.", no_args_is_help=True)
app.add_typer(calendar.app, name="calendar")
console = Console()
T = TypeVar("T")
REFUSED, INTERRUPTED = 1, 3
Session = Annotated[int, typer.Argument(min=2018, max=2100)]
Reason = Annotated[str | None, typer.Option("--reason", help="Kept in the history.")]
_KEPT = frozenset({"registre.vie", "registre.histoire"})
"""What a purge leaves of a session: that it was, and who did what to it."""


@app.command("open")
def open_(
    session: Session,
    partitions: Annotated[
        int, typer.Option(min=1, max=240, help="12 on one machine, 24 for the nation.")
    ] = 12,
    replication: Annotated[int, typer.Option(min=1, max=5)] = 1,
    *,
    reason: Reason = None,
) -> None:
    """Create the missing topics of SESSION and open it, or open it again; harmless when it is open."""
    try:
        created = asyncio.run(open_session(settings_of("ingest", session), partitions, replication))
    except SessionTopicsError as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(REFUSED) from error
    _change(session, EtatSession.OUVERTE, reason)
    console.print(
        f"session {session}: {len(created)} topics created" if created else f"session {session}: open"
    )


@app.command("freeze")
def freeze(session: Session, *, reason: Reason = None) -> None:
    """Accept no deposit and no command until it is opened again; everything can still be read."""
    _change(session, EtatSession.GELEE, reason)
    console.print(f"session {session}: frozen")


@app.command("close")
def close(session: Session, *, reason: Reason = None) -> None:
    """End SESSION: as a freeze, for good unless it is opened again. No import may be under way."""
    _change(session, EtatSession.CLOSE, reason)
    console.print(f"session {session}: closed")


@app.command("archive")
def archive(session: Session, *, reason: Reason = None) -> None:
    """Keep a closed SESSION to be read only, calendar included. It cannot be opened again."""
    _change(session, EtatSession.ARCHIVEE, reason)
    console.print(f"session {session}: archived")


@app.command("status")
def status(session: Session) -> None:
    """State of SESSION, its topics, and every change of its life."""

    async def read(tx: AsyncConnection, _: IngestSettings) -> tuple[store.Vie, list[dict[str, object]], int]:
        return (
            await store.lire_vie(tx, session),
            await store.histoire(tx, session, "session"),
            await store.imports_en_cours(tx, session),
        )

    found, history, under_way = _on(session, read)
    topics = asyncio.run(topics_of_session(settings_of("ingest", session)))
    state = found.etat.value if found.etat else "OUVERTE (its life was not kept)" if topics else "unknown"
    console.print(f"session {session}: [bold]{state}[/], {len(topics)} topics, {under_way} imports under way")
    table = Table("version", "state", "when", "who", "reason")
    for line in history:
        content = line["contenu"]
        etat = content["etat"] if isinstance(content, dict) else ""
        table.add_row(str(line["version"]), etat, str(line["le"]), str(line["par"]), str(line["motif"] or ""))
    if history:
        console.print(table)


@app.command("purge")
def purge(
    session: Session,
    *,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="Type « purge SESSION » to delete for good.")
    ] = None,
    reason: Reason = None,
) -> None:
    """Show what an archived SESSION still holds; with --confirm "purge SESSION", delete it for good."""
    names = asyncio.run(topics_of_session(settings_of("ingest", session)))
    found = {name: asyncio.run(_held(name, session)) for name in SERVICES}
    _show(session, names, found)
    if confirm is None:
        console.print(f'nothing is deleted: run again with [bold]--confirm "purge {session}"[/]')
        return
    if confirm != f"purge {session}":
        console.print(f'[red]not deleted[/]: --confirm must be exactly "purge {session}"')
        raise typer.Exit(REFUSED)
    _change(session, EtatSession.PURGEE, reason)
    asyncio.run(delete_topics(settings_of("ingest", session), names))
    deleted = sum(asyncio.run(_delete(name, session)) for name in SERVICES)
    console.print(f"session {session}: {len(names)} topics and {deleted:,} rows deleted")


def _show(session: int, names: list[str], found: dict[str, dict[str, int]]) -> None:
    table = Table("where", "what", "rows")
    table.add_row("broker", f"{len(names)} topics of {session}", "")
    for name, tables in found.items():
        for what, count in tables.items():
            table.add_row(name, what, f"{count:,}")
    console.print(table)


async def _held(name: str, session: int) -> dict[str, int]:
    settings = settings_of(name, session)
    engine = create_engine(settings)
    try:
        async with engine.connect() as tx:
            return await rows.contenu(tx, settings.topic_prefix, session, _KEPT)
    finally:
        await engine.dispose()


async def _delete(name: str, session: int) -> int:
    settings = settings_of(name, session)
    engine = create_engine(settings)
    try:
        async with engine.begin() as tx:
            return await rows.effacer(tx, settings.topic_prefix, session, _KEPT)
    finally:
        await engine.dispose()


def _change(session: int, etat: EtatSession, reason: str | None) -> None:
    async def change(tx: AsyncConnection, settings: IngestSettings) -> store.Vie:
        return await vie.changer(tx, settings, etat, par="cli", motif=reason)

    try:
        _on(session, change)
    except TransitionRefuseeError as error:
        console.print(f"[red]refused[/]: {error}")
        raise typer.Exit(REFUSED) from error


def _on(session: int, act: Callable[[AsyncConnection, IngestSettings], Awaitable[T]]) -> T:
    """Run ``act`` in one transaction of ingest's database."""
    settings = settings_of("ingest", session)
    assert isinstance(settings, IngestSettings)  # noqa: S101 - the registry gives the settings of its service

    async def run() -> T:
        engine = create_engine(settings)
        try:
            async with engine.begin() as tx:
                return await act(tx, settings)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except (DBAPIError, OSError, TimeoutError) as error:
        console.print(
            f"[red]interrupted[/]: {type(error).__name__}. Is PostgreSQL up and migrated (pilotage migrate ingest)?"
        )
        raise typer.Exit(INTERRUPTED) from error
