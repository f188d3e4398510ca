"""What a fact costs as the nation grows, what a rebuild of it takes, and how long its figures take to read.

``BENCH_SHARES``: percentages of the nation, each on topics and a database of its own (``1,5``; ``1,5,25,100`` takes an
hour, most of it to write the log). Facts: 12.8 vœux, 3.9 propositions and 0.7 answers per terminale, January to June, each
day apart. ``BENCH_PARTITIONS_PEERS``: of each topic.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import psutil
import pytest

from services.indicators import lecture
from services.indicators.lecture import Demande
from shared.db.engine import reading
from shared.events import topics as t
from shared.kafka.topics import open_session
from tests.bench.mesure import RACINE, fins, service
from tests.bench.session import TERMINALES, Session
from tests.kit.dates import publier_dates
from tests.kit.faults import rows
from tests.kit.services import World, _delete_topics

PARTS = [float(part) for part in os.environ.get("BENCH_SHARES", "1,5").split(",")]
PARTITIONS = int(os.environ.get("BENCH_PARTITIONS_PEERS", "6"))
pytestmark = pytest.mark.bench


@pytest.mark.parametrize("part", PARTS)
async def test_a_share_of_the_nation(world: World, part: float) -> None:
    settings = await world.settings("indicators")
    await open_session(settings, PARTITIONS)
    try:
        eleves = int(TERMINALES * part / 100)
        debut = time.perf_counter()
        faits = await publier_dates(world, Session(world, eleves).nation())
        print(
            f"\n{part:g} % of the nation: {eleves:,} pupils, {faits:,} facts, on the log in"
            f" {time.perf_counter() - debut:.0f} s"
        )
        places = await fins(world, "indicators", t.FAITS_ELEVE)
        async with service(world, "indicators") as notre:
            m = await notre.rattraper(places)
        print(
            f"  caught up in {m.secondes:.1f} s, {faits / m.secondes:,.0f} facts/s, {m.cpu / faits * 1e6:.1f} µs of CPU per"
            f" fact, RSS {m.rss:,.0f} MB"
        )
        await _rebatir(world, faits)
        await _lire(world, eleves)
    finally:
        await _delete_topics(settings)


async def _rebatir(world: World, faits: int) -> None:
    """``pilotage rebuild indicators`` as the operator runs it: seconds and the highest memory of its processes."""
    commande = [sys.executable, "-m", "services.cli.main", "rebuild", "indicators"]
    debut, pic, cpu = time.perf_counter(), 0.0, {}
    environment = await world.environment("indicators")
    with subprocess.Popen(commande, env=environment, cwd=RACINE, stdout=subprocess.DEVNULL) as popen:  # noqa: ASYNC220
        while popen.poll() is None:
            for processus in _famille(popen.pid):
                try:
                    pic = max(pic, processus.memory_info().rss / 1e6)
                    temps = processus.cpu_times()
                    cpu[processus.pid] = temps.user + temps.system
                except psutil.Error:
                    continue
            time.sleep(0.1)  # noqa: ASYNC251 - nothing else runs here
    secondes = time.perf_counter() - debut
    assert popen.returncode == 0
    print(
        f"  rebuilt in {secondes:.1f} s, {faits / secondes:,.0f} facts/s, {sum(cpu.values()) / faits * 1e6:.1f} µs of CPU per"
        f" fact, RSS {pic:,.0f} MB a process"
    )


def _famille(pid: int) -> list[psutil.Process]:
    try:
        soi = psutil.Process(pid)
        return [soi, *soi.children(recursive=True)]
    except psutil.Error:
        return []


async def _lire(world: World, eleves: int) -> None:
    """The one query of a lycée's page, of every cell, and of the curve of a session, warm."""
    [(uai, academie)] = await rows(world, "indicators", "SELECT min(uai), min(academie) FROM {p}.cellule")
    [(lycees,)] = await rows(
        world, "indicators", f"SELECT count(DISTINCT uai) FROM {{p}}.cellule WHERE academie = '{academie}'"
    )
    engine = await world.engine("indicators")
    async with reading(engine) as connection:
        await connection.exec_driver_sql("SET jit = off")
        for quoi, appel in (
            ("the page of a lycée", lambda: lecture.lycee(connection, Demande(2026, uai))),
            ("the curve of its session", lambda: lecture.courbe(connection, 2026, uai)),
            (
                f"every cell of {eleves:,} pupils, for comparisons",
                lambda: lecture.toutes(connection, 2026, None),
            ),
        ):
            p50, p99 = await _chronometrer(appel)
            print(f"  {quoi}: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    await engine.dispose()
    print(f"  (an académie here has {lycees} lycées; Versailles has 273)")


async def _chronometrer(appel: Callable[[], Awaitable[object]], fois: int = 100) -> tuple[float, float]:
    durees = []
    for _ in range(fois):
        debut = time.perf_counter()
        await appel()
        durees.append((time.perf_counter() - debut) * 1e3)
    return statistics.median(durees), sorted(durees)[int(fois * 0.99) - 1]
