"""Kafka's record batches handed over whole, their records read by us only as far as they are needed.

The client makes an object of twelve fields and eight headers of every record: most of what consuming cost.
"""

from collections.abc import Iterator

from msgspec import Struct

Record = tuple[int, bytes | None, bytes | None, bytes]
"""Offset, key, value, and the bytes of the headers, which their number begins."""
_CONTINUED = 0x7F
_TWO_BYTES = 0x3FFF
"""The largest number of a varint of two bytes: nearly all lengths are less."""
RANKS = 32
_RANKS = {b"%02x" % octet: octet * RANKS // 256 for octet in range(256)}
"""By the two digits that begin the key, as they begin the id of a pupil; ids are drawn at random."""


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

    def records(self) -> Iterator[Record]:  # noqa: C901, PLR0912 - one loop, every branch of it timed
        """Written out (attributes, time and lengths are varints): it is run for every record of the log."""
        o, p, base, start, end = self.octets, 0, self.base, self.start, self.end
        for _ in range(self.count):
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = n & _CONTINUED | o[p] << 7, p + 1
                if n > _TWO_BYTES:
                    n, p = varint(o, p - 2)
            after = p + (n >> 1)
            p += 1
            while o[p] > _CONTINUED:
                p += 1
            n = o[p + 1]
            p += 2
            if n > _CONTINUED:
                n, p = n & _CONTINUED | o[p] << 7, p + 1
                if n > _TWO_BYTES:
                    n, p = varint(o, p - 2)
            offset = base + (n >> 1)
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = n & _CONTINUED | o[p] << 7, p + 1
                if n > _TWO_BYTES:
                    n, p = varint(o, p - 2)
            key = None
            if not n & 1:
                key = o[p : p + (n >> 1)]
                p += n >> 1
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = n & _CONTINUED | o[p] << 7, p + 1
                if n > _TWO_BYTES:
                    n, p = varint(o, p - 2)
            value = None
            if not n & 1:
                value = o[p : p + (n >> 1)]
                p += n >> 1
            if start <= offset < end:
                yield offset, key, value, o[p:after]
            p = after

    def parts(self) -> "dict[int, Tranche]":
        """The same records in at most :data:`RANKS` tranches by rank, in the same order.

        A rank holds pupils whose ids come after those of the ranks before: rows are locked in order of their ids.
        """
        slices = self._slices()
        topic, partition, base, start, end = self.topic, self.partition, self.base, self.start, self.end
        return {
            rank: Tranche(topic, partition, base, start, end, len(some), b"".join(some))
            for rank, some in slices.items()
        }

    def _slices(self) -> dict[int, list[bytes]]:
        o, p, ranks = self.octets, 0, _RANKS
        found: dict[int, list[bytes]] = {}
        for _ in range(self.count):
            first = p
            n = o[p]
            p += 1
            if n > _CONTINUED:
                n, p = n & _CONTINUED | o[p] << 7, p + 1
                if n > _TWO_BYTES:
                    n, p = varint(o, p - 2)
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
            rank = ranks.get(o[p + 1 : p + 3], 0)
            if rank in found:
                found[rank].append(o[first:after])
            else:
                found[rank] = [o[first:after]]
            p = after
        return found


def varint(octets: bytes, p: int) -> tuple[int, int]:
    """The number at ``p``, still in zigzag (odd: below zero), and where it ends."""
    n = shift = 0
    while True:
        octet = octets[p]
        n |= (octet & _CONTINUED) << shift
        p += 1
        if octet <= _CONTINUED:
            return n, p
        shift += 7
