"""Records as the client's own builder writes them, read back as tranches."""

from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from shared.kafka.fetched import Fetched, TranchesOf
from shared.kafka.tranches import Tranche


def lot(records: Sequence["ConsumerRecord[Any, Any]"], *, compression: int = 0, base: int = 0) -> bytes:
    """One record batch; offsets as the records say, from ``base`` of the log."""
    batch = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, -1, 1 << 22)  # type: ignore[abstract]
    for record in records:
        headers = [(nom, valeur) for nom, valeur in record.headers]
        batch.append(record.offset - base, record.timestamp, record.key, record.value, headers)
    octets = bytearray(batch.build())
    octets[:8] = base.to_bytes(8, "big")
    return bytes(octets)


def tranches(octets: bytes, topic: str, *, depuis: int = 0, avortees: Any = ()) -> list[Tranche]:
    """What a fetch from ``depuis`` gives."""
    return list(TranchesOf(TopicPartition(topic, 0), Fetched(octets), avortees, depuis, 1))


def tranche(records: Sequence["ConsumerRecord[Any, Any]"]) -> Tranche:
    (lue,) = tranches(lot(records), records[0].topic)
    return lue
