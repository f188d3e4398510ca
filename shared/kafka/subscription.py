"""The FastStream batch subscriber, and what its client says of positions."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Protocol, cast

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.db.offsets import Place
from shared.kafka.fetched import TRANCHES, install
from shared.kafka.records import Codec
from shared.kafka.tranches import Tranche
from shared.settings import Settings

FETCH_BYTES = 2 << 20
_FETCH_BYTES_IN_ALL = 16 << 20
_BATCHES = 32
"""Record batches handed over at once: a few MB."""


class Member(Protocol):
    """What a member of the group does when partitions come and go."""

    def hold(self, assigned: Collection[TopicPartition]) -> bool:
        """Fetch nothing of them yet."""

    async def adopt(self, assigned: Collection[TopicPartition]) -> bool:
        """Take them over."""

    async def revoked(self) -> None:
        """Give them up."""


def subscribe(
    broker: KafkaBroker,
    settings: Settings,
    codec: Codec,
    member: Member,
    handler: Callable[[tuple[Tranche, ...]], Awaitable[None]],
    *,
    group_id: str,
) -> Any:
    """One subscriber for all the codec's topics: Range keeps a pupil's partitions together, offsets are ours."""
    install()
    subscriber = broker.subscriber(
        *codec.topics,
        group_id=group_id,
        group_instance_id=settings.group_instance_id,
        batch=True,
        max_records=_BATCHES,
        key_deserializer=TRANCHES,
        batch_timeout_ms=settings.batch_timeout_ms,
        fetch_max_wait_ms=settings.batch_timeout_ms,
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=_FETCH_BYTES_IN_ALL,
        auto_offset_reset="none",
        isolation_level="read_committed",
        partition_assignment_strategy=[RangePartitionAssignor],
        session_timeout_ms=settings.session_timeout_ms,
        ack_policy=AckPolicy.MANUAL,
        listener=_Listener(member),
        parser=codec.parse,
        codec=cast("Any", codec),
    )
    subscriber(handler)
    return subscriber


async def fetched_to(kafka: Any, fetched: Iterable[Tranche]) -> dict[Place, int]:
    """Position of each partition of the batch just after its fetch; absent when seeked or lost since."""
    reached: dict[Place, int] = {}
    for topic, part in {(tranche.topic, tranche.partition) for tranche in fetched}:
        try:
            reached[Place(topic, part)] = await kafka.position(TopicPartition(topic, part))
        except IllegalStateError:
            continue
    return reached


def waiting(kafka: Any, positions: Mapping[Place, int], ends: Mapping[Place, int]) -> dict[Place, int]:
    """Records that wait on the broker after ``positions``, as far as the last fetch said, or ``ends`` before."""
    return {
        place: max(0, (kafka.highwater(TopicPartition(*place)) or ends.get(place, 0)) - position)
        for place, position in positions.items()
    }


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, member: Member) -> None:
        self._member = member

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked
        await self._member.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._member.hold(assigned)
        await self._member.adopt(assigned)
