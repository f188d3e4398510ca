"""The dossiers of a nation (or a part of it) folded by eleves, beside Kafka Streams on the same log.

``BENCH_ELEVES``: terminales (688,640 for the nation); ``BENCH_THREADS``: of Kafka Streams, as ``1,2``.
Both keep, per pupil, his state, his timeline and his statut, whose changes go out on a topic; exactly once.
Then day one arrives while the lists of a lycée are read, and the projection is rebuilt while it serves.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.registry import service as declaree
from shared.events import topics as t
from shared.events.enveloppe import Evenement
from shared.kafka.rebuild import rebuild
from tests.bench.mesure import Mesure, fins, service
from tests.bench.nation import PROPOSITIONS, TERMINALES, Nation
from tests.bench.peers import java
from tests.kit.journal import publier
from tests.kit.services import World

ELEVES = int(os.environ.get("BENCH_ELEVES", "20000"))
FILS = [int(n) for n in os.environ.get("BENCH_THREADS", "1,2").split(",") if n]
PAIR = (t.ELEVE, t.DOSSIER, t.VOEU, t.PROPOSITION, t.REPONSE)
pytestmark = pytest.mark.bench


async def test_dossiers_of_a_nation(opened: World, tmp_path: Path) -> None:
    nation = Nation(opened, ELEVES)
    faits = await _publier(opened, nation.avant(), "facts before the admission")
    faits += await _publier(opened, nation.propositions(), "propositions of day one")
    faits += await _publier(opened, nation.reponses(), "answers")
    topics = declaree("eleves").projection(await opened.settings("eleves")).topics  # type: ignore[misc]
    async with service(opened, "eleves") as notre:
        ours = await notre.rattraper(await fins(opened, "eleves", topics))
        _dire("eleves, durable exactly-once", faits, ours)
        statuts = await notre.connection.fetch(
            "SELECT statut, count(*) AS n FROM projection_1.eleve GROUP BY statut"
        )
        assert sum(ligne["n"] for ligne in statuts) == ELEVES, statuts
    await _kafka_streams(opened, faits - ELEVES, tmp_path, ours)


async def test_day_one_and_a_rebuild(opened: World) -> None:
    nation = Nation(opened, ELEVES)
    faits = await _publier(opened, nation.avant(), "facts before the admission")
    topics = declaree("eleves").projection(await opened.settings("eleves")).topics  # type: ignore[misc]
    async with service(opened, "eleves") as notre:
        await notre.rattraper(await fins(opened, "eleves", topics))
        debut = time.perf_counter()
        jour = await _publier(opened, nation.propositions(), "propositions of day one")
        publie = time.perf_counter() - debut
        mesure = await notre.rattraper(await fins(opened, "eleves", topics), depuis=debut)
        print(
            f"day one: {jour:,} propositions on the log in {publie:.1f} s, visible in eleves {mesure.secondes:.1f} s after"
            f" the first was sent ({jour / mesure.secondes:,.0f}/s; the nation's {PROPOSITIONS:,} at that pace:"
            f" {PROPOSITIONS / jour * mesure.secondes:,.0f} s)   RSS {mesure.rss:,.0f} MB"
        )
        settings, engine = await opened.settings("eleves"), await opened.engine("eleves")
        debut = time.perf_counter()
        await rebuild(settings, engine, declaree("eleves").projection(settings), progress=lambda _: None)  # type: ignore[misc]
        await engine.dispose()
        print(f"rebuild while serving: {faits + jour:,} facts in {time.perf_counter() - debut:.1f} s")


async def _publier(world: World, faits: Iterator[Evenement], quoi: str) -> int:
    debut = time.perf_counter()
    nombre = await publier(world, faits)
    print(
        f"\n{nombre:,} {quoi} of {ELEVES:,} pupils on the log in {time.perf_counter() - debut:.1f} s", end=""
    )
    return nombre


def _dire(qui: str, faits: int, mesure: Mesure, autre: Mesure | None = None) -> None:
    rapport = f"   {mesure.secondes / autre.secondes:.2f} × the time of ours" if autre else ""
    print(
        f"\n{qui:<36} {faits / mesure.secondes:>9,.0f} ev/s in {mesure.secondes:.1f} s   {mesure.cpu / faits * 1e6:.1f} µs of CPU"
        f" per fact   RSS {mesure.rss:,.0f} MB   the nation in {mesure.secondes * TERMINALES / ELEVES / 60:.1f} min{rapport}"
    )


async def _kafka_streams(world: World, faits: int, dossier: Path, ours: Mesure) -> None:
    """The same topics without the names, which Kafka Streams is spared."""
    chemins = await asyncio.to_thread(java.compiler, "Reduction.java", dossier / "classes")
    settings = await world.settings("eleves")
    lus = [topic.complet(world.prefix, world.session) for topic in PAIR]
    voulues = await fins(world, "eleves", PAIR)
    for fils in FILS:
        application = f"{world.prefix}reduction{fils}"
        arguments = [settings.kafka_bootstrap, application, str(dossier / f"etat{fils}"), str(fils)]
        sortie = t.STATUT.complet(world.prefix, world.session)
        popen = java.lancer(chemins, "Reduction", [*arguments, sortie, *lus], dossier / f"streams{fils}.log")
        try:
            places = {(place.topic, place.part): fin for place, fin in voulues.items()}
            mesure = await java.rattraper(popen, settings.kafka_bootstrap, application, places)
        finally:
            popen.terminate()
            popen.wait(30)
        _dire(f"Kafka Streams 4.3, EOS v2, {fils} thread(s)", faits, mesure, ours)
