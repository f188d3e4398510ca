"""Sending frames in one Kafka transaction, stamped and partitioned; shared by relay and bulk."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import clock
from shared.events.enveloppe import horodatages_us
from shared.kafka.framing import Frame, FramedBatch

MAX_VALUE_BYTES = 900_000
"""Below the broker's and producer's limit of 1 MB, headers included."""
_BATCH_BYTES = 262_144


async def send_batch(tx: AsyncConnection, producer: AIOKafkaProducer, frames: Sequence[Frame]) -> None:
    """Publish ``frames`` in order, all or nothing. ``tx`` holds the clock until its end."""
    stamps = await clock.take(tx, len(frames))
    partitions = await _partitions(producer, {frame.topic for frame in frames})
    async with producer.transaction():
        envois = _Envois(producer)
        for frame, stamp, text in zip(frames, stamps, horodatages_us(stamps), strict=True):
            place = (frame.topic, frame.bucket % partitions[frame.topic])
            batch = envois.open.get(place)
            if batch is None or batch.bytes + len(frame.head) > _BATCH_BYTES:
                batch = await envois.renew(place)
            batch.add(frame, text.encode(), stamp // 1000)
        await envois.settle()


class _Envois:
    """Record batches under way, one by partition."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._sent: list[Awaitable[Any]] = []
        self.open: dict[tuple[str, int], FramedBatch] = {}

    async def renew(self, place: tuple[str, int]) -> FramedBatch:
        """A new batch, once the one that is full is on its way."""
        if full := self.open.get(place):
            await self._send(place, full)
        batch = self.open[place] = FramedBatch(transactional=True)
        return batch

    async def settle(self) -> None:
        for place, batch in self.open.items():
            await self._send(place, batch)
        await asyncio.gather(*self._sent)

    async def _send(self, place: tuple[str, int], batch: FramedBatch) -> None:
        topic, partition = place
        self._sent.append(await self._producer.send_batch(batch, topic, partition=partition))


async def _partitions(producer: AIOKafkaProducer, topics: set[str]) -> dict[str, int]:
    return {topic: len(await producer.partitions_for(topic)) for topic in topics}
