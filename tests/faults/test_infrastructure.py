"""The broker, the database and the owners of partitions come and go: red says why, green comes back, nothing is lost."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text

from shared.events.topics import DOSSIER, ELEVE, VOEU
from shared.kafka.topics import open_session
from shared.service import Running
from tests.faults.chaos import Chaos, spool
from tests.faults.melange import melange
from tests.faults.naive import cells, naive_cells, naive_pupils
from tests.kit.faults import differences, fleet, records, stored
from tests.kit.journal import Faits, a_jour, attendre, publier
from tests.kit.services import PARTITIONS, World, _plain

FOLDED = (ELEVE, DOSSIER, VOEU)
CUTS = 8


async def until_reason(running: Running, word: str, seconds: float = 30) -> str:
    """Wait for a reason of red that holds ``word``; returns the sentence."""

    def found() -> list[str]:
        return [reason for reason in running.health.reasons.values() if word in reason]

    async def said() -> bool:
        return bool(found())

    said.__doc__ = f"readiness is red because of {word!r}, not of {dict(running.health.reasons)}"
    await attendre(said, seconds)
    return found()[0]


async def until_green(running: Running, seconds: float = 60) -> None:
    async def green() -> bool:
        return running.health.ready

    green.__doc__ = "readiness is green again"
    await attendre(green, seconds)


async def exact(world: World) -> None:
    """The cells of indicators are what the log says, by a count of its own and by ours."""
    await a_jour(world, "indicators")
    assert await cells(world) == naive_cells(naive_pupils(await records(world, *FOLDED)))
    assert not any((await differences(world, "indicators")).values())


async def execute(world: World, name: str, statement: str, **values: object) -> list[object]:
    engine = await world.engine(name)
    try:
        async with engine.begin() as tx:
            result = await tx.execute(text(statement), values)
            return list(result.scalars()) if result.returns_rows else []
    finally:
        await engine.dispose()


async def test_postgresql_away_for_a_while_is_red_then_green_and_nothing_is_lost(
    on_own_postgres: World,
) -> None:
    world, postgres = on_own_postgres, on_own_postgres.servers.embedded["postgres"]
    _, evenements = melange(Faits(world), 300, 1)
    async with world.running("indicators") as running:
        await publier(world, evenements[:1_000])
        await a_jour(world, "indicators")
        await publier(world, evenements[1_000:])
        await asyncio.to_thread(postgres.stop)
        await until_reason(running, "PostgreSQL")
        await asyncio.sleep(3)
        await asyncio.to_thread(postgres.start)
        await until_green(running)
        await exact(world)


async def test_an_idle_service_says_that_its_database_is_gone(on_own_postgres: World) -> None:
    world, postgres = on_own_postgres, on_own_postgres.servers.embedded["postgres"]
    faits = Faits(world)
    async with world.running("indicators") as running:
        await publier(world, [faits.eleve(faits.eleve_id())])
        await a_jour(world, "indicators")
        await until_green(running)
        await asyncio.to_thread(postgres.stop)
        await until_reason(running, "PostgreSQL does not answer")
        await asyncio.to_thread(postgres.start)
        await until_green(running)


async def test_connections_cut_at_random_lose_nothing_and_double_nothing(opened: World) -> None:
    _, evenements = melange(Faits(opened), 600, 2)
    await publier(opened, evenements)
    settings = await opened.settings("indicators")
    admin = await asyncpg.connect(_plain(opened.servers.database_url))
    cut = 0
    try:
        async with opened.running("indicators", window_records=100, batch_records=50) as running:
            while cut < CUTS:
                await asyncio.sleep(0.1)
                cut += await admin.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1",
                    settings.database.database,
                )
            await exact(opened)
            await until_green(running)
    finally:
        await admin.close()


async def test_a_stale_owner_is_fenced_then_takes_its_partitions_again(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(40)]
    async with opened.running("indicators") as running:
        await publier(opened, [faits.eleve(i) for i in ids])
        await a_jour(opened, "indicators")
        before = running.consumer.flusher.ownership  # type: ignore[union-attr]
        await execute(opened, "indicators", "UPDATE mechanism.consumer_offset SET epoch = epoch + 1")
        await publier(opened, [faits.dossier(i) for i in ids])
        await a_jour(opened, "indicators")
        after = running.consumer.flusher.ownership  # type: ignore[union-attr]
        await exact(opened)
    epochs = await execute(opened, "indicators", "SELECT epoch FROM mechanism.consumer_offset")
    assert after is not before
    assert set(epochs) == {3}


async def test_a_row_locked_by_a_frozen_owner_delays_its_successor_only(opened: World) -> None:
    _, evenements = melange(Faits(opened), 100, 3)
    await publier(opened, evenements)
    async with opened.running("indicators"):
        await a_jour(opened, "indicators")
    zombie = await opened.engine("indicators")
    async with zombie.connect() as frozen:
        await frozen.execute(text("SELECT FROM mechanism.consumer_offset FOR UPDATE"))
        async with opened.running("indicators", session_timeout_ms=6_000) as running:
            await until_reason(running, "stored offsets")
            await frozen.rollback()
            await until_green(running)
            await exact(opened)
    await zombie.dispose()


async def test_an_offset_that_the_log_no_longer_has_is_a_sentence(opened: World) -> None:
    faits = Faits(opened)
    await publier(opened, [faits.eleve(faits.eleve_id()) for _ in range(20)])
    async with opened.running("indicators"):
        await a_jour(opened, "indicators")
    await execute(
        opened, "indicators", "UPDATE mechanism.consumer_offset SET next_offset = next_offset + 9000"
    )
    before = await stored(opened, "indicators")
    async with opened.running("indicators") as running:
        sentence = await until_reason(running, "no longer in the log")
        await asyncio.sleep(1)
    assert "pilotage rebuild" in sentence
    assert await stored(opened, "indicators") == before


async def test_a_log_that_shrinks_under_a_running_consumer_is_a_sentence(opened: World) -> None:
    faits = Faits(opened)
    name = VOEU.complet(opened.prefix, opened.session)
    async with opened.running("indicators") as running:
        await publier(opened, [faits.voeu(faits.eleve_id()) for _ in range(50)])
        await a_jour(opened, "indicators")
        await until_green(running)
        async with _admin(opened) as admin:
            await _deleted(admin, name)
            await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
        await until_reason(running, "no longer in the log")


async def test_missing_topics_are_a_sentence_and_opening_the_session_heals(world: World) -> None:
    settings = await world.settings("indicators")
    async with world.running("indicators") as running:
        sentence = await until_reason(running, "does not exist")
        assert "pilotage session open" in sentence
        await open_session(settings, PARTITIONS)
        faits = Faits(world)
        await publier(world, [faits.eleve(faits.eleve_id())])
        await a_jour(world, "indicators")
        await until_green(running)


async def test_one_topic_missing_does_not_stop_the_consumer_for_good(opened: World) -> None:
    name = VOEU.complet(opened.prefix, opened.session)
    faits = Faits(opened)
    un = faits.eleve_id()
    async with _admin(opened) as admin:
        await _deleted(admin, name)
        async with opened.running("indicators") as running:
            await until_reason(running, f"{name} does not exist")
            await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
            await publier(opened, [faits.eleve(un), faits.dossier(un), faits.voeu(un)])
            await until_green(running)
            await exact(opened)


@asynccontextmanager
async def _admin(world: World) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=world.servers.kafka_bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _deleted(admin: AIOKafkaAdminClient, name: str) -> None:
    await admin.delete_topics([name])

    async def gone() -> bool:
        return name not in await admin.list_topics()

    gone.__doc__ = f"{name} is deleted"
    await attendre(gone)


async def test_sigterm_under_load_stops_within_ten_seconds_and_loses_nothing(
    opened: World, tmp_path: Path
) -> None:
    _, evenements = melange(Faits(opened), 2_000, 4)
    path = spool(tmp_path / "spool", evenements)
    async with fleet(opened, SESSION_TIMEOUT_MS="6000", WINDOW_RECORDS="200", BATCH_RECORDS="100") as ships:
        chaos = Chaos(ships, random.Random(4), path, chunk=100, pause=0.1)
        await chaos.bring("import")
        for _ in range(3):
            member = await ships.service("indicators")
            await _until_moving(opened)
            start = time.monotonic()
            await member.leave(10)
            assert time.monotonic() - start < 10
        await ships.service("indicators")
        await chaos.imported(60)
        await exact(opened)


async def _until_moving(world: World) -> None:
    before = await stored(world, "indicators")

    async def moving() -> bool:
        return await stored(world, "indicators") != before

    moving.__doc__ = "facts are being folded"
    await attendre(moving, 40)


async def test_a_service_started_without_its_database_works_soon_after_it_comes(
    on_own_postgres: World,
) -> None:
    world, postgres = on_own_postgres, on_own_postgres.servers.embedded["postgres"]
    _, evenements = melange(Faits(world), 50, 5)
    await publier(world, evenements)
    await asyncio.to_thread(postgres.stop)
    async with world.running("indicators") as running:
        await until_reason(running, "stored offsets")
        await asyncio.sleep(6)
        await asyncio.to_thread(postgres.start)
        await until_green(running, 15)
        await exact(world)


@pytest.mark.proof
async def test_a_service_started_without_its_broker_works_soon_after_it_comes(on_own_servers: World) -> None:
    world, kafka = on_own_servers, on_own_servers.servers.embedded["kafka"]
    _, evenements = melange(Faits(world), 50, 6)
    await publier(world, evenements)
    await asyncio.to_thread(kafka.stop)
    async with world.running("eleves") as running:
        await until_reason(running, "broker does not answer")
        await asyncio.to_thread(kafka.start)
        await until_green(running, 60)
        await a_jour(world, "eleves")
        assert not any((await differences(world, "eleves")).values())


@pytest.mark.proof
async def test_a_broker_that_restarts_under_a_consumer_is_red_then_green(on_own_servers: World) -> None:
    world, kafka = on_own_servers, on_own_servers.servers.embedded["kafka"]
    _, evenements = melange(Faits(world), 200, 7)
    async with world.running("indicators") as running:
        await publier(world, evenements[:700])
        await a_jour(world, "indicators")
        await asyncio.to_thread(kafka.kill)
        await until_reason(running, "broker does not answer")
        await asyncio.to_thread(kafka.start)
        await publier(world, evenements[700:])
        await exact(world)
        await until_green(running)
