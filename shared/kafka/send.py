"""Sending a batch in one Kafka transaction, stamped and partitioned; shared by relay and bulk."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import clock
from shared.events.enveloppe import Evenement, Header, entetes, horodatage_us
from shared.kafka.partition import partition_de

MAX_VALUE_BYTES = 900_000
"""Below the broker's and producer's limit of 1 MB, headers included."""


async def send_batch(
    tx: AsyncConnection,
    producer: AIOKafkaProducer,
    faits: Sequence[Evenement],
    extra: Sequence[Mapping[str, str]] | None = None,
) -> None:
    """Publish ``faits`` in order, all or nothing. ``tx`` holds the clock until its end."""
    stamps = await clock.take(tx, len(faits))
    partitions = await _partitions(producer, {fait.topic for fait in faits})
    async with producer.transaction():
        envois = _Envois(producer)
        for i, (fait, stamp) in enumerate(zip(faits, stamps, strict=True)):
            headers = entetes(fait, horodatage_us(stamp))
            if extra and extra[i]:
                headers = _replaced(headers, extra[i])
            place = (fait.topic, partition_de(fait.cle, partitions[fait.topic]))
            await envois.add(place, fait, stamp // 1000, headers)
        await envois.settle()


class _Envois:
    """Record batches under way, one by partition: whole batches cost the client a quarter of single sends."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], Any] = {}
        self._sent: list[Awaitable[Any]] = []

    async def add(self, place: tuple[str, int], fait: Evenement, ms: int, headers: Sequence[Header]) -> None:
        record = {"timestamp": ms, "key": fait.cle.encode(), "value": fait.donnees, "headers": headers}
        batch = self._open.get(place)
        if batch is None or batch.append(**record) is None:
            if batch is not None:
                await self._send(place, batch)
            batch = self._open[place] = self._producer.create_batch()
            batch.append(**record)

    async def settle(self) -> None:
        for place, batch in self._open.items():
            await self._send(place, batch)
        await asyncio.gather(*self._sent)

    async def _send(self, place: tuple[str, int], batch: Any) -> None:
        batch.close()
        topic, partition = place
        self._sent.append(await self._producer.send_batch(batch, topic, partition=partition))


def _replaced(headers: Sequence[Header], extra: Mapping[str, str]) -> list[Header]:
    kept = [(name, value) for name, value in headers if name not in extra]
    return [*kept, *((name, value.encode()) for name, value in extra.items())]


async def _partitions(producer: AIOKafkaProducer, topics: set[str]) -> dict[str, int]:
    return {topic: len(await producer.partitions_for(topic)) for topic in topics}
