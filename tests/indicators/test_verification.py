"""``pilotage verify indicators``: beside live facts and a rebuild it finds nothing, unless a figure is wrong."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from services.cli.registry import service
from shared.db.engine import writing
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from shared.nomenclatures.familles import Famille
from shared.service import Running
from tests.kit.console import Console
from tests.kit.faults import records
from tests.kit.journal import LYCEE_A, QUAND, Faits, a_jour, attendre, publier
from tests.kit.services import World

ELEVES = 12


def intentions(
    world: World, eleve_id: str, *familles: Famille, version: int = 1, periode: int = 1
) -> Evenement:
    donnees = m.IntentionsDeclarees.model_validate(
        {
            "session": world.session,
            "eleve_id": eleve_id,
            "version": version,
            "periode": periode,
            "intentions": tuple({"rang": n, "famille": une} for n, une in enumerate(familles, 1)),
        }
    )
    cle = f"{eleve_id}/{periode}"
    return evenement(t.INTENTION, donnees, cle=cle, version=version, time=QUAND, prefixe=world.prefix)


def _population(world: World, faits: Faits, ids: Iterable[str]) -> list[Evenement]:
    """Half of them have a vœu in a licence, all intended a BTS."""
    return [
        fait
        for rang, i in enumerate(ids)
        for fait in (
            faits.eleve(i),
            faits.dossier(i),
            intentions(world, i, Famille.BTS),
            *([faits.voeu(i)] if rang % 2 else []),
        )
    ]


async def _corrompre(running: Running) -> None:
    """A figure, a day and a famille that no fact explains."""
    async with writing(running.engine) as tx:
        await tx.execute(text("UPDATE cellule SET m01 = m01 + 7"))
        await tx.execute(text("DELETE FROM mouvement"))
        await tx.execute(text("UPDATE intention SET voeu_seul = voeu_seul + 1 WHERE famille = 'ENSEMBLE'"))


async def _dites(world: World, combien: int) -> list[dict[str, Any]]:
    """The margins on the topic, once there are so many."""
    lues: list[dict[str, Any]] = []

    async def assez() -> bool:
        lues[:] = [json.loads(un.value) for un in await records(world, t.INDICATEUR)]
        return len(lues) >= combien

    await attendre(assez)
    return lues


async def test_a_wrong_figure_is_found_said_and_repaired_and_the_world_is_told_once(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(ELEVES)]
    await publier(opened, _population(opened, faits, ids))
    pilotage = Console(await opened.environment("indicators"))
    async with opened.running("indicators") as running:
        await a_jour(opened, "indicators")
        (dite,) = await _dites(opened, 1)
        assert (dite["version"], dite["uai"], dite["serie"]) == (1, LYCEE_A, "GENERALE")

        await _corrompre(running)
        code, dit = await pilotage("verify", "indicators")
        assert code == 1
        lieu = f"2026 {LYCEE_A} GENERALE 01"
        assert f"cellule {lieu}: m01 expected {ELEVES} found {ELEVES + 7}" in dit
        assert f"mouvement {lieu} " in dit
        assert ": missing" in dit
        assert f"voeu_seul expected {ELEVES // 2} found {ELEVES // 2 + 1}" in dit

        assert (await pilotage("verify", "indicators", "--repair"))[0] == 3
        code, dit = await pilotage("verify", "indicators")
        assert (code, "differ" in dit) == (0, False), dit
        assert "records re-read in" in dit

        await publier(opened, [faits.voeu(i, "x", version=9) for i in ids[:6:2]])
        assert [une["version"] for une in await _dites(opened, 2)] == [1, 2], "the rebuild said nothing new"


async def test_it_finds_nothing_while_facts_flow_and_a_rebuild_runs(opened: World) -> None:
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(ELEVES)]
    await publier(opened, _population(opened, faits, ids))
    settings = await opened.settings("indicators")
    projection = service("indicators").projection(settings)  # type: ignore[misc]

    async def couler() -> None:
        for version in range(2, 7):
            await publier(opened, [faits.voeu(i, f"w{version}", version=version) for i in ids])

    async with opened.running("indicators") as running:
        await a_jour(opened, "indicators")
        flot = asyncio.create_task(couler())
        rapports = [await verify(settings, running.engine, projection) for _ in range(2)]
        _, pendant = await asyncio.gather(
            rebuild(settings, running.engine, projection), verify(settings, running.engine, projection)
        )
        await flot
        await a_jour(opened, "indicators")
        apres = await verify(settings, running.engine, projection)
        async with running.engine.connect() as connection:
            restes = await connection.execute(
                text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'projection_%'")
            )
            assert restes.scalar_one() == 1, "nothing is left behind"
    for rapport in (*rapports, pendant, apres):
        assert rapport.exact, rapport.examples
    assert apres.records == len(ids) * 8.5
