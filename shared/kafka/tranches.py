"""Kafka's record batches handed over whole, their records read by us only as far as they are needed.

The client makes an object of twelve fields and eight headers of every record: most of what consuming cost.
"""

from collections.abc import Iterator

from msgspec import Struct

Record = tuple[int, bytes | None, bytes | None, bytes]
"""Offset, key, value, and the bytes of the headers, which their number begins."""
Header = tuple[str, bytes]
_CONTINUED = 0x7F
_ID = 36
"""Length of a pupil's id, which begins the key."""


class Tranche(Struct, frozen=True, gc=False):
    """Records of one partition that follow each other, from ``start`` to before ``end``, as bytes.

    ``base``: what their offsets are counted from. ``count``: of those in ``octets``, which may begin
    before ``start``.
    """

    topic: str
    partition: int
    base: int
    start: int
    end: int
    count: int
    octets: bytes

    @property
    def offset(self) -> int:
        """Where it begins, by the name that the client's records give it."""
        return self.start

    def entre(self, start: int, end: int) -> "Tranche":
        """Without what comes before ``start``, nor from ``end`` on."""
        if start <= self.start and end >= self.end:
            return self
        start, end = max(start, self.start), min(end, self.end)
        return Tranche(self.topic, self.partition, self.base, start, end, self.count, self.octets)

    def holding(self, octets: bytes) -> "Tranche":
        """The same place in the log, with those bytes."""
        return Tranche(self.topic, self.partition, self.base, self.start, self.end, self.count, octets)

    def records(self) -> Iterator[Record]:
        """Written out (attributes, time and lengths are varints): it is run for every record of the log."""
        o, p, base, start, end = self.octets, 0, self.base, self.start, self.end
        for _ in range(self.count):
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = _varint(o, p - 1)
            after = p + (n >> 1)
            p += 1
            while o[p] > _CONTINUED:
                p += 1
            n = o[p + 1]
            p += 2
            if n > _CONTINUED:
                n, p = _varint(o, p - 1)
            offset = base + (n >> 1)
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = _varint(o, p - 1)
            key = None
            if not n & 1:
                key = o[p : p + (n >> 1)]
                p += n >> 1
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = _varint(o, p - 1)
            value = None
            if not n & 1:
                value = o[p : p + (n >> 1)]
                p += n >> 1
            if start <= offset < end:
                yield offset, key, value, o[p:after]
            p = after

    def parts(self, number: int) -> "dict[int, Tranche]":
        """The same records in at most ``number`` tranches, those of one pupil in the same, in the same order."""
        slices = self._slices(number)
        topic, partition, base, start, end = self.topic, self.partition, self.base, self.start, self.end
        return {
            rank: Tranche(topic, partition, base, start, end, len(some), b"".join(some))
            for rank, some in slices.items()
        }

    def _slices(self, number: int) -> dict[int, list[bytes]]:
        o, p = self.octets, 0
        found: dict[int, list[bytes]] = {}
        for _ in range(self.count):
            first = p
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = _varint(o, p - 1)
            after = p + (n >> 1)
            p += 1
            while o[p] > _CONTINUED:
                p += 1
            p += 1
            while o[p] > _CONTINUED:
                p += 1
            p += 1
            while o[p] > _CONTINUED:
                p += 1
            rank = hash(o[p + 1 : p + 1 + _ID]) % number
            if rank in found:
                found[rank].append(o[first:after])
            else:
                found[rank] = [o[first:after]]
            p = after
        return found


def headers(octets: bytes) -> tuple[Header, ...]:
    """Of a record."""
    n, p = _varint(octets, 0)
    read = []
    for _ in range(n >> 1):
        name, p = _sized(octets, p)
        value, p = _sized(octets, p)
        read.append(((name or b"").decode("utf-8", "replace"), value or b""))
    return tuple(read)


_STAMP_OPENING, _TYPE_OPENING = b"\x1ece_recordedtime\x36", b"\x0ece_type"
_ID_OPENING, _TIME_OPENING = b"\x0ace_id\x48", b"\x0ece_time\x36"


def usual_opening(octets: bytes) -> tuple[str, bytes] | None:
    """``ce_recordedtime`` and ``ce_type`` where our producers put them; None when they are not there."""
    if octets[1:18] != _STAMP_OPENING or octets[45:53] != _TYPE_OPENING or octets[53] > _CONTINUED:
        return None
    return octets[18:45].decode("ascii", "replace"), octets[54 : 54 + (octets[53] >> 1)]


def usual_time(octets: bytes) -> bytes | None:
    """``ce_time`` where our producers put it, after an id of the usual length; None when it is not there."""
    if octets[1:18] != _STAMP_OPENING or octets[45:53] != _TYPE_OPENING or octets[53] > _CONTINUED:
        return None
    p = 54 + (octets[53] >> 1)
    if octets[p : p + 7] != _ID_OPENING or octets[p + 43 : p + 52] != _TIME_OPENING:
        return None
    return octets[p + 52 : p + 79]


def _sized(octets: bytes, p: int) -> tuple[bytes | None, int]:
    n, p = _varint(octets, p)
    if n & 1:
        return None, p
    return octets[p : p + (n >> 1)], p + (n >> 1)


def _varint(octets: bytes, p: int) -> tuple[int, int]:
    """The number at ``p``, still in zigzag (odd: below zero), and where it ends."""
    n = shift = 0
    while True:
        octet = octets[p]
        n |= (octet & _CONTINUED) << shift
        p += 1
        if octet <= _CONTINUED:
            return n, p
        shift += 7
