"""The spooled file of a bulk import: events in order, length-prefixed, readable from any rank."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from shared.events.enveloppe import Evenement

_LENGTH = struct.Struct("<I")
_encodeur = msgspec.msgpack.Encoder()
_decodeur = msgspec.msgpack.Decoder(Evenement)


class SpoolWriter:
    """Writes ``<path>.part`` and renames it at a clean close: a spool that exists is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._partial = path.with_suffix(path.suffix + ".part")
        self._file = self._partial.open("wb", buffering=1 << 20)

    def add(self, fait: Evenement) -> None:
        brut = _encodeur.encode(fait)
        self._file.write(_LENGTH.pack(len(brut)) + brut)
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._partial.replace(self.path)
        else:
            self._partial.unlink(missing_ok=True)


def read_chunks(path: Path, size: int, start: int = 0) -> Iterator[list[Evenement]]:
    """Events from rank ``start`` on, ``size`` at a time."""
    chunk: list[Evenement] = []
    with path.open("rb", buffering=1 << 20) as file:
        for rank, brut in enumerate(_records(file)):
            if rank < start:
                continue
            chunk.append(_decodeur.decode(brut))
            if len(chunk) == size:
                yield chunk
                chunk = []
    if chunk:
        yield chunk


def _records(file: BinaryIO) -> Iterator[bytes]:
    while header := file.read(_LENGTH.size):
        yield file.read(_LENGTH.unpack(header)[0])
