"""Kafka Streams on the facts of the indicators: started, timed to its last durable total, its totals read back."""

import asyncio
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from shared.db.offsets import Place
from shared.events.topics import Topic
from tests.bench.mesure import Mesure
from tests.bench.peers import java
from tests.bench.peers.totaux import MESURES, Totaux
from tests.kit.services import World

TOPOLOGIES = ("dsl", "delta")
_TOTAL = struct.Struct(f">{len(MESURES)}i")
_ARRET_S = 60


@dataclass(frozen=True, slots=True)
class Streams:
    """One start of the application. ``topologie``: see Indicateurs.java."""

    world: World
    dossier: Path
    chemins: str
    topologie: str = "delta"
    fils: int = 1

    @property
    def application(self) -> str:
        return f"{self.world.prefix}{self.topologie}{self.fils}"

    async def mesurer(self, topics: Sequence[Topic], fins: Mapping[Place, int]) -> tuple[Mesure, Totaux]:
        """Until every total is in the changelog of its store, from the first commit."""
        etat = self.dossier / self.application
        arguments = [self.world.servers.kafka_bootstrap, self.application, str(etat), str(self.fils)]
        lus = [topic.complet(self.world.prefix, self.world.session) for topic in topics]
        journal = self.dossier / f"{self.application}.log"
        popen = java.lancer(self.chemins, "Indicateurs", [*arguments, self.topologie, *lus], journal)
        try:
            places = {(place.topic, place.part): fin for place, fin in fins.items()}
            mesure = await suivre(
                popen, self.world.servers.kafka_bootstrap, self.application, places, marge=self.fils
            )
        finally:
            popen.terminate()
            popen.wait(_ARRET_S)
        return mesure, await self._totaux()

    async def _totaux(self) -> Totaux:
        """The last value of each key of the totals' changelog, committed only."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.world.servers.kafka_bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            group_id=None,
        )
        await consumer.start()
        try:
            derniers: dict[str, tuple[int, ...]] = {}
            async for cle, valeur in lire(consumer, f"{self.application}-totals-changelog"):
                derniers[cle.decode()] = _TOTAL.unpack(valeur)
        finally:
            await consumer.stop()
        return {
            (cle.partition("|")[0], cle.partition("|")[2]): dict(zip(MESURES, total, strict=True))
            for cle, total in derniers.items()
            if any(total)
        }


async def lire(consumer: AIOKafkaConsumer, topic: str) -> AsyncIterator[tuple[bytes, bytes]]:
    await consumer._client._wait_on_metadata(topic)
    places = [TopicPartition(topic, part) for part in consumer.partitions_for_topic(topic) or ()]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    fins = await consumer.end_offsets(places)
    while any([await consumer.position(place) < fins[place] for place in places]):
        for lot in (await consumer.getmany(timeout_ms=100)).values():
            for record in lot:
                yield record.key, record.value


async def suivre(
    popen: subprocess.Popen[bytes],
    bootstrap: str,
    application: str,
    sources: Mapping[tuple[str, int], int],
    *,
    marge: int,
    prefixe: str = "",
) -> Mesure:
    """Until the application committed the end of its sources, and of what lies between its halves but for ``marge`` markers.

    ``prefixe``: of the topics between. The clock starts at its first commit.
    """
    client, depuis, pic = AIOKafkaAdminClient(bootstrap_servers=bootstrap), 0.0, 0.0
    sonde = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await client.start()
    await sonde.start()
    soi = psutil.Process(popen.pid)
    try:
        while True:
            assert popen.poll() is None, "the peer died"
            pic = max(pic, soi.memory_info().rss / 1e6)
            lus = await _lus(client, application)
            depuis = depuis or (time.perf_counter() if any(o > 0 for o in lus.values()) else 0.0)
            if depuis and all(lus.get(place, 0) >= fin - 1 for place, fin in sources.items()):
                internes = await _fins_internes(client, sonde, application, prefixe)
                if all(lus.get(place, 0) >= fin - 1 - marge for place, fin in internes.items()):
                    temps = soi.cpu_times()
                    return Mesure(time.perf_counter() - depuis, pic, temps.user + temps.system)
            await asyncio.sleep(0.05)
    finally:
        await client.close()
        await sonde.stop()


async def _lus(client: AIOKafkaAdminClient, application: str) -> dict[tuple[str, int], int]:
    """Committed offsets; none before the broker has a coordinator for its first group."""
    try:
        offsets = await client.list_consumer_group_offsets(application)
    except GroupCoordinatorNotAvailableError:
        return {}
    return {(place.topic, place.partition): meta.offset for place, meta in offsets.items()}


async def _fins_internes(
    client: AIOKafkaAdminClient, sonde: AIOKafkaConsumer, application: str, prefixe: str
) -> dict[tuple[str, int], int]:
    """Ends of the topics between the two halves of the topology, which end in markers of transactions."""
    noms = [
        nom
        for nom in await client.list_topics()
        if (nom.startswith(f"{application}-") and nom.endswith("-repartition"))
        or (prefixe and nom.startswith(f"{prefixe}{application}-"))
    ]
    decrits = await client.describe_topics(noms) if noms else []
    places = [
        TopicPartition(topic["topic"], part["partition"]) for topic in decrits for part in topic["partitions"]
    ]
    fins = await sonde.end_offsets(places) if places else {}
    return {(place.topic, place.partition): fin for place, fin in fins.items() if fin}
