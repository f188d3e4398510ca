"""The running part of ``pilotage simulate live``: a door, the days, and what is said of each."""

import asyncio
from dataclasses import dataclass
from datetime import date

import httpx

from services.cli.imports_commun import console, run
from services.cli.simulate_guichets import HttpDoor, LocalDoor
from services.cli.televersement import Client
from services.ingest.imports import Imports
from services.simulateur.nation.commande import Commande
from services.simulateur.nation.direct import Envoi, Guichet, derouler

PIECE, PATIENCE_S = 64 << 20, 600.0


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """The gateway and the credential of the platform."""

    url: str
    client_id: str
    secret: str
    session: int


def run_live(
    command: Commande, days: tuple[date, date], seconds_per_day: float, access: HttpAccess | None
) -> int:
    """How many files were deposited, by HTTP when there is ``access``, by ingest in this process otherwise."""
    if access is None:

        async def work(imports: Imports) -> int:
            return await _run(command, LocalDoor(imports), days, seconds_per_day)

        return run(command.session, work)
    return asyncio.run(_by_http(command, access, days, seconds_per_day))


async def _by_http(
    command: Commande, access: HttpAccess, days: tuple[date, date], seconds_per_day: float
) -> int:
    async with httpx.AsyncClient(base_url=access.url) as http:
        client = Client(
            http,
            (access.client_id, access.secret),
            access.session,
            morceau=PIECE,
            patience_s=PATIENCE_S,
            dire=lambda _: None,
        )
        return await _run(command, HttpDoor(client), days, seconds_per_day)


async def _run(command: Commande, door: Guichet, days: tuple[date, date], seconds_per_day: float) -> int:
    return await derouler(command, door, days, seconds_per_day, dire=_say)


def _say(day: date, sent: Envoi | None, result: str) -> None:
    if sent is None:
        console.print(f"[bold]{day.isoformat()}[/]")
    else:
        console.print(f"  {sent.nature} {sent.fichier.name}: {result}")
