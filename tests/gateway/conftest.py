"""The gateway on a port, before pretended services and the real embedded issuer, Valkey and PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from deploy.local.ports import free_port
from services.gateway.app import SERVICE
from shared.service import Running, create_app
from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B, Amont, amont_en_ecoute
from tests.kit.login import Emetteur, compte, emetteur, en_ecoute, se_connecter
from tests.kit.services import World

COMPTES = [
    compte("chef.a", "chef", lycees=[LYCEE_A]),
    compte("chef.b", "chef", lycees=[LYCEE_B]),
    compte("saio", "saio", academies=[ACADEMIE]),
    compte("operateur", "operateur", nation=True),
    compte("adjoint.a", "adjoint", lycees=[LYCEE_A]),
    compte("delegue.a", "adjoint", lycees=[LYCEE_A], delegations=["avis", "cloture", "acces"]),
    compte("pp.a", "professeur_principal", lycees=[LYCEE_A], classes=[f"{LYCEE_A}/TG1"]),
    compte("psyen", "psyen", lycees=[LYCEE_A]),
    compte("egare", "chef"),
    compte("inconnu", "jardinier", lycees=[LYCEE_A]),
]


@dataclass
class Porte:
    """A running gateway and what is around it."""

    url: str
    emetteur: Emetteur
    amont: Amont
    running: Running

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, **options)

    @asynccontextmanager
    async def navigateur(self, login: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that follows redirections and keeps cookies."""
        async with self.client(follow_redirects=True) as navigateur:
            if login:
                page = await se_connecter(navigateur, login)
                assert page.status_code == 200, page.text
            yield navigateur

    @asynccontextmanager
    async def programme(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """An API client with an access token."""
        async with self.client(headers=await self.emetteur.porteur(login)) as client:
            yield client

    async def audit(self) -> list[dict[str, Any]]:
        """The audit events committed so far, in order."""
        async with self.running.engine.connect() as connection:
            rows = await connection.execute(text("SELECT payload FROM mechanism.outbox ORDER BY id"))
            return [orjson.loads(row.payload) for row in rows]


@asynccontextmanager
async def ouvrir(world: World, dossier: Path, **reglages: Any) -> AsyncIterator[Porte]:
    """A gateway; its relay is not started, so that audit events stay to be read."""
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    async with (
        emetteur(dossier, public_url, COMPTES) as issuer,
        amont_en_ecoute() as (amont, url),
    ):
        settings = await world.settings(
            "gateway", **{**issuer.reglages, **amont.reglages(url), "http_port": port, **reglages}
        )
        app = create_app(replace(SERVICE, settings=lambda: settings, publishes=False))
        async with en_ecoute(app, port) as adresse:
            yield Porte(adresse, issuer, amont, app.state.running)


@pytest.fixture
async def porte(world: World, tmp_path: Path) -> AsyncIterator[Porte]:
    async with ouvrir(world, tmp_path) as porte:
        yield porte
