"""SIECLE files and a feed through the real service, from deposit to durable events, beside their limits.

The limits are measured in the same run, on the same bytes: lxml alone with the fields taken out of each
pupil; gunzip, lines and msgspec decoding alone. ``BENCH_LYCEES`` sizes it, ``BENCH_INGEST`` is the number
of ingest processes, ``BENCH_APART`` leaves the projection to the last of them. ``BENCH_DIR``: a folder that
``pilotage simulate write`` filled, whose SIECLE files are taken instead (all of them, or ``BENCH_LYCEES``),
with the first ``BENCH_DAYS`` files of its feed.
"""

import asyncio
import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
from lxml import etree

from services.ingest.candidats.feed import decodeur
from services.ingest.consumers import IngestProjection
from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import FAITS, SIECLE
from services.ingest.readers.faits import _lignes, _ouvrir
from services.simulateur import Population, Stade, premiers_lycees
from shared.db.offsets import Place
from shared.kafka.replay import LogReader
from tests.bench.mesure import plain
from tests.kit.services import World

DOSSIER = os.environ.get("BENCH_DIR")
LYCEES = int(os.environ.get("BENCH_LYCEES", "0" if DOSSIER else "100"))
PROCESSES = int(os.environ.get("BENCH_INGEST", "1"))
JOURS = int(os.environ.get("BENCH_DAYS", "0"))
PROJECTION_APART = bool(os.environ.get("BENCH_APART"))
NATION_LYCEES, NATION_CANDIDATURES = 3_640, 13.5e6
LXML_LYCEES = 100
"""So many are enough to know what lxml does alone."""
pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[str, Path]], list[Path]]:
    """(lycée, zip) of each, and the files of the feed."""
    if DOSSIER:
        zips = sorted(Path(DOSSIER, "siecle").glob("*/*.zip"))
        pas = len(zips) // min(LYCEES or len(zips), len(zips))
        return [(chemin.parent.name, chemin) for chemin in zips[:: pas or 1][: LYCEES or None]], sorted(
            Path(DOSSIER).glob("**/faits-*.gz")
        )[:JOURS]
    dossier = tmp_path_factory.mktemp("simulated")
    population = Population(1, premiers_lycees(LYCEES), 2026)
    fichiers = [
        (x.uai, population.ecrire_siecle(x.uai, dossier / x.uai, avec_adresses=True))
        for x in population.lycees
    ]
    return fichiers, [population.ecrire_faits(dossier, Stade.AVANT)]


async def test_ingest_throughput(
    opened: World, session: tuple[list[tuple[str, Path]], list[Path]], tmp_path: Path
) -> None:
    fichiers, feeds = session
    octets = sum(_octets(chemin) for _, chemin in fichiers)
    print(
        f"\n{len(fichiers)} SIECLE files, {octets / 1e6:.1f} MB of XML; {PROCESSES} ingest process(es), {os.cpu_count()} cores"
    )
    print(f"bare lxml with field extraction  {_bare_lxml(fichiers[:LXML_LYCEES]) / 1e6:>9.1f} MB/s")
    async with _ingest(opened, tmp_path / "spool") as (imports, processus):
        for uai, chemin in fichiers:
            await deposer(
                imports, SIECLE, _morceaux(chemin), lambda: "eleves.zip", demandeur="bench", uai=uai
            )
        secondes, cpu, rss = await _attendre(opened, processus, SIECLE)
        print(
            f"file to durable events           {octets / secondes / 1e6:>9.1f} MB/s, {octets / cpu / 1e6:.1f} MB/s per"
            f" second of our CPU ({cpu / len(fichiers) * 1e3:.1f} ms per file)   RSS {rss} MB"
            f"   {NATION_LYCEES:,} files in {NATION_LYCEES / len(fichiers) * secondes:,.0f} s"
        )
        if feeds:
            await _publier_le_feed(opened, imports, processus, feeds)


async def _publier_le_feed(
    world: World, imports: Imports, processus: list[subprocess.Popen[bytes]], feeds: list[Path]
) -> None:
    lus = await _decode_seul(feeds)
    for feed in feeds:
        await deposer(imports, FAITS, _morceaux(feed), lambda: "faits.ndjson.gz", demandeur="bench")
    await _rattraper(world, processus)
    procs = [psutil.Process(un.pid) for un in processus]
    avant = list(_cpu(procs))
    secondes, cpu, rss = await _attendre(world, processus, FAITS)
    connection = await asyncpg.connect(plain(world.databases["ingest"]))
    total = await connection.fetchval("SELECT sum(total) FROM registre.import WHERE nature = 'FAITS'")
    await connection.close()
    print(
        f"feed to durable events           {lus / secondes:>9,.0f} facts/s ({total:,} events), {lus / cpu:,.0f} per core of ours"
        f"   RSS {rss} MB   13.5 M facts in {NATION_CANDIDATURES / lus * secondes / 60:.1f} min"
    )
    retard = await _rattraper(world, processus)
    par_processus = ", ".join(f"{x - y:.1f}" for x, y in zip(_cpu(procs), avant, strict=True))
    print(
        f"then, until it is folded by ingest {retard:>7.1f} s; CPU of each process since the deposit: {par_processus} s"
    )


async def _rattraper(world: World, processus: list[subprocess.Popen[bytes]]) -> float:
    """Seconds until the projection of ingest has read all that is published."""
    settings = await world.settings("ingest")
    async with LogReader(settings, IngestProjection.topics, {world.session}) as log:
        fins = await log.ends()
    connection = await asyncpg.connect(plain(world.databases["ingest"]))
    debut = time.perf_counter()
    for un in processus:
        psutil.Process(un.pid).resume()
    while True:
        lignes = await connection.fetch("SELECT topic, part, next_offset FROM mechanism.consumer_offset")
        lus = {Place(ligne["topic"], ligne["part"]): ligne["next_offset"] for ligne in lignes}
        if all(lus.get(place, 0) >= fin - 1 for place, fin in fins.items()):
            break
        await asyncio.sleep(0.05)
    for un in processus:
        psutil.Process(un.pid).suspend()
    await connection.close()
    return time.perf_counter() - debut


def _octets(chemin: Path) -> int:
    with zipfile.ZipFile(chemin) as archive:
        return archive.infolist()[0].file_size


def _bare_lxml(fichiers: list[tuple[str, Path]]) -> float:
    """Bytes per second when every field of every pupil is taken out, and nothing else done."""
    contenus = []
    for _, chemin in fichiers:
        with zipfile.ZipFile(chemin) as archive:
            contenus.append(archive.read(archive.infolist()[0]))
    debut = time.process_time()
    for contenu in contenus:
        for _, element in etree.iterparse(
            io.BytesIO(contenu),
            tag=("ELEVE", "OPTION", "STRUCTURES_ELEVE"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        ):
            {enfant.tag: enfant.text for enfant in element}
            element.clear()
            while (avant := element.getprevious()) is not None:
                avant.getparent().remove(avant)
    return sum(map(len, contenus)) / (time.process_time() - debut)


async def _decode_seul(feeds: list[Path]) -> int:
    """Prints the limit: gunzip, lines and msgspec, on one core. Returns the number of lines."""
    debut, lus = time.perf_counter(), 0
    for feed in feeds:
        with feed.open("rb") as fichier, _ouvrir(fichier) as flux:
            for ligne in _lignes(flux, 1 << 40):
                decodeur.decode(ligne or b"")
                lus += 1
    print(f"gunzip, lines and msgspec alone  {lus / (time.perf_counter() - debut):>9,.0f} facts/s")
    return lus


async def _morceaux(chemin: Path) -> AsyncIterator[bytes]:
    with chemin.open("rb") as fichier:
        while morceau := fichier.read(1 << 20):
            yield morceau


def _travaux() -> list[str]:
    """What each process works at: all of it, or the last one at the projection alone."""
    if PROJECTION_APART:
        return ['["imports"]'] * (PROCESSES - 1) + ['["projection"]']
    return ['["imports","projection"]'] * PROCESSES


@asynccontextmanager
async def _ingest(world: World, spool: Path) -> AsyncIterator[tuple[Imports, list[subprocess.Popen[bytes]]]]:
    """Where to deposit, and the processes, which are frozen until :func:`_attendre` starts the clock."""
    settings = await world.settings("ingest", spool_dir=spool)
    environment = {
        **await world.environment("ingest"),
        "SPOOL_DIR": str(spool),
        "HTTP_PORT": "0",
        "LOG_LEVEL": "WARNING",
        "POLL_S": "0.5",
        "BATCH_TIMEOUT_MS": "50",
    }
    engine = await world.engine("ingest")
    racine = Path(__file__).parents[2]
    commande = [sys.executable, "-m", "services.cli.main", "run", "ingest"]
    processus = [
        subprocess.Popen(commande, env={**environment, "TRAVAUX": travaux}, cwd=racine)  # noqa: ASYNC220
        for travaux in _travaux()
    ]
    await asyncio.sleep(5)
    for un in processus:
        psutil.Process(un.pid).suspend()
    try:
        yield Imports(settings, engine), processus
    finally:
        for un in processus:
            psutil.Process(un.pid).resume()
            un.terminate()
            un.wait(20)
        await engine.dispose()


async def _attendre(
    world: World, processus: list[subprocess.Popen[bytes]], nature: str
) -> tuple[float, float, str]:
    """Seconds, seconds of our processes' CPU and highest RSS (MB) of each until every import of ``nature`` is done."""
    connection = await asyncpg.connect(plain(world.databases["ingest"]))
    procs = [psutil.Process(un.pid) for un in processus]
    avant = sum(_cpu(procs))
    debut, rss = time.perf_counter(), [0.0] * len(procs)
    for un in procs:
        un.resume()
    while True:
        rss = [max(haut, un.memory_info().rss / 1e6) for haut, un in zip(rss, procs, strict=True)]
        etats = {
            ligne["etat"]: ligne["n"]
            for ligne in await connection.fetch(
                "SELECT etat, count(*) AS n FROM registre.import WHERE nature = $1 GROUP BY etat", nature
            )
        }
        if not etats.keys() & {"DEPOSE", "ANALYSE", "PUBLICATION"}:
            break
        await asyncio.sleep(0.05)
    fin, cpu = time.perf_counter(), sum(_cpu(procs))
    for un in procs:
        un.suspend()
    await connection.close()
    assert etats.keys() == {"TERMINE"}, etats
    return fin - debut, cpu - avant, " and ".join(f"{un:,.0f}" for un in rss)


def _cpu(procs: list[psutil.Process]) -> Iterator[float]:
    for un in procs:
        temps = un.cpu_times()
        yield temps.user + temps.system
