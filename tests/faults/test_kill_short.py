"""Services as real processes, killed and frozen while facts flow: the log alone decides what they hold."""

import asyncio
import random
from pathlib import Path

from tests.faults.chaos import Chaos, Chefs, spool
from tests.faults.invariants import SERVICES, everything_holds
from tests.faults.melange import melange
from tests.kit.faults import fleet
from tests.kit.journal import Faits
from tests.kit.services import World

GRAINE = 20260120
PUPILS = 3_500
FROZEN_S = 8
"""Beyond the session timeout of the members below."""


async def test_whatever_is_killed_or_frozen_nothing_is_lost_and_nothing_is_twice(
    opened: World, tmp_path: Path
) -> None:
    ids, evenements = melange(Faits(opened, GRAINE), PUPILS, GRAINE)
    path = spool(tmp_path / "spool", evenements)
    async with fleet(opened, SESSION_TIMEOUT_MS="6000", WINDOW_RECORDS="500") as ships:
        chaos = Chaos(ships, random.Random(GRAINE), path, chunk=400, pause=0.25)
        chefs = Chefs(chaos, [(i, v) for i in ids[:200] for v in ("v1", "v2")], random.Random(GRAINE))
        await chaos.start(*SERVICES, "import")
        writing = asyncio.create_task(chefs.write_for_ever())
        await asyncio.gather(_kill_in_turn(chaos), _come_and_go(chaos))
        await chaos.imported(60)
        await chaos.rebuild("eleves")
        await chaos.all_ready(30)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        counts = await everything_holds(opened, chefs.accepted)
        print({**chaos.done, **counts, "avis": dict(chefs.answers)})
    assert counts["records"] >= len(evenements)
    assert counts["pupils"] == PUPILS
    assert chefs.answers[200] > 20


async def _kill_in_turn(chaos: Chaos) -> None:
    victims = ["indicators", "eleves", "avenir", "import"] * 2
    chaos.rng.shuffle(victims)
    await asyncio.sleep(6)
    for victim in victims:
        await chaos.kill(victim)
        await asyncio.sleep(chaos.rng.uniform(1, 3.5))


async def _come_and_go(chaos: Chaos) -> None:
    await asyncio.sleep(5)
    await chaos.bring("indicators#2")
    await asyncio.sleep(7)
    await chaos.freeze("indicators#2", FROZEN_S)
    await chaos.rebuild("indicators")
    await chaos.members.pop("indicators#2").leave(25)
