"""Events per second through the indicators consumer, beside two baselines of the same run.

Broker, database and consumer share the machine's cores. Ours: from the first fetch to all totals
durable. Raw aiokafka: fetch and decode only, the ceiling of any Python consumer. Materialised view:
the vœux loaded in a table by COPY (not timed), then one refresh: what a figure costs without events.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import msgspec
import psutil
import pytest
from aiokafka import TopicPartition
from sqlalchemy import make_url

from services.cli.registry import service
from shared.db.offsets import Place
from shared.events import rapide
from shared.events import topics as t
from shared.kafka.clients import reader
from shared.kafka.replay import LogReader
from shared.kafka.verify import verify
from tests.bench.population import facts
from tests.kit.journal import publier
from tests.kit.services import World

PUPILS = int(os.environ.get("BENCH_PUPILS", "15000"))
pytestmark = pytest.mark.bench


@pytest.fixture
async def log(opened: World) -> tuple[World, int]:
    start = time.perf_counter()
    count = await publier(opened, facts(opened, PUPILS))
    print(
        f"\n{count:,} facts of {PUPILS:,} pupils published in {time.perf_counter() - start:.1f} s"
        f" ({os.cpu_count()} cores, generation included)"
    )
    return opened, count


async def test_indicators_throughput(log: tuple[World, int]) -> None:
    world, count = log
    raw = await _raw_loop(world, count)
    ours, rss = await _ours(world, count)
    refresh = await _materialised_view(world)
    print(f"raw aiokafka loop + msgspec      {raw:>9,.0f} ev/s")
    print(f"indicators, durable exactly-once {ours:>9,.0f} ev/s   {ours / raw:.2f} × raw   RSS {rss:,.0f} MB")
    print(
        f"materialised view                {refresh:>9.2f} s per refresh, or"
        f" {count / refresh:,.0f} facts/s if refreshed once for all of them"
    )
    settings, engine = await world.settings("indicators"), await world.engine("indicators")
    report = await verify(settings, engine, service("indicators").projection(settings))
    await engine.dispose()
    print(f"verified: {dict(report.differences)} in {report.seconds:.1f} s")
    assert not any(report.differences.values())


async def _raw_loop(world: World, count: int) -> float:
    settings = await world.settings("indicators")
    async with LogReader(settings, [t.ELEVE, t.DOSSIER, t.VOEU], {world.session}) as places:
        ends = await places.ends()
    decoders = {
        topic.complet(world.prefix, world.session): msgspec.json.Decoder(
            next(iter(rapide.JUMEAUX[topic.nom].values()))
        )
        for topic in (t.ELEVE, t.DOSSIER, t.VOEU)
    }
    consumer = reader(settings, max_partition_fetch_bytes=4 << 20)
    await consumer.start()
    consumer.assign([TopicPartition(*place) for place in ends])
    for place in ends:
        consumer.seek(TopicPartition(*place), 0)
    start, seen = time.perf_counter(), 0
    while seen < count:
        for tp, records in (await consumer.getmany(timeout_ms=200, max_records=5_000)).items():
            for record in records:
                decoders[tp.topic].decode(record.value)
            seen += len(records)
    seconds = time.perf_counter() - start
    await consumer.stop()
    return count / seconds


async def _ours(world: World, count: int) -> tuple[float, float]:
    """The real service in a process of its own; time from its first offsets to the last total durable."""
    environment = {**await world.environment("indicators"), "HTTP_PORT": "0", "LOG_LEVEL": "WARNING"}
    settings = await world.settings("indicators")
    async with LogReader(settings, [t.ELEVE, t.DOSSIER, t.VOEU], {world.session}) as log:
        ends = await log.ends()
    connection = await asyncpg.connect(_plain(world.databases["indicators"]))
    process = subprocess.Popen(  # noqa: ASYNC220 - started once, before the clock
        [sys.executable, "-m", "services.cli.main", "run", "indicators"],
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    try:
        seconds, peak = await _watch(process, connection, ends)
    finally:
        process.terminate()
        process.wait(15)
        await connection.close()
    return count / seconds, peak


async def _watch(
    process: subprocess.Popen[bytes], connection: asyncpg.Connection, ends: dict[Place, int]
) -> tuple[float, float]:
    """Seconds and peak RSS (MB) until every partition is folded; each ends with a transaction marker."""
    peak, first = 0.0, 0.0
    while True:
        rows = await connection.fetch("SELECT topic, part, next_offset FROM mechanism.consumer_offset")
        first = first or (time.perf_counter() if rows else 0.0)
        peak = max(peak, psutil.Process(process.pid).memory_info().rss / 1e6)
        stored = {Place(row["topic"], row["part"]): row["next_offset"] for row in rows}
        if stored and all(stored.get(place, 0) >= end - 1 for place, end in ends.items()):
            return time.perf_counter() - first, peak
        assert process.poll() is None
        await asyncio.sleep(0.02)


async def _materialised_view(world: World) -> float:
    """The vœux of the same log in a table, and one refresh of the same measures."""
    connection = await asyncpg.connect(_plain(world.databases["indicators"]))
    settings = await world.settings("indicators")
    rows: dict[str, tuple[str, str, str, bool, str]] = {}
    pupils: dict[str, tuple[str, str]] = {}
    async with LogReader(settings, [t.ELEVE, t.VOEU], {world.session}) as log:
        ends = await log.ends()
        for part in sorted({place.part for place in ends}):
            async for lu, _ in log.read(part, {}, ends):
                if isinstance(lu.fait, rapide.Voeu):
                    f = lu.fait
                    rows[f"{lu.eleve_id}/{f.voeu_id}"] = (
                        lu.eleve_id,
                        f.famille.value,
                        f.voie.value,
                        f.etat.value != "SUPPRIME",
                        f.voeu_id,
                    )
                elif isinstance(lu.fait, rapide.Eleve):
                    pupils[lu.eleve_id] = (lu.fait.uai, lu.fait.serie.value)
    await connection.execute(_VIEW)
    await connection.copy_records_to_table("mv_voeu", records=list(rows.values()))
    await connection.copy_records_to_table("mv_eleve", records=[(i, *p) for i, p in pupils.items()])
    start = time.perf_counter()
    await connection.execute("REFRESH MATERIALIZED VIEW mv_mesures")
    seconds = time.perf_counter() - start
    await connection.close()
    return seconds


_VIEW = """
CREATE TABLE mv_voeu (eleve_id text, famille text, voie text, actif boolean, voeu_id text);
CREATE TABLE mv_eleve (eleve_id text, uai text, serie text);
CREATE MATERIALIZED VIEW mv_mesures AS
  SELECT uai, serie, count(*) AS inscrits,
         count(*) FILTER (WHERE NOT un) AS sans_voeu,
         count(*) FILTER (WHERE l1) AS l1_pass, count(*) FILTER (WHERE l1 AND seul) AS que_l1_pass
    FROM (SELECT e.eleve_id, uai, serie, coalesce(bool_or(actif), false) AS un,
                 coalesce(bool_or(actif AND famille IN ('LICENCE','LAS','PASS') AND voie = 'ETUDIANT'), false) AS l1,
                 coalesce(bool_and(famille IN ('LICENCE','LAS','PASS') AND voie = 'ETUDIANT')
                          FILTER (WHERE actif), false) AS seul
            FROM mv_eleve e LEFT JOIN mv_voeu v USING (eleve_id) GROUP BY 1, 2, 3) p
   GROUP BY uai, serie WITH NO DATA;
"""


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
