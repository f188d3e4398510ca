"""Reading the log without a group: all topics of one partition number, merged, up to a vector.

Same-numbered partitions of all pupil topics are merged by (recordedtime, topic rank, offset), so
that a pupil's facts come back in the order in which they were accepted (facts_and_effects §3).
"""

import heapq
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.db.offsets import Place
from shared.events.enveloppe import entete
from shared.events.rapide import Legers
from shared.events.topics import Topic
from shared.kafka.clients import partition_counts, reader
from shared.kafka.fetched import TRANCHES, install
from shared.kafka.headings import headers
from shared.kafka.lots import Lot, Moments
from shared.kafka.packing import Packed
from shared.kafka.records import Codec, Lu
from shared.kafka.tranches import Tranche
from shared.settings import Settings

_FETCH_RECORDS = 5_000
_BATCHES = 16


class LogReader:
    """A group-less reader of the topics of one projection, over one or several sessions."""

    def __init__(
        self,
        settings: Settings,
        topics: Sequence[Topic],
        sessions: Collection[int],
        legers: Legers = MappingProxyType({}),
    ) -> None:
        self._topics = {
            topic.complet(settings.topic_prefix, session): topic for session in sessions for topic in topics
        }
        self._settings = settings
        self._codec = Codec(self._topics, legers)
        install()
        self._consumer: AIOKafkaConsumer = reader(
            settings, max_partition_fetch_bytes=2 << 20, fetch_max_wait_ms=20, key_deserializer=TRANCHES
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def places(self) -> list[Place]:
        """Every partition of every topic.

        Raises:
            LookupError: a topic of the session was never opened.
        """
        counts = await partition_counts(self._settings, list(self._topics))
        missing = [topic for topic in self._topics if not counts.get(topic)]
        if missing:
            raise LookupError(f"topic {missing[0]} does not exist: run `pilotage session open`")
        return [Place(topic, part) for topic in self._topics for part in range(counts[topic])]

    async def ends(self) -> dict[Place, int]:
        """The end of the log now, partition by partition."""
        tps = [TopicPartition(place.topic, place.part) for place in await self.places()]
        ends = await self._consumer.end_offsets(tps)
        return {Place(tp.topic, tp.partition): end for tp, end in ends.items()}

    async def read(
        self, part: int, start: Mapping[Place, int], to: Mapping[Place, int]
    ) -> AsyncIterator[tuple[Lu, Place]]:
        """Records of partition ``part`` of every topic, from ``start`` to ``to``, merged."""
        sources = self._sources(part, start, to)
        heap: list[tuple[str, int, int, int, Lu]] = []
        for number, source in enumerate(sources):
            await _push(heap, number, source)
        while heap:
            *_, number, lu = heapq.heappop(heap)
            yield lu, sources[number].place
            await _push(heap, number, sources[number])

    async def packed(self, part: int, start: Mapping[Place, int], to: Mapping[Place, int]) -> Packed:
        """All the records of partition ``part`` from ``start`` to ``to``, by lots of pupils, topic after topic."""
        packed = Packed()
        for source in self._sources(part, start, to):
            while not source.ended:
                for tranche in await source.fetch():
                    packed.add(tranche)
        return packed

    def lots(self, packed: Packed) -> Iterator[list[Lu]]:
        """What is packed, each lot in the order in which its records were accepted."""
        for lot in packed.lots():
            lus = [lu for tranche in lot for lu in self._codec.lire(tranche)]
            lus.sort(key=_order)
            yield lus

    def groupes(self, packed: Packed, moments: Moments) -> Iterator[Lot]:
        """Same, the short way and in order of arrival."""
        return (self._codec.grouper(lot, moments) for lot in packed.lots())

    def _sources(self, part: int, start: Mapping[Place, int], to: Mapping[Place, int]) -> "list[_Source]":
        places = [place for place in to if place.part == part and start.get(place, 0) < to[place]]
        if places:
            self._consumer.assign([TopicPartition(*place) for place in places])
        for place in places:
            self._consumer.seek(TopicPartition(*place), start.get(place, 0))
        return [_Source(self._consumer, self._codec, place, to[place]) for place in places]

    async def lag(self, stored: Mapping[Place, int]) -> tuple[int, str]:
        """Records committed after ``stored``, and the ``recordedtime`` of the oldest of them.

        A short distance is read, since transaction markers take offsets too; a long one is not.
        """
        total, oldest = 0, ""
        for place, end in (await self.ends()).items():
            start = stored.get(place, 0)
            if start < end:
                count, first = await self._distance(place, start, end)
                total += count
                oldest = min(filter(None, (oldest, first)), default="")
        return total, oldest

    async def _distance(self, place: Place, start: int, end: int) -> tuple[int, str]:
        tp = TopicPartition(*place)
        self._consumer.assign([tp])
        self._consumer.seek(tp, start)
        count, first = 0, ""
        while await self._consumer.position(tp) < end and count < _FETCH_RECORDS:
            for tranche in (await self._consumer.getmany(tp, timeout_ms=20, max_records=1)).get(tp, ()):
                for offset, _, _, octets in tranche.records():
                    first = first or (entete(headers(octets), "ce_recordedtime") or b"").decode(
                        "ascii", "replace"
                    )
                    count += offset < end
        position: int = await self._consumer.position(tp)
        return count + max(0, end - position), first


class _Source:
    """One partition as a stream of records that ends at ``to``."""

    def __init__(self, consumer: AIOKafkaConsumer, codec: Codec, place: Place, to: int) -> None:
        self.place = place
        self._tp = TopicPartition(*place)
        self._consumer = consumer
        self._codec = codec
        self._to = to
        self._buffer: list[Lu] = []
        self.ended = False

    async def next(self) -> Lu | None:
        while not self._buffer and not self.ended:
            await self._fill()
        return self._buffer.pop() if self._buffer else None

    async def _fill(self) -> None:
        for tranche in await self.fetch():
            self._buffer += self._codec.lire(tranche)
        self._buffer.reverse()

    async def fetch(self) -> list[Tranche]:
        """The next tranches before ``to``."""
        fetched: Mapping[Any, Sequence[Tranche]] = await self._consumer.getmany(
            self._tp, timeout_ms=20, max_records=_BATCHES
        )
        self.ended = await self._consumer.position(self._tp) >= self._to
        cut = [tranche.entre(0, self._to) for tranche in fetched.get(self._tp, ())]
        return [tranche for tranche in cut if tranche.start < tranche.end]


def _order(lu: Lu) -> tuple[str, int, int]:
    return lu.recordedtime, lu.topic.rang, lu.brut.offset


async def _push(heap: list[tuple[str, int, int, int, Lu]], number: int, source: _Source) -> None:
    lu = await source.next()
    if lu is not None:
        heapq.heappush(heap, (lu.recordedtime, lu.topic.rang, lu.brut.offset, number, lu))
