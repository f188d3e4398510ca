"""The relay changes hands at the worst moments: every event goes out, in the order of its key, and says one thing."""

import asyncio
import json
from collections import defaultdict

import asyncpg

from shared.db import outbox
from shared.events.enveloppe import Evenement, identifiant
from shared.events.topics import STATUT
from shared.kafka.relay import Relay
from shared.observe.health import Health
from tests.faults.invariants import published
from tests.kit.faults import fleet, outbox_empty, rows
from tests.kit.journal import Faits, attendre, publier
from tests.kit.services import World, _plain

KEYS = 20
VERSIONS = 60
_LEADER = """
    SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objid = 7460026 AND a.datname = $1
"""


def evenement(world: World, cle: str, version: int) -> Evenement:
    topic = STATUT.complet(world.prefix, world.session)
    return Evenement(
        topic=topic,
        cle=cle,
        type="StatutModifie",
        id=identifiant(topic, cle, version),
        time="2026-01-20T12:00:00.000000Z",
        source="/pilotage/eleves",
        donnees=json.dumps({"version": version}).encode(),
    )


async def test_relays_that_lose_their_leadership_publish_everything_in_order(opened: World) -> None:
    settings, engine = await opened.settings("eleves"), await opened.engine("eleves")
    admin = await asyncpg.connect(_plain(opened.servers.database_url))
    cles = [Faits(opened, graine).eleve_id() for graine in range(KEYS)]
    relays = [asyncio.create_task(Relay(settings, engine, Health()).run()) for _ in range(3)]
    leaders: set[int] = set()
    try:
        for version in range(1, VERSIONS + 1):
            async with engine.begin() as tx:
                await outbox.append(tx, [evenement(opened, cle, version) for cle in cles])
            await asyncio.sleep(0.1)
            if version % 15 == 0:
                leaders |= await _depose(admin, settings.database.database or "")
        await outbox_empty(opened, "eleves")
        assert not any(relay.done() for relay in relays)
    finally:
        for relay in relays:
            relay.cancel()
        await asyncio.gather(*relays, return_exceptions=True)
        await admin.close()
        await engine.dispose()
    said, _ = await published(opened, STATUT)
    assert {cle: list(versions) for cle, versions in said.items()} == {
        cle: list(range(1, VERSIONS + 1)) for cle in cles
    }
    assert len(leaders) > 1


async def _depose(admin: asyncpg.Connection, database: str) -> set[int]:
    """Cut the leader's connection; returns whose it was."""
    pids = {row["pid"] for row in await admin.fetch(_LEADER, database)}
    for pid in pids:
        await admin.execute("SELECT pg_terminate_backend($1)", pid)
    return pids


async def test_a_frozen_leader_is_replaced_and_wakes_to_find_itself_fenced(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(50)]
    async with fleet(opened, SESSION_TIMEOUT_MS="6000", RELAY_LEASE_MS="3000") as ships:
        first = await ships.service("eleves")
        await first.until_ready()
        second = await ships.service("eleves")
        await second.until_ready()
        first.freeze()
        await publier(opened, [faits.eleve(i) for i in ids])
        await _statuts(opened, 1, ids)
        first.wake()
        await publier(opened, [faits.dossier(i) for i in ids])
        await _statuts(opened, 2, ids)
        await outbox_empty(opened, "eleves")
        assert first.alive
    found = await rows(opened, "eleves", "SELECT eleve_id::text, statut_version FROM {p}.eleve")
    assert dict(found) == dict.fromkeys(ids, 2)


async def _statuts(world: World, version: int, ids: list[str]) -> None:
    """Wait until every pupil's statut is out under ``version``."""

    async def out() -> bool:
        said: defaultdict[str, dict[int, object]] = defaultdict(dict)
        said.update((await published(world, STATUT))[0])
        return all(version in said[i] for i in ids)

    out.__doc__ = f"version {version} of every statut is published"
    await attendre(out, 40)
