"""Provisioning: the topics of a session, opened once with a partition count fixed for its life."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka.admin import NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from shared.events.topics import CATALOGUE, LECTEURS, Retention, Topic
from shared.kafka.clients import admin
from shared.settings import Settings

DAY_MS = 86_400_000
_REFERENTIEL_PARTITIONS = 1
_VISIBLE_S = 30.0


class SessionTopicsError(Exception):
    """Topics of another partition count than asked (a session's never changes), or that do not appear."""


def configuration(topic: Topic) -> dict[str, str]:
    """Kept whole until the session is purged, or compacted: names and texts only (facts §2)."""
    if topic.retention is Retention.ENTIERE:
        return {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
    return {
        "cleanup.policy": "compact",
        "min.compaction.lag.ms": str(DAY_MS),
        "delete.retention.ms": str(30 * DAY_MS),
    }


def consumers_of(topic: Topic) -> tuple[str, ...]:
    """Services that may refuse a record of ``topic``; each gets its rejects topic."""
    return LECTEURS.get(topic.nom, ())


async def open_session(settings: Settings, partitions: int, replication: int = 1) -> list[str]:
    """Create the missing topics of ``settings.session``; returns their names.

    Raises:
        SessionTopicsError: a pupil topic exists with another partition count, or the new ones do not appear.
    """
    wanted = list(_wanted(settings, partitions, replication))
    client = admin(settings)
    await client.start()
    try:
        existing = set(await client.list_topics())
        await _check(client, settings, partitions, existing)
        missing = [topic for topic in wanted if topic.name not in existing]
        if missing:
            await _create(client, missing)
            await _visible(client, {topic.name for topic in missing})
        return [topic.name for topic in missing]
    finally:
        await client.close()


async def topics_of_session(settings: Settings) -> list[str]:
    """Every topic of the session on the broker, rejects included."""
    client = admin(settings)
    await client.start()
    try:
        names = await client.list_topics()
    finally:
        await client.close()
    return sorted(name for name in names if name.startswith(f"{settings.topic_prefix}{settings.session}."))


async def delete_topics(settings: Settings, names: list[str]) -> None:
    client = admin(settings)
    await client.start()
    try:
        await client.delete_topics(names)
    finally:
        await client.close()


def _wanted(settings: Settings, partitions: int, replication: int) -> Iterable[NewTopic]:
    prefix, session = settings.topic_prefix, settings.session
    for topic in CATALOGUE:
        count = partitions if topic.par_eleve else _REFERENTIEL_PARTITIONS
        options = configuration(topic)
        yield NewTopic(topic.complet(prefix, session), count, replication, topic_configs=options)
        for service in consumers_of(topic):
            rejets = topic.rejets(prefix, session, service)
            yield NewTopic(rejets, 1, replication, topic_configs={"retention.ms": str(30 * DAY_MS)})


async def _create(client: object, missing: list[NewTopic]) -> None:
    try:
        await client.create_topics(missing)  # type: ignore[attr-defined]
    except TopicAlreadyExistsError:
        return


async def _visible(client: object, names: set[str]) -> None:
    """A broker learns of a topic a little after its creation: whoever opened the session may use it at once."""
    deadline = time.monotonic() + _VISIBLE_S
    while not names <= set(await client.list_topics()):  # type: ignore[attr-defined]
        if time.monotonic() > deadline:
            raise SessionTopicsError(f"the broker does not show its new topics after {_VISIBLE_S:.0f} s")
        await asyncio.sleep(0.05)


async def _check(client: object, settings: Settings, partitions: int, existing: set[str]) -> None:
    names = [
        name
        for topic in CATALOGUE
        if topic.par_eleve and (name := topic.complet(settings.topic_prefix, settings.session)) in existing
    ]
    for described in await client.describe_topics(names) if names else ():  # type: ignore[attr-defined]
        count = len(described["partitions"])
        if count != partitions:
            raise SessionTopicsError(
                f"{described['topic']} has {count} partitions: open the session with --partitions {count}"
            )
