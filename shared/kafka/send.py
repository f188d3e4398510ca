"""Sending a batch in one Kafka transaction, stamped and partitioned; shared by relay and bulk."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import clock
from shared.events.enveloppe import Evenement, entetes, horodatage_us
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
        envois = []
        for i, (fait, stamp) in enumerate(zip(faits, stamps, strict=True)):
            entetes_ = entetes(fait, horodatage_us(stamp))
            if extra and extra[i]:
                remplaces = [(cle, valeur.encode()) for cle, valeur in extra[i].items()]
                entetes_ = [*((c, v) for c, v in entetes_ if c not in extra[i]), *remplaces]
            envois.append(
                await producer.send(
                    fait.topic,
                    value=fait.donnees,
                    key=fait.cle.encode(),
                    partition=partition_de(fait.cle, partitions[fait.topic]),
                    timestamp_ms=stamp // 1000,
                    headers=entetes_,
                )
            )
        await asyncio.gather(*envois)


async def _partitions(producer: AIOKafkaProducer, topics: set[str]) -> dict[str, int]:
    return {topic: len(await producer.partitions_for(topic)) for topic in topics}
