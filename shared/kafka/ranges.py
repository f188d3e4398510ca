"""What an operator must mend before a consumer may read: offsets out of the log, unequal partitions."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from shared.db.offsets import Place


def unequal(kafka: Any, topics: Sequence[str]) -> str | None:
    """A sentence when counts differ: Range assignment keeps a pupil together only over equal ones."""
    counts = {topic: len(kafka.partitions_for_topic(topic) or ()) for topic in topics}
    if len({count for count in counts.values() if count}) > 1:
        return f"the pupil topics have unequal partition counts: {counts}"
    return None


async def out_of_range(kafka: Any, stored: Mapping[Place, int]) -> str | None:
    """A sentence when the log no longer holds a stored offset."""
    tps = [TopicPartition(place.topic, place.part) for place in stored]
    if not tps:
        return None
    first, last = await asyncio.gather(kafka.beginning_offsets(tps), kafka.end_offsets(tps))
    for tp, offset in zip(tps, stored.values(), strict=True):
        if not first[tp] <= offset <= last[tp]:
            return (
                f"offset {offset} of {tp.topic}[{tp.partition}] is no longer in the log"
                f" ({first[tp]}..{last[tp]}): restore the topic or run `pilotage rebuild`"
            )
    return None


async def behind(kafka: Any, stored: Mapping[Place, int]) -> dict[Place, int]:
    """Records (and markers) that the log holds after each stored offset."""
    tps = [TopicPartition(place.topic, place.part) for place in stored]
    last = await kafka.end_offsets(tps) if tps else {}
    return {place: max(0, last[tp] - offset) for tp, (place, offset) in zip(tps, stored.items(), strict=True)}
