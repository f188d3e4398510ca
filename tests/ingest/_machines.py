"""The real gateway before the real ingest, each on a port, and machines with credentials of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import orjson
from sqlalchemy import text

from deploy.local.ports import free_port
from services.cli.registry import service
from services.ingest.clients import commandes
from services.ingest.clients.domain import Genre
from shared.service import Running, create_app
from tests.ingest._fichiers import AUTRE_UAI, UAI
from tests.kit.login import Emetteur, compte, emetteur, en_ecoute, se_connecter
from tests.kit.services import World

COMPTES = [
    compte("chef", "chef", lycees=[UAI]),
    compte("autre", "chef", lycees=[AUTRE_UAI]),
    compte("operateur", "operateur", nation=True),
    compte("imposteur", "plateforme"),
]
API = "/api/v1/sessions/2026"


@dataclass
class Portes:
    """A gateway and an ingest that answer."""

    url: str
    issuer: Emetteur
    gateway: Running
    ingest: Running

    async def machine(self, genre: Genre, uai: str | None = None, jours: int = 1) -> tuple[str, str]:
        """(client id, secret) of a new credential."""
        async with self.ingest.engine.begin() as tx:
            cree = await commandes.creer(tx, genre, nom="essai", jours=jours, par="test", uai=uai)
        return cree.client.id, cree.secret

    async def logiciel(self, uai: str = UAI) -> tuple[str, str]:
        return await self.machine(Genre.LOGICIEL, uai)

    async def plateforme(self) -> tuple[str, str]:
        return await self.machine(Genre.PLATEFORME)

    @asynccontextmanager
    async def anonyme(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            yield client

    @asynccontextmanager
    async def avec(self, identifiants: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
        """A machine with its token."""
        async with self.anonyme() as client:
            reponse = await demander(client, identifiants)
            assert reponse.status_code == 200, reponse.text
            client.headers["Authorization"] = f"Bearer {reponse.json()['access_token']}"
            yield client

    @asynccontextmanager
    async def personne(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        async with self.anonyme() as client:
            client.headers.update(await self.issuer.porteur(login))
            yield client

    @asynccontextmanager
    async def navigateur(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=self.url, follow_redirects=True) as navigateur:
            assert (await se_connecter(navigateur, login)).status_code == 200
            yield navigateur

    async def audit(self) -> list[tuple[str, str, str, str]]:
        """(acteur, acte, ressource, objet) of each audit event, in order."""
        async with self.gateway.engine.connect() as connection:
            rows = await connection.execute(text("SELECT payload FROM mechanism.outbox ORDER BY id"))
            faits = [orjson.loads(row.payload) for row in rows]
        return [(f["acteur"], f["acte"], f["ressource"], f["objet"]) for f in faits]


async def demander(client: httpx.AsyncClient, identifiants: tuple[str, str], **champs: str) -> httpx.Response:
    """Ask for a token with HTTP Basic."""
    formulaire = {"grant_type": "client_credentials", **champs}
    return await client.post("/api/v1/jetons", data=formulaire, auth=httpx.BasicAuth(*identifiants))


@asynccontextmanager
async def portes(
    world: World, dossier: Path, *, kafka: bool = False, ingest: dict[str, Any] | None = None, **gateway: Any
) -> AsyncIterator[Portes]:
    """``kafka``: with ingest's consumer. Audit events stay in the gateway's outbox to be read."""
    reglages = await world.settings(
        "ingest", spool_dir=dossier / "spool", poll_s=0.2, retour_releve_s=0.2, **(ingest or {})
    )
    declare = replace(service("ingest"), settings=lambda: reglages)
    port = free_port()
    app_ingest = create_app(declare if kafka else replace(declare, projection=None, publishes=False))
    async with (
        en_ecoute(app_ingest) as url_ingest,
        emetteur(dossier, f"http://127.0.0.1:{port}", COMPTES) as issuer,
    ):
        porte = await world.settings("gateway", **{**issuer.reglages, "ingest_url": url_ingest, **gateway})
        app = create_app(replace(service("gateway"), settings=lambda: porte, publishes=False))
        async with en_ecoute(app, port) as url:
            yield Portes(url, issuer, app.state.running, app_ingest.state.running)
