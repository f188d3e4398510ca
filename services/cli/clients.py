"""``pilotage clients``: the credentials of machines, in-process with the settings of ingest.

Who created and who revoked stays in the table; a chef keeps those of his lycée on his own page.
"""

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from services.cli.imports_commun import REFUSED, console, run
from services.cli.registry import USAGE
from services.ingest.clients import commandes, store
from services.ingest.clients.domain import Genre, valable
from services.ingest.imports import Imports
from shared.http.errors import Refus

app = typer.Typer(help="Credentials of machines: the platform, a lycée's software.", no_args_is_help=True)
_UN_AN = 365


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What it is for, shown in lists.")],
    *,
    uai: Annotated[str | None, typer.Option(help="Software of this lycée; without, the platform.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="Then it must be replaced.")] = _UN_AN,
) -> None:
    """Make a credential. The secret is printed now and never again."""

    async def make(imports: Imports) -> commandes.Cree:
        genre = Genre.LOGICIEL if uai else Genre.PLATEFORME
        async with imports.engine.begin() as tx:
            return await commandes.creer(tx, genre, nom=name, jours=days, par=_who(), uai=uai)

    try:
        made = run(None, make)
    except Refus as refus:
        console.print(f"[red]Refused[/] ({refus.code}): {refus.phrase}")
        raise typer.Exit(REFUSED) from refus
    console.print(f"client id     {made.client.id}", highlight=False)
    console.print(f"client secret {made.secret}", highlight=False)
    console.print(f"until         {made.client.expire_le:%Y-%m-%d}. Keep the secret: it is not shown again.")


@app.command("list")
def list_clients(
    *,
    uai: Annotated[str | None, typer.Option(help="Of one lycée only.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those revoked or expired too.")] = False,
) -> None:
    """Credentials, latest first, without any secret."""

    async def read(imports: Imports) -> Any:
        async with imports.engine.connect() as tx:
            return await store.lister(tx, uai)

    now = datetime.now(UTC)
    table = Table(Column("client id", no_wrap=True), "name", "lycée", "created by", "last use", "state")
    for client in run(None, read):
        if everything or valable(client, now):
            used = f"{client.utilise_le:%Y-%m-%d %H:%M}" if client.utilise_le else "never"
            table.add_row(client.id, client.nom, client.uai or "", client.cree_par, used, _state(client, now))
    console.print(table)


@app.command("revoke")
def revoke(client_id: str) -> None:
    """Refuse the credential, and every token made with it, from now on."""

    async def end(imports: Imports) -> bool:
        async with imports.engine.begin() as tx:
            return await store.revoquer(tx, client_id, _who())

    if not run(None, end):
        console.print(f"No credential {client_id} to revoke.")
        raise typer.Exit(USAGE)
    console.print(f"{client_id}: revoked")


def _state(client: Any, now: datetime) -> str:
    if client.revoque_le:
        return f"revoked {client.revoque_le:%Y-%m-%d} by {client.revoque_par}"
    return f"until {client.expire_le:%Y-%m-%d}" if now < client.expire_le else "expired"


def _who() -> str:
    """Account of the operator's machine, as far as it is known."""
    try:
        return f"cli:{getpass.getuser()}"[:40]
    except (KeyError, OSError):
        return "cli"
