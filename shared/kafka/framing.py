"""Records framed once, by who makes them, for the batches that carry them (Kafka record batch, version 2).

A frame is a record but for what only the moment of sending knows: its stamp, offset and time. Sending is
then little more than joining bytes: the client's own builder costs ten times as much.
"""

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache

import cramjam
from aiokafka.record.util import calc_crc32c
from msgspec import Struct

from shared.events.enveloppe import Evenement, Header, entetes, horodatage_us
from shared.kafka.partition import hash_de

_STAMP_HEADER = "ce_recordedtime"
_BATCH_HEADER = struct.Struct(">qiibIhiqqqhii")
_CRC = struct.Struct(">I")
_FROM_CRC, _AFTER_CRC, _AFTER_LENGTH = 17, 21, 12
_MAGIC, _LZ4, _TRANSACTIONAL = 2, 0x03, 0x10
_LZ4_LEVEL = 1
"""The client's level, 9, compresses a fifth better and takes eight times as long."""
_NULL = b"\x01"


class Frame(Struct, frozen=True, gc=False, array_like=True):
    """``bucket``: hash of the pupil, by which the partition is chosen. The stamp goes between head and tail."""

    topic: str
    bucket: int
    head: bytes
    tail: bytes


def varint(n: int) -> bytes:
    """``n`` ≥ 0, zigzag encoded."""
    n <<= 1
    octets = bytearray()
    while n > 0x7F:  # noqa: PLR2004 - seven bits a byte
        octets.append(n & 0x7F | 0x80)
        n >>= 7
    octets.append(n)
    return bytes(octets)


_VARINTS = tuple(varint(n) for n in range(1 << 14))


def _varint(n: int) -> bytes:
    return _VARINTS[n] if n < len(_VARINTS) else varint(n)


def sized(octets: bytes | None) -> bytes:
    """Bytes after their length; None has none."""
    return _NULL if octets is None else _varint(len(octets)) + octets


def header(nom: str, valeur: bytes) -> bytes:
    return sized(nom.encode()) + sized(valeur)


_STAMP = horodatage_us(0).encode()
_ID, _TIME = "i" * 36, "t" * 27
"""Of the lengths that nearly all ids and times have: their headers differ by nothing else."""


@lru_cache(maxsize=64)
def _opening(headers: int) -> bytes:
    """What stands between the value and the stamp, in a record of so many headers, the stamp's included."""
    return varint(headers) + sized(_STAMP_HEADER.encode()) + varint(len(_STAMP))


def frame(fait: Evenement, extra: Mapping[str, str] | None = None) -> Frame:
    """``extra``: headers that replace those of the same name, or come after."""
    cle, valeur = fait.cle.encode(), fait.donnees
    if extra or valeur is None or len(fait.id) != len(_ID) or len(fait.time) != len(_TIME):
        return _any_frame(fait, extra or {})
    before, between, after, opening = _usual_headers(fait.type, fait.source)
    head = b"".join((_varint(len(cle)), cle, _varint(len(valeur)), valeur, opening))
    tail = b"".join((before, fait.id.encode(), between, fait.time.encode(), after))
    return Frame(fait.topic, hash_de(fait.cle), head, tail)


class Framer:
    """Frames of events of one topic, type, time and source: what they share is made once."""

    def __init__(self, topic: str, type_: str, time: str, source: str) -> None:
        """``time``: of the usual, fixed width."""
        before, between, after, self._opening = _usual_headers(type_, source)
        self._topic, self._before, self._after = topic, before, between + time.encode() + after

    def frame(self, cle: bytes, bucket: int, id_: str, valeur: bytes) -> Frame:
        """``bucket``: hash of the pupil; ``id_``: a UUID's text."""
        head = b"".join((_varint(len(cle)), cle, _varint(len(valeur)), valeur, self._opening))
        return Frame(self._topic, bucket, head, b"".join((self._before, id_.encode(), self._after)))


def _any_frame(fait: Evenement, extra: Mapping[str, str]) -> Frame:
    kept = [un for un in _after_stamp(fait) if un[0] not in extra]
    headers = [*kept, *((nom, valeur.encode()) for nom, valeur in extra.items())]
    head = sized(fait.cle.encode()) + sized(fait.donnees) + _opening(1 + len(headers))
    return Frame(fait.topic, hash_de(fait.cle), head, b"".join([header(*un) for un in headers]))


@lru_cache(maxsize=256)
def _usual_headers(type_: str, source: str) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before the id, between id and time, after the time; and the opening."""
    modele = Evenement(topic="", cle="", type=type_, id=_ID, time=_TIME, source=source, donnees=None)
    headers = _after_stamp(modele)
    before, _, suite = b"".join([header(*un) for un in headers]).partition(_ID.encode())
    between, _, after = suite.partition(_TIME.encode())
    return before, between, after, _opening(1 + len(headers))


def _after_stamp(fait: Evenement) -> Sequence[Header]:
    return [un for un in entetes(fait, "") if un[0] != _STAMP_HEADER]


class FramedBatch:
    """One record batch; to the client's producer, the builder of a batch of its own."""

    def __init__(self, *, transactional: bool) -> None:
        self._attributes = _LZ4 | (_TRANSACTIONAL if transactional else 0)
        self._records: list[bytes] = []
        self._count = 0
        self._first = self._last = 0
        self._producer = (-1, -1, -1)
        self._built: bytes | None = None
        self.bytes = _BATCH_HEADER.size

    def add(self, frame: Frame, stamp: bytes, ms: int) -> None:
        """``ms``: the record's time, never less than that of the one before."""
        if not self._count:
            self._first = ms
        self._last = ms
        record = b"".join(
            (b"\0", _varint(ms - self._first), _varint(self._count), frame.head, stamp, frame.tail)
        )
        self._records += (_varint(len(record)), record)
        self._count += 1
        self.bytes += len(record)

    def record_count(self) -> int:
        return self._count

    def close(self) -> None:
        """Nothing is added to it once it is handed over."""

    def closed(self) -> bool:
        return True

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._producer = (producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytes:
        if self._built is None:
            self._built = self._encode()
            self._records.clear()
        return self._built

    def _encode(self) -> bytes:
        compressed = _lz4(b"".join(self._records))
        batch = bytearray(_BATCH_HEADER.size) + compressed
        _BATCH_HEADER.pack_into(
            batch, 0, 0, len(batch) - _AFTER_LENGTH, -1, _MAGIC, 0,
            self._attributes, self._count - 1, self._first, self._last, *self._producer, self._count,
        )  # fmt: skip
        _CRC.pack_into(batch, _FROM_CRC, calc_crc32c(memoryview(batch)[_AFTER_CRC:]))
        return bytes(batch)


def _lz4(octets: bytes) -> bytes:
    """Independent blocks and no checksum: what brokers expect (KIP-57)."""
    compressor = cramjam.lz4.Compressor(level=_LZ4_LEVEL, content_checksum=False, block_linked=False)
    compressor.compress(octets)
    return bytes(compressor.finish())
