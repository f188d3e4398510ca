"""The whole proof: 200,000 facts through the front door while everything that can die does.

Consumers, relays and the import are killed with SIGKILL, a member is frozen beyond its session, members
come and go, avis are written, projections are rebuilt, PostgreSQL and the broker stop and crash. Then
every projection is a function of the log, no avis is lost, nothing is twice, no outbox holds anything.
"""

import asyncio
import gzip
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import FAITS, SIECLE
from services.simulateur import Desordre, Population, Stade, premiers_lycees
from tests.faults.chaos import Chaos, Chefs
from tests.faults.invariants import SERVICES, everything_holds
from tests.faults.naive import cells
from tests.kit.faults import fleet, rows
from tests.kit.journal import attendre
from tests.kit.services import World

GRAINE = 20260120
LYCEES = 26
FACTS = 200_000
PER_FILE = 20_000
SESSION_S = 10
CONSUMING = (*SERVICES, "exports")
KILLED = ("indicators", "eleves", "avenir")
KILLS = 6


@pytest.mark.proof
async def test_two_hundred_thousand_facts_survive_everything(on_own_servers: World, tmp_path: Path) -> None:
    world, start = on_own_servers, time.monotonic()
    world.overrides["spool_dir"] = tmp_path / "depots"
    uais = premiers_lycees(LYCEES)
    population = Population(GRAINE, uais, 2026)
    variables = {"SPOOL_DIR": str(tmp_path / "depots"), "SESSION_TIMEOUT_MS": str(SESSION_S * 1000)}
    async with fleet(world, **variables, WINDOW_RECORDS="2000", BATCH_RECORDS="1000") as ships:
        chaos = Chaos(ships, random.Random(GRAINE))
        chefs = Chefs(chaos, [], random.Random(GRAINE), lycees=uais)
        await chaos.start("ingest", *CONSUMING)
        sent = await _deposit(world, population, tmp_path)
        background = [
            asyncio.create_task(chefs.write_for_ever()),
            asyncio.create_task(_new_targets(world, chefs)),
        ]
        await asyncio.gather(
            _kill_in_turn(chaos),
            _kill_the_import(chaos, world),
            _come_and_go(chaos),
            _restart_servers(chaos, world),
        )
        await _imported(world)
        await asyncio.gather(chaos.rebuild("indicators", kill_after=5), chaos.rebuild("avenir"))
        await chaos.all_ready(120)
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        counts = await everything_holds(world, chefs.accepted, CONSUMING)
        await _as_planned(world, population)
        _tell(chaos, chefs, {"facts sent": sent, **counts}, time.monotonic() - start)
    assert sent >= FACTS
    assert chefs.answers[200] > 100
    assert counts["records"] >= FACTS
    assert all(chaos.done[f"SIGKILL {name}"] >= 5 for name in (*KILLED, "ingest"))


async def _deposit(world: World, population: Population, folder: Path) -> int:
    """Every file at once: facts that come before their pupil are parked by ingest, then released."""
    settings, engine = await world.settings("ingest"), await world.engine("ingest")
    imports = Imports(settings, engine)  # type: ignore[arg-type]
    imports.depots.ouvrir()
    try:
        for lycee in population.lycees:
            path = population.ecrire_siecle(lycee.uai, folder / lycee.uai)
            await deposer(imports, SIECLE, _bytes(path), lambda: "siecle.zip", demandeur="proof")
        desordre = Desordre(0.1, 0.02, 0.02)
        lines = population.lignes(Stade.AVANT, desordre=desordre)
        sent = 0
        for number, path in enumerate(_files(lines, folder)):
            await deposer(imports, FAITS, _bytes(path), lambda n=number: f"{n}.gz", demandeur="proof")  # type: ignore[misc]
            sent += _lines(path)
        return sent
    finally:
        await engine.dispose()


def _files(lines: Iterator[bytes], folder: Path) -> Iterator[Path]:
    number = 0
    while part := list(islice(lines, PER_FILE)):
        path = folder / f"faits-{number}.ndjson.gz"
        path.write_bytes(gzip.compress(b"".join(part), 1))
        yield path
        number += 1


def _lines(path: Path) -> int:
    return gzip.decompress(path.read_bytes()).count(b"\n")


async def _bytes(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)


async def _kill_in_turn(chaos: Chaos) -> None:
    """The consumers, with the relay that each of them carries."""
    victims = [*KILLED * KILLS, "exports"]
    chaos.rng.shuffle(victims)
    await asyncio.sleep(8)
    for victim in victims:
        await chaos.kill(victim)
        await asyncio.sleep(chaos.rng.uniform(2, 6))


async def _kill_the_import(chaos: Chaos, world: World) -> None:
    """Only in the middle of its work: an idle process proves nothing."""
    while chaos.done["SIGKILL ingest"] < KILLS:
        await asyncio.sleep(chaos.rng.uniform(4, 8))
        with suppress(OSError, SQLAlchemyError):
            if await rows(world, "ingest", _UNDER_WAY) == [(0,)]:
                return
            await chaos.kill("ingest")


async def _come_and_go(chaos: Chaos) -> None:
    """Up to five members of indicators at once; one of them frozen beyond its session, then woken."""
    await asyncio.sleep(10)
    guests = [f"indicators#{number}" for number in range(2, 6)]
    for guest in guests:
        await chaos.bring(guest)
        await asyncio.sleep(4)
    await chaos.freeze(guests[0], SESSION_S * 1.5)
    await chaos.rebuild("eleves", kill_after=4)
    for guest in guests:
        await chaos.members.pop(guest).leave(40)
        chaos.done["a member of indicators joined and left"] += 1
        await asyncio.sleep(2)


async def _restart_servers(chaos: Chaos, world: World) -> None:
    """A polite restart and a crash of each, the rest at work."""
    for name, end in (("postgres", "stop"), ("kafka", "kill"), ("postgres", "kill"), ("kafka", "stop")):
        await asyncio.sleep(20)
        server = world.servers.embedded[name]
        await asyncio.to_thread(getattr(server, end))
        await asyncio.sleep(chaos.rng.uniform(1, 4))
        await asyncio.to_thread(server.start)
        chaos.done[f"{name} {'crashed' if end == 'kill' else 'stopped'} and started again"] += 1


async def _new_targets(world: World, chefs: Chefs) -> None:
    """The cibles of a few hundred pupils, as avenir knows them by now."""
    requete = "SELECT eleve_id::text, c FROM {p}.eleve, unnest(cibles) AS c ORDER BY 1, 2 LIMIT 400"
    while True:
        with suppress(Exception):  # PostgreSQL is away now and then: that is the test
            chefs.targets = [(row[0], row[1]) for row in await rows(world, "avenir", requete)]
        await asyncio.sleep(3)


async def _imported(world: World) -> None:
    async def over() -> bool:
        return await rows(world, "ingest", _UNDER_WAY) == [(0,)]

    over.__doc__ = "every import is over"
    await attendre(over, 300)
    assert await rows(world, "ingest", _REFUSED) == [(0,)]


async def _as_planned(world: World, population: Population) -> None:
    """What the screens would show is what the simulation planned before it wrote a single file."""
    shown: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (uai, serie, _, mesure), n in (await cells(world)).items():
        shown[uai, serie][mesure] += n
    planned = {
        (lycee.uai, serie.value): {
            "vivier": comptes.terminales,
            "inscrits": comptes.inscrits,
            "sans_voeu": comptes.sans_voeu,
            "l1_pass": comptes.un_l1_pass,
            "que_l1_pass": comptes.que_l1_pass,
        }
        for lycee in population.lycees
        for serie, comptes in population.verite(lycee.uai).par_serie.items()
    }
    assert {lieu: {m: counts[m] for m in planned[lieu]} for lieu, counts in shown.items()} == planned


_UNDER_WAY = "SELECT count(*) FROM registre.import WHERE etat IN ('DEPOSE', 'ANALYSE', 'PUBLICATION')"
_REFUSED = "SELECT count(*) FROM registre.import WHERE etat = 'REFUSE'"


def _tell(chaos: Chaos, chefs: Chefs, counts: dict[str, int], seconds: float) -> None:
    print()
    for what, count in {**chaos.done, **counts}.items():
        print(f"{count:>9,}  {what}")
    for status, count in sorted(chefs.answers.items()):
        print(f"{count:>9,}  avis answered {status}")
    print(f"{seconds:>9,.0f}  seconds")
