"""The service killed (SIGKILL) in mid-work while facts of a whole session flow: nothing lost, nothing twice, on any day."""

import asyncio
from collections import defaultdict
from datetime import datetime
from itertools import islice

import pytest

from services.cli.registry import projecting
from services.indicators.etat import jour_du_rang, rang_du_jour
from shared.domaine.calendrier import jour_de
from shared.events import topics as t
from shared.kafka.records import Codec
from tests.bench.session import Session
from tests.indicators._naif import Note, cases_au
from tests.kit.dates import publier_dates
from tests.kit.faults import Fleet, Process, differences, fleet, records, rows
from tests.kit.journal import a_jour
from tests.kit.services import World

ELEVES, FAITS, MORCEAU = 300, 6_000, 1_500
pytestmark = pytest.mark.proof


async def test_killed_in_mid_work_the_figures_of_every_day_are_exact(opened: World) -> None:
    session = Session(opened, ELEVES, FAITS).melee()
    async with fleet(opened, WINDOW_RECORDS="100", BATCH_TIMEOUT_MS="20") as navires:
        service = await navires.service("indicators")
        await service.until_ready()
        verifications = []
        for _ in range(FAITS // MORCEAU):
            await publier_dates(opened, islice(session, MORCEAU))
            verifications.append(await _tuer_et_verifier(opened, navires, service))
        await a_jour(opened, "indicators", 60)
        assert service.kills >= FAITS // MORCEAU - 1, "nothing was killed while it worked"
        assert not any(n for differences_ in verifications for n in differences_.values())
        assert not any((await differences(opened, "indicators")).values())
    await _comme_le_journal(opened)


async def _tuer_et_verifier(world: World, navires: Fleet, service: Process) -> dict[str, int]:
    """Killed once it folds; verified while it starts again and catches up."""
    assert navires
    await asyncio.sleep(0.15)
    service.kill()
    service.start()
    return dict(await differences(world, "indicators"))


async def _comme_le_journal(world: World) -> None:
    """A few days of the tables, against a recomputation of what the log holds."""
    notes = await _notes(world)
    codes = [
        code for (code,) in await rows(world, "indicators", "SELECT code FROM {p}.definition ORDER BY rang")
    ]
    sommes = ", ".join(f"sum(m{rang:02d})::int" for rang in range(len(codes)))
    jours = sorted({jour for siennes in notes.values() for jour, _ in siennes})
    assert len(jours) > 60
    for jour in (jours[0], jours[len(jours) // 2], jours[-1]):
        lues = await rows(
            world,
            "indicators",
            f"SELECT session, uai, serie, {sommes} FROM {{p}}.mouvement"
            f" WHERE jour <= '{jour_du_rang(jour)}' GROUP BY session, uai, serie",
        )
        figures = {tuple(row[:3]): {c: n for c, n in zip(codes, row[3:], strict=True) if n} for row in lues}
        assert {cle: f for cle, f in figures.items() if f} == {
            tuple(k): f for k, f in cases_au(notes, jour).items()
        }


async def _notes(world: World) -> dict[str, list[Note]]:
    settings = await world.settings("indicators")
    topics = projecting("indicators").projection(settings).topics  # type: ignore[misc]
    codec = Codec({topic.complet(world.prefix, world.session): topic for topic in topics})
    notes: defaultdict[str, list[Note]] = defaultdict(list)
    for record in await records(world, *t.FAITS_ELEVE):
        lu = codec.lire_un(record, record.topic)
        assert lu.fait is not None
        jour = rang_du_jour(jour_de(datetime.fromisoformat(lu.recordedtime)))
        notes[lu.eleve_id].append((jour, lu.fait))
    return notes
