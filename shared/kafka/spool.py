"""The spooled file of a bulk import: frames in order, in blocks, readable from any rank."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from shared.events.enveloppe import Evenement
from shared.kafka.framing import Frame, frame

_HEADER = struct.Struct("<II")
"""Of a block: its frames and its bytes."""
_BLOCK = 1_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Frame]).decode


class SpoolWriter:
    """Writes ``<path>.part`` and renames it at a clean close: a spool that exists is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0
        self._block: list[Frame] = []
        self._partial = path.with_suffix(path.suffix + ".part")
        self._file = self._partial.open("wb", buffering=1 << 20)

    @property
    def count(self) -> int:
        return self._written + len(self._block)

    def add(self, fait: Evenement) -> None:
        self.add_frame(frame(fait))

    def add_frame(self, frame: Frame) -> None:
        self._block.append(frame)
        if len(self._block) >= _BLOCK:
            self._write()

    def _write(self) -> None:
        brut = _encode(self._block)
        self._file.write(_HEADER.pack(len(self._block), len(brut)) + brut)
        self._written += len(self._block)
        self._block.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._block:
            self._write()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._partial.replace(self.path)
        else:
            self._partial.unlink(missing_ok=True)


def read_chunks(path: Path, size: int, start: int = 0) -> Iterator[list[Frame]]:
    """Frames from rank ``start`` on, ``size`` at a time."""
    chunk: list[Frame] = []
    with path.open("rb", buffering=1 << 20) as file:
        for block in _blocks(file, start):
            chunk += block
            while len(chunk) >= size:
                yield chunk[:size]
                chunk = chunk[size:]
    if chunk:
        yield chunk


def _blocks(file: BinaryIO, start: int) -> Iterator[list[Frame]]:
    while header := file.read(_HEADER.size):
        count, length = _HEADER.unpack(header)
        if start >= count:
            file.seek(length, os.SEEK_CUR)
        else:
            yield _decode(file.read(length))[start:]
        start = max(0, start - count)
