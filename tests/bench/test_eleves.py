"""The dossiers of a nation (or a part of it) folded by eleves, beside Kafka Streams on the same log, in one run.

    BENCH_ELEVES=100000 .venv/bin/pytest -s -m bench tests/bench/test_eleves.py

``BENCH_ELEVES``: terminales (688,640 for the nation); ``BENCH_THREADS``: of Kafka Streams, as ``1,2``; ``BENCH_REBUILD=0``:
without the rebuild. Both keep, per pupil, his state and his statut, whose changes go out on a topic, exactly once;
ours also his timeline, names, and the row of the lists. First a hundredth and a tenth of them, for the cost per fact by
size; then day one arrives while the lists of a lycée are read.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port
from services.cli.registry import service as declaree
from shared.db.offsets import Place
from shared.events import topics as t
from shared.events.enveloppe import Evenement
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.rebuild import rebuild
from shared.kafka.topics import open_session
from tests.bench.conftest import PARTITIONS
from tests.bench.mesure import Mesure, Processus, fins, service
from tests.bench.nation import PROPOSITIONS, TERMINALES, Nation
from tests.bench.peers import java
from tests.kit.journal import publier
from tests.kit.services import SERVICE_TOKEN_KEY, World

ELEVES = int(os.environ.get("BENCH_ELEVES", "20000"))
FILS = [int(n) for n in os.environ.get("BENCH_THREADS", "2").split(",") if n]
PARTS = (0.01, 0.1)
PAIR = (t.ELEVE, t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE)
LISTES_PAR_S, UAI = 20, "7500000A"
pytestmark = pytest.mark.bench


async def test_dossiers_of_a_nation(opened: World, tmp_path: Path) -> None:
    for part in PARTS:
        await _une_partie(opened, int(ELEVES * part))
    nation = Nation(opened, ELEVES)
    faits = await _publier(opened, nation.avant(), "facts before the admission", ELEVES)
    port = free_port()
    async with service(opened, "eleves", port) as notre:
        _dire("eleves, before the admission", faits, await notre.rattraper(await _fins(opened)), ELEVES)
        faits += await _jour_1(opened, nation, notre)
    faits += await _publier(opened, nation.reponses(), "answers", ELEVES)
    ours = await _tout(opened, faits)
    await _kafka_streams(opened, faits - ELEVES, tmp_path, ours)


async def _une_partie(world: World, eleves: int) -> None:
    autre = World(world.servers, prefix=f"{world.prefix}{eleves}.")
    await open_session(await autre.settings("indicators"), PARTITIONS)
    nation = Nation(autre, eleves)
    faits = 0
    for suite in (nation.avant(), nation.propositions(), nation.reponses()):
        faits += await publier(autre, suite)
    async with service(autre, "eleves") as notre:
        _dire(f"eleves, {eleves:,} pupils", faits, await notre.rattraper(await _fins(autre)), eleves)
    world.databases.update({f"{eleves}{nom}": base for nom, base in autre.databases.items()})


async def _jour_1(world: World, nation: Nation, notre: Processus) -> int:
    """Propositions arrive while a lycée's chef reads his lists, as often as people of twenty lycées would."""
    debut = time.perf_counter()
    lecture = asyncio.create_task(_lire_des_listes(notre.port))
    jour = await _publier(world, nation.propositions(), "propositions of day one", ELEVES)
    mesure = await notre.rattraper(await _fins(world), depuis=debut)
    lecture.cancel()
    attentes = sorted(await lecture)
    print(
        f"\nday one: {jour:,} propositions visible in eleves {mesure.secondes:.1f} s after the first was sent"
        f" ({jour / mesure.secondes:,.0f}/s; the nation's {PROPOSITIONS:,} at that pace:"
        f" {PROPOSITIONS / jour * mesure.secondes:,.0f} s)   RSS {mesure.rss:,.0f} MB   lists of a lycée meanwhile,"
        f" {LISTES_PAR_S}/s: p50 {attentes[len(attentes) // 2]:.0f} ms, p99 {attentes[int(len(attentes) * 0.99)]:.0f} ms"
    )
    return jour


async def _lire_des_listes(port: int) -> list[float]:
    """Milliseconds of each request, counted from when it was due; until cancelled."""
    chef = Perimetre(acteur="chef", role=Role.CHEF, lycees=(UAI,))
    durees: list[float] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

        async def une(du: float) -> None:
            corps = {"liste": "tous", "a_la_date": "2026-06-03T18:00:00+00:00"}
            entetes = {"Authorization": f"Bearer {signer(chef, SERVICE_TOKEN_KEY, 'eleves')}"}
            reponse = await client.post(
                f"/interne/v1/sessions/2026/lycees/{UAI}/eleves/recherche", json=corps, headers=entetes
            )
            assert reponse.status_code == 200, reponse.text
            durees.append((time.perf_counter() - du) * 1_000)

        debut, rang, envoyees = time.perf_counter(), 0, set[asyncio.Task[None]]()
        try:
            while True:
                envoyees.add(asyncio.create_task(une(debut + rang / LISTES_PAR_S)))
                rang += 1
                await asyncio.sleep(max(0.0, debut + rang / LISTES_PAR_S - time.perf_counter()))
        except asyncio.CancelledError:
            await asyncio.gather(*envoyees)
    return durees


async def _tout(world: World, faits: int) -> Mesure:
    """Everything from the beginning, by a service that knows nothing; then rebuilt."""
    neuf = World(world.servers, prefix=world.prefix)
    async with service(neuf, "eleves") as notre:
        ours = await notre.rattraper(await _fins(neuf))
        _dire("eleves, durable exactly-once", faits, ours, ELEVES)
        requete = "SELECT statut, count(*) AS n FROM projection_1.eleve GROUP BY statut"
        statuts = await notre.connection.fetch(requete)
        assert sum(ligne["n"] for ligne in statuts) == ELEVES, statuts
        if os.environ.get("BENCH_REBUILD", "1") == "1":
            await _reconstruire(neuf, faits)
    world.databases.update({f"neuf.{nom}": base for nom, base in neuf.databases.items()})
    return ours


async def _reconstruire(world: World, faits: int) -> None:
    settings, engine = await world.settings("eleves"), await world.engine("eleves")
    projection = declaree("eleves").projection(settings)  # type: ignore[misc]
    debut, cpu = time.perf_counter(), time.process_time()
    await rebuild(settings, engine, projection, progress=lambda _: None)
    await engine.dispose()
    secondes, cpu = time.perf_counter() - debut, time.process_time() - cpu
    print(
        f"{'rebuild while serving':<36} {faits / secondes:>9,.0f} ev/s in {secondes:.1f} s   {cpu / faits * 1e6:.1f} µs of CPU"
        f" per fact   the nation in {secondes * TERMINALES / ELEVES / 60:.1f} min"
    )


async def _fins(world: World) -> dict[Place, int]:
    settings = await world.settings("eleves")
    return await fins(world, "eleves", declaree("eleves").projection(settings).topics)  # type: ignore[misc]


async def _publier(world: World, faits: Iterator[Evenement], quoi: str, eleves: int) -> int:
    debut = time.perf_counter()
    nombre = await publier(world, faits)
    print(
        f"\n{nombre:,} {quoi} of {eleves:,} pupils on the log in {time.perf_counter() - debut:.1f} s", end=""
    )
    return nombre


def _dire(qui: str, faits: int, mesure: Mesure, eleves: int, autre: Mesure | None = None) -> None:
    rapport = f"   {mesure.secondes / autre.secondes:.2f} × the time of ours" if autre else ""
    print(
        f"\n{qui:<36} {faits / mesure.secondes:>9,.0f} ev/s in {mesure.secondes:.1f} s   {mesure.cpu / faits * 1e6:.1f} µs of CPU"
        f" per fact   RSS {mesure.rss:,.0f} MB   the nation in {mesure.secondes * TERMINALES / eleves / 60:.1f} min{rapport}"
    )


async def _kafka_streams(world: World, faits: int, dossier: Path, ours: Mesure) -> None:
    """The same topics without the names, which Kafka Streams is spared."""
    chemins = await asyncio.to_thread(java.compiler, "Reduction.java", dossier / "classes")
    settings = await world.settings("eleves")
    lus = [topic.complet(world.prefix, world.session) for topic in PAIR]
    voulues = await fins(world, "eleves", PAIR)
    for fils in FILS:
        application = f"{world.prefix}reduction{fils}"
        arguments = [settings.kafka_bootstrap, application, str(dossier / f"etat{fils}"), str(fils)]
        sortie = t.STATUT.complet(world.prefix, world.session)
        popen = java.lancer(chemins, "Reduction", [*arguments, sortie, *lus], dossier / f"streams{fils}.log")
        try:
            places = {(place.topic, place.part): fin for place, fin in voulues.items()}
            mesure = await java.rattraper(popen, settings.kafka_bootstrap, application, places)
        finally:
            popen.terminate()
            popen.wait(30)
        _dire(f"Kafka Streams 4.3, EOS v2, {fils} thread(s)", faits, mesure, ELEVES, ours)
