"""The watch beside a consumer: lag, freshness, broker in reach, advisory commit, lost partitions."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from aiokafka import OffsetAndMetadata, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from sqlalchemy.exc import SQLAlchemyError

from shared.kafka.consumer import Consumer
from shared.observe import metrics
from shared.observe.health import Health

_log = structlog.get_logger()
_TICK_S = 1.0
_SURVEY_EVERY = 5
_REACH_TIMEOUT_S = 5.0


async def watch(consumer: Consumer, health: Health) -> None:
    """Runs until cancelled; never raises."""
    tick = 0
    while True:
        try:
            await consumer.readopt_if_lost()
            if tick % _SURVEY_EVERY == 0:
                await _survey(consumer, health)
        except Exception as erreur:  # noqa: BLE001 - the watch outlives what it watches
            _log.warning("watch failed", error=type(erreur).__name__)
        tick += 1
        await asyncio.sleep(_TICK_S)


async def subscribe(consumer: Consumer, broker: KafkaBroker, health: Health) -> None:
    """Start the subscriber as soon as the broker answers and the topics exist; until then, say what lacks."""
    while True:
        try:
            missing = await consumer.missing_topics()
            if not missing:
                await broker.start()
                health.green("topics")
                return
            _say_missing(health, missing)
            health.green("kafka")
        except (KafkaError, OSError, TimeoutError) as erreur:
            health.red("kafka", "the broker does not answer")
            _log.warning("not subscribed yet", error=type(erreur).__name__)
            await broker.stop()
        await asyncio.sleep(_TICK_S)


def _say_missing(health: Health, missing: Sequence[str]) -> None:
    health.red("topics", f"topic {missing[0]} does not exist: run `pilotage session open`")


async def _survey(consumer: Consumer, health: Health) -> None:
    kafka = consumer.kafka
    if kafka is None:
        return
    assigned = kafka.assignment()
    try:
        ends = await asyncio.wait_for(kafka.end_offsets(assigned), _REACH_TIMEOUT_S) if assigned else {}
    except (KafkaError, TimeoutError):
        health.red("kafka", "the broker does not answer")
        return
    health.green("kafka")
    missing = [topic for topic in consumer.topics if not kafka.partitions_for_topic(topic)]
    if missing:
        _say_missing(health, missing)
    else:
        health.green("topics")
    await _publish_lag(consumer, ends)
    await _commit(consumer)
    await _check_stored(consumer, health)


async def _check_stored(consumer: Consumer, health: Health) -> None:
    """Also the only word of a database that is away while no record comes."""
    try:
        await asyncio.wait_for(consumer.check_range(), _REACH_TIMEOUT_S)
    except (SQLAlchemyError, OSError, TimeoutError):
        health.red("postgresql", "PostgreSQL does not answer; retrying")
    else:
        health.green("postgresql")


async def _publish_lag(consumer: Consumer, ends: dict[TopicPartition, int]) -> None:
    lags = {topic.objet: 0 for topic in consumer.topics.values()}
    for place in consumer.positions():  # adopted, so that their position is known without a wait
        tp = TopicPartition(place.topic, place.part)
        read = await consumer.kafka.position(tp)
        lags[consumer.topics[tp.topic].objet] += max(0, ends.get(tp, 0) - read)
    consumer.notice_silence(waiting=any(lags.values()))
    for objet, lag in lags.items():
        metrics.LAG.labels(consumer.nom, objet).set(lag)
    metrics.FRESHNESS.labels(consumer.nom).set(_age(consumer) if any(lags.values()) else 0)


def _age(consumer: Consumer) -> float:
    last = consumer.flusher.last_recordedtime
    if not last:
        return 0.0
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(last)).total_seconds())


async def _commit(consumer: Consumer) -> None:
    """For the operators' usual lag tools; nothing of ours reads it."""
    offsets = {
        TopicPartition(place.topic, place.part): OffsetAndMetadata(offset, "")
        for place, offset in consumer.positions().items()
    }
    if offsets:
        try:
            await consumer.kafka.commit(offsets)
        except KafkaError:
            _log.debug("advisory commit skipped")
