"""The whole chain at work: issuer, six services as processes, and a session of two lycées on disk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port
from services.simulateur import LYCEE_A, LYCEE_B, Population, Stade
from tests.kit.faults import Fleet, fleet
from tests.kit.journal import a_jour
from tests.kit.login import CLIENT_ID, CLIENT_SECRET, Emetteur, compte, emetteur
from tests.kit.services import World

SERVICES = ("ingest", "eleves", "indicators", "avenir", "exports")
AVANT_LA_LIMITE = date(2026, 2, 20)
"""Early enough for pupils registered without any vœu."""


@dataclass
class Chaine:
    """What a test of the whole chain uses."""

    world: World
    fleet: Fleet
    emetteur: Emetteur
    population: Population
    dossier: Path

    async def navigateur(self, login: str) -> httpx.AsyncClient:
        """An API client acting for ``login``; the caller closes it."""
        entetes = await self.emetteur.porteur(login)
        return httpx.AsyncClient(base_url=self.emetteur.public_url, headers=entetes, timeout=30)

    async def charger(self, *words: str) -> str:
        """Run ``pilotage ingest …`` to its end; its output."""
        process = await self.fleet.command("ingest", "ingest", *words)
        code = await process.finished(120)
        sortie = process.log.read_text()
        assert code == 0, sortie[-3000:]
        return sortie

    async def a_jour(self) -> None:
        for name in SERVICES[1:]:
            await a_jour(self.world, name)


@pytest.fixture
async def chaine(opened: World, tmp_path: Path) -> AsyncIterator[Chaine]:
    port = free_port()
    public_url = f"http://127.0.0.1:{port}"
    comptes = [
        compte("proviseur-a", "chef", lycees=[LYCEE_A]),
        compte("proviseur-b", "chef", lycees=[LYCEE_B]),
        compte("saio", "saio", academies=["25"]),
        compte("operateur", "operateur", nation=True),
    ]
    async with (
        emetteur(tmp_path, public_url, comptes) as issuer,
        fleet(opened, SPOOL_DIR=str(tmp_path / "spool")) as flotte,
    ):
        processes = [await flotte.service(name) for name in SERVICES]
        urls = {f"{name.upper()}_URL": p.url for name, p in zip(SERVICES, processes, strict=True)}
        gateway = await flotte.service(
            "gateway",
            **urls,
            HTTP_PORT=str(port),
            PUBLIC_URL=public_url,
            OIDC_ISSUER=issuer.url,
            OIDC_CLIENT_ID=CLIENT_ID,
            OIDC_CLIENT_SECRET=CLIENT_SECRET,
        )
        gateway.port = port
        for process in (*processes, gateway):
            await process.until_ready()
        yield Chaine(opened, flotte, issuer, Population(graine=1, lycees=[LYCEE_A, LYCEE_B]), tmp_path)


@pytest.fixture
async def chargee(chaine: Chaine) -> Chaine:
    """With lycée A loaded by the command line, and the feed; B comes by HTTP in the test that needs it."""
    zip_a = chaine.population.ecrire_siecle(LYCEE_A, chaine.dossier / "a")
    faits = chaine.population.ecrire_faits(chaine.dossier, Stade.AVANT, jusqu_au=AVANT_LA_LIMITE)
    await chaine.charger("siecle", str(zip_a))
    await chaine.charger("faits", str(faits))
    await chaine.a_jour()
    return chaine
