"""Facts per second through the indicators consumer, beside other engines: same broker, same facts, same order, same run.

Broker, database and engine share the machine's cores. Ours: from the first partition adopted to the last total durable;
Kafka Streams: from its first commit (see peers/README.md for what each engine does and guarantees). Every engine's
totals must be equal.

``BENCH_POPULATIONS``: ``melee`` (``BENCH_PUPILS`` × ``BENCH_FACTS``) and ``nation`` (``BENCH_NATION`` pupils).
``BENCH_ENGINES``: ``ours1,streams1,ours2,streams2`` and, when asked for, ``dsl1``, ``dsl2`` (Kafka Streams as its
documentation teaches), ``view`` (a materialised view of PostgreSQL). ``BENCH_PARTITIONS_PEERS``: of each topic.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.db.offsets import Place
from shared.events import topics as t
from shared.kafka.topics import open_session
from tests.bench.mesure import fins
from tests.bench.moteurs import Resultat, machine, notre
from tests.bench.peers import java, vue
from tests.bench.peers.streams import Streams
from tests.bench.peers.totaux import ecarts
from tests.bench.session import TERMINALES, Session
from tests.kit.dates import publier_dates
from tests.kit.services import World, _delete_topics

POPULATIONS = os.environ.get("BENCH_POPULATIONS", "melee").split(",")
ELEVES, FAITS = int(os.environ.get("BENCH_PUPILS", "60000")), int(os.environ.get("BENCH_FACTS", "1000000"))
NATION = int(os.environ.get("BENCH_NATION", str(TERMINALES)))
MOTEURS = os.environ.get("BENCH_ENGINES", "ours1,streams1,ours2,streams2").split(",")
PARTITIONS = int(os.environ.get("BENCH_PARTITIONS_PEERS", "6"))
LUS = t.FAITS_ELEVE
pytestmark = pytest.mark.bench


@pytest.mark.parametrize("population", POPULATIONS)
async def test_engines_on_the_same_facts(world: World, tmp_path: Path, population: str) -> None:
    settings = await world.settings("indicators")
    await open_session(settings, PARTITIONS)
    try:
        faits = await _publier(world, population)
        places = await fins(world, "indicators", LUS)
        resultats: list[Resultat] = []
        for nom in MOTEURS:
            resultats.append(await _un(nom, world, tmp_path, faits, places))
            print(f"  {resultats[-1].dire(None)}", flush=True)
            await asyncio.sleep(2)
        _comparer(resultats)
    finally:
        await _delete_topics(settings)


async def _publier(world: World, population: str) -> int:
    debut = time.perf_counter()
    eleves = ELEVES if population == "melee" else NATION
    session = Session(world, eleves, FAITS)
    faits = await publier_dates(world, session.melee() if population == "melee" else session.nation())
    print(
        f"\n{population}: {faits:,} facts of {eleves:,} pupils from January to June, {PARTITIONS} partitions per topic,"
        f" {os.cpu_count()} cores; on the log in {time.perf_counter() - debut:.1f} s",
        flush=True,
    )
    return faits


async def _un(nom: str, world: World, dossier: Path, faits: int, places: Mapping[Place, int]) -> Resultat:
    if nom.startswith("ours"):
        return await notre(world, faits, places, int(nom[4:]))
    if nom == "view":
        return await vue.mesurer(world, faits)
    return await _streams(nom, world, dossier, faits, places)


async def _streams(
    nom: str, world: World, dossier: Path, faits: int, places: Mapping[Place, int]
) -> Resultat:
    chemins = await asyncio.to_thread(java.compiler, "Indicateurs.java", dossier / "classes")
    topologie = "dsl" if nom.startswith("dsl") else "delta"
    streams = Streams(world, dossier, chemins, topologie, int(nom[-1]))
    async with machine() as depenses:
        mesure, totaux = await streams.mesurer(LUS, places)
    titre = f"Kafka Streams 4.3 EOS v2 {topologie}, {nom[-1]} thread{'s' if nom[-1] != '1' else ''}"
    return Resultat(titre, faits, mesure, depenses[0], totaux)


def _comparer(resultats: list[Resultat]) -> None:
    """Ratios against the fastest of ours; then the totals, engine by engine."""
    notres = [r for r in resultats if r.nom.startswith("indicators")]
    reference = min(notres, key=lambda r: r.mesure.secondes) if notres else None
    print("beside the fastest of ours:")
    for resultat in resultats:
        print(f"  {resultat.dire(reference)}")
    premier = resultats[0]
    for autre in resultats[1:]:
        assert not ecarts(premier.totaux, autre.totaux), (
            premier.nom,
            autre.nom,
            ecarts(premier.totaux, autre.totaux),
        )
    print(f"  totals of {len(premier.totaux):,} lycée × série equal in all engines")
