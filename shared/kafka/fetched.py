"""What the client fetched, as tranches instead of its own records, for the consumers that ask for them.

They ask by ``key_deserializer=TRANCHES`` after :func:`install`: to every other consumer the client is as it was. What follows
:class:`aiokafka.consumer.fetcher.PartitionRecords` (CRC, aborted transactions, control batches, positions) is tested
beside it.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import Any

from aiokafka import TopicPartition, codec
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.control_record import ABORT_MARKER, ControlRecord
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from shared.kafka.tranches import Tranche

_OPENING = struct.Struct(">qiibIhiqqqhii")
_LENGTH = struct.Struct(">i")
_LENGTH_AT, _AFTER_LENGTH, _FROM_CRC, _SMALLEST = 8, 12, 21, 61
_MAGIC, _CODEC, _TRANSACTIONAL, _CONTROL = 2, 0x07, 0x10, 0x20
_READ_COMMITTED = 1
_DECODERS: dict[int, Callable[[Any], bytes]] = {
    0: bytes,
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}
_TheirRecords = fetcher.PartitionRecords


def TRANCHES(octets: bytes) -> bytes:  # noqa: N802 - a mark, never called
    """Given as ``key_deserializer``: this consumer wants tranches."""
    return octets


class Fetched:
    """The bytes of one partition in a fetch, which may end in the middle of a batch."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def has_next(self) -> bool:
        return bool(_ends(self.octets, 0))

    def size_in_bytes(self) -> int:
        return len(self.octets)


class TranchesOf:
    """The fetcher's view of them: an iterator, and where the next fetch starts."""

    def __init__(
        self,
        tp: TopicPartition,
        fetched: Fetched,
        aborted: Sequence[tuple[int, int]] | None,
        fetch_offset: int,
        isolation: int,
    ) -> None:
        self.next_fetch_offset = fetch_offset
        self._tp = tp
        self._aborted = sorted(aborted or (), key=lambda un: un[1]) if isolation == _READ_COMMITTED else []
        self._aborting: set[int] = set()
        self._tranches = self._read(memoryview(fetched.octets))

    def __iter__(self) -> Iterator[Tranche]:
        return self

    def __next__(self) -> Tranche:
        return next(self._tranches)

    def _read(self, octets: memoryview) -> Iterator[Tranche]:
        first = 0
        while last := _ends(octets, first):
            tranche = self._tranche(octets[first:last])
            first = last
            if tranche is not None:
                yield tranche

    def _tranche(self, batch: memoryview) -> Tranche | None:
        """None when it has no record to read: control, aborted, or emptied by compaction."""
        base, _, _, magic, crc, attributes, last, _, _, producer, _, _, count = _OPENING.unpack_from(batch)
        if magic != _MAGIC or calc_crc32c(batch[_FROM_CRC:]) != crc:
            raise CorruptRecordException(f"invalid batch: {self._tp}")
        start, self.next_fetch_offset = self.next_fetch_offset, max(self.next_fetch_offset, base + last + 1)
        dropped = self._is_aborted(batch, base, attributes, producer)
        if dropped or attributes & _CONTROL or not count or start >= self.next_fetch_offset:
            return None
        octets = _DECODERS[attributes & _CODEC](batch[_SMALLEST:])
        topic, partition = self._tp
        return Tranche(topic, partition, base, max(start, base), base + last + 1, count, octets)

    def _is_aborted(self, batch: memoryview, base: int, attributes: int, producer: int) -> bool:
        while self._aborted and self._aborted[0][1] <= base:
            self._aborting.add(self._aborted.pop(0)[0])
        if attributes & _CONTROL and producer in self._aborting and _is_abort(batch):
            self._aborting.discard(producer)
        return bool(attributes & _TRANSACTIONAL) and producer in self._aborting


def _ends(octets: Any, first: int) -> int:
    """Where the batch that begins at ``first`` ends; 0 when it is not whole."""
    if len(octets) < first + _SMALLEST:
        return 0
    last: int = first + _AFTER_LENGTH + _LENGTH.unpack_from(octets, first + _LENGTH_AT)[0]
    return last if last <= len(octets) else 0


def _is_abort(batch: memoryview) -> bool:
    _, key, _, _ = next(Tranche("", 0, 0, 0, 1, 1, bytes(batch[_SMALLEST:])).records())
    return bool(ControlRecord.parse(key) == ABORT_MARKER)


def _records(  # noqa: PLR0917 - the client's own signature
    tp: TopicPartition,
    fetched: Fetched,
    aborted: Any,
    fetch_offset: int,
    key_deserializer: Any,
    value_deserializer: Any,
    check_crcs: bool,
    isolation: int,
) -> Any:
    if key_deserializer is TRANCHES:
        return TranchesOf(tp, fetched, aborted, fetch_offset, isolation)
    theirs = MemoryRecords(fetched.octets)
    return _TheirRecords(
        tp, theirs, aborted, fetch_offset, key_deserializer, value_deserializer, check_crcs, isolation
    )


def install() -> None:
    """Put our reading between the client's fetcher and its own, once in a process.

    Raises:
        RuntimeError: the client is not the one that this was written for.
    """
    if fetcher.PartitionRecords is _records:
        return
    if fetcher.PartitionRecords is not _TheirRecords or tuple(signature(_TheirRecords).parameters) != _SHAPE:
        raise RuntimeError(
            "this version of aiokafka reads record batches in another way: see docs/decisions/0032"
        )
    fetcher.MemoryRecords = Fetched
    fetcher.PartitionRecords = _records


_SHAPE = (
    "tp",
    "records",
    "aborted_transactions",
    "fetch_offset",
    "key_deserializer",
    "value_deserializer",
    "check_crcs",
    "isolation_level",
)
