"""``pilotage ingest taches`` and ``pilotage ingest remontee``: questions to settle, remontées to close.

What they change goes to the outbox of ingest: the running service publishes it. Exit code 1: refused.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
from rich.table import Column, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cli.imports_commun import REFUSED, SessionOption, console, run
from services.cli.registry import USAGE
from services.ingest.imports import Imports
from services.ingest.scolarite import choix, remontee
from services.ingest.scolarite.choix import Reponse
from services.ingest.scolarite.contexte import Contexte
from services.ingest.scolarite.domain import Choix
from shared.http.errors import Refus
from shared.http.perimetre import Perimetre, Role

taches_app = typer.Typer(help="Questions that only a person may settle.", no_args_is_help=True)
remontee_app = typer.Typer(help="Closing of the remontées of lycées.", no_args_is_help=True)
_OPERATEUR = Perimetre(acteur="cli", role=Role.OPERATEUR, nation=True)
T = TypeVar("T")
Work = Callable[[AsyncConnection, Contexte], Awaitable[T]]


@taches_app.command("list")
def list_tasks(
    *,
    session: SessionOption = None,
    uai: Annotated[str | None, typer.Option("--uai", help="Of one lycée.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
) -> None:
    """Oldest first: two lycées for one pupil, two pupils who may be one."""

    async def read(tx: AsyncConnection, contexte: Contexte) -> Any:
        lycees = [uai.upper()] if uai else None
        return await choix.lister(tx, contexte.session, _OPERATEUR, lycees, toutes=every)

    table = Table(Column("task", no_wrap=True, min_width=36), "kind", "state", "days", "lycées", "pupils")
    for task in do(session, read):
        answers = [f"{lycee['uai']} {lycee['reponse'] or '?'}" for lycee in task["lycees"]]
        pupils = [pupil["eleve_id"] for pupil in task["eleves"]]
        table.add_row(
            task["id"],
            task["genre"],
            task["etat"],
            str(task["age_jours"]),
            "\n".join(answers),
            "\n".join(pupils),
        )
    console.print(table)


@taches_app.command("resolve")
def resolve(
    task: UUID,
    choice: Annotated[Choix, typer.Argument(help="CHEZ_NOUS with --uai, FUSIONNER or DISTINCTS.")],
    *,
    session: SessionOption = None,
    uai: Annotated[str | None, typer.Option("--uai", help="The lycée that keeps the pupil.")] = None,
    survivor: Annotated[UUID | None, typer.Option("--survivor", help="The id that stays in a merge.")] = None,
) -> None:
    """Settle a question for the lycées. A merge can be taken back for some days: pilotage ingest fusions."""

    async def settle(tx: AsyncConnection, contexte: Contexte) -> Any:
        reponse = Reponse(
            tache_id=str(task),
            choix=choice,
            uai=uai.upper() if uai else None,
            survivant=str(survivor) if survivor else None,
        )
        return await choix.resoudre(tx, contexte, _OPERATEUR, reponse)

    console.print(f"Task {task}: {do(session, settle)['etat']}")


@remontee_app.command("show")
def show(uai: str, *, session: SessionOption = None) -> None:
    """State of the remontée of a lycée, and what closing it would freeze."""
    bilan = do(session, lambda tx, contexte: remontee.bilan(tx, contexte.session, uai.upper()))
    _print(bilan)


@remontee_app.command("close")
def close(
    *,
    session: SessionOption = None,
    uai: Annotated[list[str] | None, typer.Option("--uai", help="One lycée, or several.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every lycée that has pupils.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Freeze the vivier initial. Each lycée is a transaction of its own: run again after an interruption."""
    if bool(uai) == every:
        console.print("Either --all or --uai.")
        raise typer.Exit(USAGE)
    lycees: Sequence[str] = [code.upper() for code in uai or ()]
    if every:
        lycees = do(session, lambda tx, contexte: remontee.lycees(tx, contexte.session))
    if not yes and not typer.confirm(f"Freeze the vivier initial of {len(lycees)} lycées?"):
        raise typer.Exit(REFUSED)
    refused = run(session, lambda imports: _close(imports, lycees))
    console.print(f"{len(lycees) - len(refused)} closed, {len(refused)} refused")
    for code, phrase in refused.items():
        console.print(f"{code}: {phrase}", highlight=False)
    if refused and not every:
        raise typer.Exit(REFUSED)


@remontee_app.command("reopen")
def reopen(
    uai: str, *, reason: Annotated[str, typer.Option("--reason")], session: SessionOption = None
) -> None:
    """Undo the frozen base of a lycée; its files apply wholly again."""
    _print(do(session, lambda tx, contexte: remontee.rouvrir(tx, contexte, uai.upper(), reason)))


async def _close(imports: Imports, lycees: Sequence[str]) -> dict[str, str]:
    """Close each; those refused with the reason."""
    refused: dict[str, str] = {}
    contexte = Contexte(settings=imports.settings, session=imports.settings.session, acteur="cli")
    for uai in lycees:
        try:
            async with imports.engine.begin() as tx:
                await remontee.cloturer(tx, contexte, uai, presents=None)
        except Refus as refus:
            refused[uai] = refus.phrase
    return refused


def do(session: int | None, work: Work[T]) -> T:
    """Run ``work`` in a transaction; a refusal is a sentence and exit code 1."""

    async def go(imports: Imports) -> T:
        contexte = Contexte(settings=imports.settings, session=imports.settings.session, acteur="cli")
        async with imports.engine.begin() as tx:
            return await work(tx, contexte)

    try:
        return run(session, go)
    except Refus as refus:
        console.print(f"[red]Refused[/] ({refus.code}): {refus.phrase}")
        raise typer.Exit(REFUSED) from refus


def _print(bilan: dict[str, Any]) -> None:
    state = f"closed on {bilan['close_le']}" if bilan["close"] else "open"
    series = "  ".join(f"{serie} {count}" for serie, count in bilan["par_serie"].items())
    console.print(f"[bold]{bilan['uai']}[/] {state}: {bilan['presents']} pupils  {series}", highlight=False)
    console.print(
        f"absent from the last file {bilan['absents']}, lines rejected {bilan['lignes_rejetees']}, "
        f"tasks open {bilan['taches_ouvertes']}",
        highlight=False,
    )
