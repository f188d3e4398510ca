"""A window far behind: records as compressed bytes, apart by pupil, so that it can hold a great many.

All that a window knows of a pupil is folded and written at once, a few hundred pupils at a time.
"""

from collections.abc import Iterator

import cramjam

from shared.kafka.tranches import RANKS, Tranche

_CHUNK = 64 << 10
_WEIGHT = 300
"""Bytes that a tranche takes beside its octets."""
_TOGETHER = 4_000
"""Records handed over at once: enough for the statements they lead to, few enough for those who wait."""


class Packed:
    """Tranches in order of arrival, in compressed chunks by rank of pupils."""

    def __init__(self) -> None:
        self.records = self.bytes = 0
        self._open: list[list[Tranche]] = [[] for _ in range(RANKS)]
        self._weights = [0] * RANKS
        self._chunks: list[list[tuple[bytes, list[Tranche], list[int]]]] = [[] for _ in range(RANKS)]

    def add(self, tranche: Tranche) -> None:
        self.records += min(tranche.count, tranche.end - tranche.start)
        for rank, part in tranche.parts().items():
            self._open[rank].append(part)
            self._weights[rank] += len(part.octets)
            if self._weights[rank] >= _CHUNK:
                self._close(rank)

    def lots(self) -> Iterator[list[Tranche]]:
        """Everything, each pupil in one lot, his records in order of arrival; lots in order of ids."""
        lot: list[Tranche] = []
        records = 0
        for rank in range(RANKS):
            siens = [*self._reopened(rank), *self._open[rank]]
            lot += siens
            records += sum(tranche.count for tranche in siens)
            if records >= _TOGETHER:
                yield lot
                lot, records = [], 0
        if lot:
            yield lot

    def _close(self, rank: int) -> None:
        parts = self._open[rank]
        chunk = bytes(cramjam.lz4.compress_block(b"".join([part.octets for part in parts])))
        self._chunks[rank].append(
            (chunk, [part.holding(b"") for part in parts], [len(p.octets) for p in parts])
        )
        self.bytes += len(chunk) + _WEIGHT * len(parts)
        self._open[rank], self._weights[rank] = [], 0

    def _reopened(self, rank: int) -> Iterator[Tranche]:
        for chunk, parts, sizes in self._chunks[rank]:
            octets, p = bytes(cramjam.lz4.decompress_block(chunk)), 0
            for part, size in zip(parts, sizes, strict=True):
                yield part.holding(octets[p : p + size])
                p += size
