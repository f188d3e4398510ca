"""How every client of ours reaches the broker."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared.settings import Settings


def connection(settings: Settings) -> dict[str, Any]:
    return {"bootstrap_servers": settings.kafka_bootstrap}


def admin(settings: Settings) -> AIOKafkaAdminClient:
    return AIOKafkaAdminClient(**connection(settings))


async def partition_counts(settings: Settings, topics: Sequence[str]) -> dict[str, int]:
    """Partitions of each existing topic among ``topics``."""
    client = admin(settings)
    await client.start()
    try:
        described = await client.describe_topics(list(topics))
    finally:
        await client.close()
    return {found["topic"]: len(found["partitions"]) for found in described if not found["error_code"]}


def reader(settings: Settings, **options: Any) -> AIOKafkaConsumer:
    """A group-less reader of committed records."""
    return AIOKafkaConsumer(
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        **options,
    )


def fenced_producer(settings: Settings, transactional_id: str) -> AIOKafkaProducer:
    """The one producer of its ``transactional_id``: starting it fences the previous one."""
    return AIOKafkaProducer(
        **connection(settings),
        transactional_id=f"{settings.topic_prefix}pilotage.{settings.session}.{transactional_id}",
        acks="all",
        compression_type="lz4",
        max_batch_size=262_144,
        max_request_size=1_000_000,
        linger_ms=5,
        request_timeout_ms=30_000,
        transaction_timeout_ms=60_000,
    )
