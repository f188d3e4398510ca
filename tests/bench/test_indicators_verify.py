"""What a night's verification of the indicators costs, and a tick of what is published, on a part of the nation.

``BENCH_VERIFY_PUPILS``: pupils of the session; every fifth of them said intentions. ``BENCH_PARTITIONS_PEERS``: of each topic.
"""

import os
import resource
import time
from collections.abc import Iterator

import pytest

from services.cli.registry import service
from services.indicators.parution.masques import Masques
from services.indicators.parution.parution import Parution
from services.indicators.parution.tache import CODES, FIGURES
from shared.events import topics as t
from shared.kafka.rebuild import rebuild
from shared.kafka.topics import open_session
from shared.kafka.verify import verify
from tests.bench.moteurs import machine
from tests.bench.session import CONFIRMES, OUVERTURE, TERMINALES, Enregistre, Session
from tests.kit.dates import publier_dates
from tests.kit.services import World, _delete_topics

ELEVES = int(os.environ.get("BENCH_VERIFY_PUPILS", "60000"))
PARTITIONS = int(os.environ.get("BENCH_PARTITIONS_PEERS", "6"))
pytestmark = pytest.mark.bench


def _faits(world: World) -> Iterator[Enregistre]:
    session = Session(world, ELEVES)
    yield from session.nation()
    dit = '"periode":1,"intentions":[{"rang":1,"famille":"BTS"},{"rang":2,"famille":"LICENCE"}]'
    for rang in range(0, ELEVES, 5):
        fait = session._fait(t.INTENTION, "IntentionsDeclarees", rang, "1", 1, dit, OUVERTURE)
        yield CONFIRMES + rang, fait


async def test_verification_and_publication(world: World) -> None:
    settings = await world.settings("indicators")
    await open_session(settings, PARTITIONS)
    engine = await world.engine("indicators")
    projection = service("indicators").projection(settings)  # type: ignore[misc]
    try:
        faits = await publier_dates(world, _faits(world))
        print(f"\n{faits:,} facts of {ELEVES:,} pupils, {PARTITIONS} partitions", flush=True)
        refait = await rebuild(settings, engine, projection)
        print(
            f"rebuilt: {refait.records / refait.seconds:,.0f} facts/s in {refait.seconds:.1f} s", flush=True
        )
        cpu = time.process_time()
        async with machine() as depenses:
            rapport = await verify(settings, engine, projection)
        assert rapport.exact, rapport.examples[:5]
        nation = faits * TERMINALES / ELEVES
        print(
            f"verified: {rapport.records / rapport.seconds:,.0f} facts/s in {rapport.seconds:.1f} s,"
            f" {(time.process_time() - cpu) / faits * 1e6:.1f} µs of CPU a fact its own,"
            f" {depenses[0] / faits * 1e6:.1f} the machine;"
            f" the nation's {nation:,.0f}: {nation / rapport.records * rapport.seconds / 60:.1f} min;"
            f" RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB",
            flush=True,
        )
        parution = Parution(settings, engine, Masques().masquer, CODES, FIGURES)
        debut, cpu = time.perf_counter(), time.process_time()
        dites = await parution.tic()
        print(
            f"first tick: {dites:,} margins said in {time.perf_counter() - debut:.2f} s,"
            f" {time.process_time() - cpu:.2f} s of CPU"
        )
    finally:
        await engine.dispose()
        await _delete_topics(settings)
