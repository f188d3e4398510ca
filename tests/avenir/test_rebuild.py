"""Through a real broker: the pupils arrive, the avis go out, and a rebuild keeps every fiche's version."""

import asyncio
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

from services.avenir.consumers import AvenirProjection
from shared.events.modeles import EtatVoeu
from shared.events.topics import FICHE
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, Faits, a_jour, attendre, publier
from tests.kit.services import PARTITIONS, World


async def fiches_publiees(world: World) -> list[dict[str, Any]]:
    topic = FICHE.complet(world.prefix, world.session)
    places = [TopicPartition(topic, part) for part in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=world.servers.kafka_bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
    )
    consumer.assign(places)
    await consumer.start()
    try:
        lus = await consumer.getmany(*places, timeout_ms=3_000, max_records=1_000)
        return [orjson.loads(lu.value) for records in lus.values() for lu in records]
    finally:
        await consumer.stop()


async def rendre(avenir: Servi, eleve_id: str, cible: str, capacite: str) -> None:
    reponse = await avenir.client.put(
        f"/interne/v1/sessions/2026/eleves/{eleve_id}/avis/{cible}",
        json={"capacite": capacite},
        headers=avenir.jeton("chef-a", LYCEE_A),
    )
    assert reponse.status_code == 200, reponse.text


async def fiches(avenir: Servi) -> dict[str, tuple[int, int, int]]:
    async with avenir.running.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT set_config('search_path', format('projection_%s', courante), true)"
                " FROM mechanism.generation"
            )
        )
        rows = await connection.execute(
            text("SELECT eleve_id::text, fiche_version, avis_rendus, cardinality(cibles) FROM eleve")
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def outbox_vide(avenir: Servi) -> None:
    async def vide() -> bool:
        return await avenir.sortis() == []

    await attendre(vide)


async def test_avis_survive_a_rebuild_that_runs_while_they_are_written(opened: World) -> None:
    faits = Faits(opened)
    un, deux = faits.eleve_id(), faits.eleve_id()
    await publier(opened, [fait for e in (un, deux) for fait in (faits.eleve(e), faits.dossier(e))])
    await publier(opened, [faits.voeu(e, f"v{n}") for e in (un, deux) for n in range(4)])
    await publier(opened, [faits.voeu(un, "v3", version=2, etat=EtatVoeu.SUPPRIME)])
    async with servi(opened, "avenir", kafka=True) as avenir:
        await a_jour(opened, "avenir")
        await rendre(avenir, un, "v0", "SATISFAISANTE")
        avant = await fiches(avenir)
        assert avant[un][1:] == (1, 3)

        refait, *_ = await asyncio.gather(
            rebuild(
                avenir.running.settings, avenir.running.engine, AvenirProjection(avenir.running.settings)
            ),
            rendre(avenir, deux, "v0", "PEU_DEMONTREE"),
            rendre(avenir, deux, "v1", "PEU_DEMONTREE"),
        )
        assert refait.published == 0
        apres = await fiches(avenir)
        assert apres[un] == avant[un]
        assert apres[deux] == (avant[deux][0] + 2, 2, 4)

        await publier(opened, [faits.voeu(deux, "v9")])
        await a_jour(opened, "avenir")
        assert (await fiches(avenir))[deux] == (avant[deux][0] + 3, 2, 5)
        report = await verify(
            avenir.running.settings, avenir.running.engine, AvenirProjection(avenir.running.settings)
        )
        assert report.differences == {"eleve": 0}
        await outbox_vide(avenir)
    publiees = await fiches_publiees(opened)
    de_deux = sorted((f["version"], f["avis_rendus"], f["cibles"]) for f in publiees if f["eleve_id"] == deux)
    assert de_deux[-1] == (avant[deux][0] + 3, 2, 5)
    assert len({version for version, *_ in de_deux}) == len(de_deux)


async def test_a_corrected_fiche_counts_the_avis_written_meanwhile_and_takes_the_next_version(
    world: World,
) -> None:
    faits = Faits(world)
    eleve = faits.eleve_id()
    async with servi(world, "avenir") as avenir:
        await avenir.plier([faits.eleve(eleve), faits.voeu(eleve, "v1"), faits.voeu(eleve, "v2")])
        async with avenir.running.engine.begin() as tx:
            await tx.execute(text("CREATE SCHEMA projection_2"))
            await tx.execute(text("CREATE TABLE projection_2.eleve AS TABLE projection_1.eleve"))
            await tx.execute(text("UPDATE projection_2.eleve SET cibles = ARRAY['v1']"))
        await rendre(avenir, eleve, "v1", "SATISFAISANTE")
        assert (await fiches(avenir))[eleve] == (2, 1, 2)
        async with avenir.running.engine.begin() as tx:
            (fiche,) = await AvenirProjection(avenir.running.settings).differences(tx, 1, 2)
            ligne = (
                await tx.execute(text("SELECT fiche_version, avis_rendus FROM projection_2.eleve"))
            ).one()
    assert fiche.donnees is not None
    dite = orjson.loads(fiche.donnees)
    assert (dite["version"], dite["avis_rendus"], dite["cibles"]) == (3, 1, 1)
    assert tuple(ligne) == (3, 1)
