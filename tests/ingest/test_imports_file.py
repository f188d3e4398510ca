"""The dispatcher of the queue and what it shows: natures go on without each other, progress is measured."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ingest.jobs import Repartiteur
from services.ingest.presentation import avancement
from shared.http.perimetre import Role
from shared.kafka.topics import open_session
from tests.ingest._fichiers import UAI, fait, ine, ndjson, siecle
from tests.kit.appels import Servi, servi
from tests.kit.journal import attendre
from tests.kit.services import World

BASE = "/interne/v1/sessions/2026"
MAINTENANT = datetime(2026, 1, 20, 12, tzinfo=UTC)


async def deposer(service: Servi, chemin: str, contenu: bytes) -> str:
    operateur = service.jeton("op", role=Role.OPERATEUR)
    reponse = await service.client.post(f"{BASE}/{chemin}", headers=operateur, content=contenu)
    assert reponse.status_code == 202, reponse.text
    return str(reponse.json()["import_id"])


async def etat(service: Servi, import_id: str) -> str:
    operateur = service.jeton("op", role=Role.OPERATEUR)
    return str((await service.client.get(f"{BASE}/imports/{import_id}", headers=operateur)).json()["etat"])


async def test_a_nature_that_cannot_go_on_says_so_and_leaves_the_others_to_their_work(
    world: World, tmp_path: Path
) -> None:
    """The session is not open: pupils cannot be published; facts that wait for their pupil need no topic."""
    async with servi(world, "ingest", spool_dir=tmp_path / "spool", poll_s=0.2) as service:
        bloque = await deposer(service, f"lycees/{UAI}/siecle", siecle())

        async def rouge() -> bool:
            """Readiness names the nature."""
            return "imports.SIECLE" in service.running.health.reasons

        await attendre(rouge)
        assert await etat(service, bloque) == "PUBLICATION"
        faits = await deposer(service, "faits", ndjson([fait("dossier", ine=ine(9))]))

        async def fini() -> bool:
            """The facts are parked."""
            return await etat(service, faits) == "TERMINE"

        await attendre(fini)
        assert await etat(service, bloque) == "PUBLICATION"
        await open_session(await world.settings("indicators"), 4)

        async def repris() -> bool:
            """The pupils follow once the session is open."""
            return await etat(service, bloque) == "TERMINE"

        await attendre(repris)
        assert not await rouge()


async def test_a_dispatcher_that_stops_leaves_no_task_behind(world: World, tmp_path: Path) -> None:
    async with servi(world, "ingest", spool_dir=tmp_path / "spool", poll_s=0.05) as service:
        repartiteur = Repartiteur(service.running)
        await deposer(service, f"lycees/{UAI}/siecle", siecle())
        tache = asyncio.create_task(repartiteur.tourner())

        async def au_travail() -> bool:
            """A nature is at work."""
            return bool(repartiteur.taches)

        await attendre(au_travail)
        tache.cancel()
        await asyncio.wait({tache})
        assert repartiteur.taches == []


def recu(**champs: Any) -> dict[str, Any]:
    return {
        "etat": "ANALYSE",
        "octets": 1_000,
        "octets_lus": 0,
        "checkpoint": 0,
        "total": None,
        "phase_le": MAINTENANT - timedelta(seconds=10),
        **champs,
    }


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"etat": "DEPOSE"}, ("ATTENTE", 0.0, None, None)),
        ({"octets_lus": 250}, ("LECTURE", 0.25, 25.0, 30)),
        ({"octets_lus": 1_000}, ("RAPPROCHEMENT", 1.0, 100.0, 0)),
        ({"etat": "PUBLICATION", "checkpoint": 40, "total": 50}, ("PUBLICATION", 0.8, 4.0, 2)),
        ({"etat": "PUBLICATION", "total": 0}, ("PUBLICATION", None, None, None)),
        ({"octets_lus": 250, "phase_le": MAINTENANT}, ("LECTURE", 0.25, None, None)),
    ],
)
def test_progress_says_phase_part_pace_and_rest(
    champs: dict[str, Any], attendu: tuple[str, float | None, float | None, int | None]
) -> None:
    montre = avancement(recu(**champs), MAINTENANT)
    assert montre is not None
    assert (montre["phase"], montre["part"], montre["par_seconde"], montre["reste_s"]) == attendu


@pytest.mark.parametrize("fini", ["TERMINE", "REFUSE", "ESSAI", "A_CONFIRMER", "ANNULE", "EXPIRE"])
def test_what_is_over_or_waits_for_somebody_has_no_progress(fini: str) -> None:
    assert avancement(recu(etat=fini), MAINTENANT) is None
