"""One upload on disk: a single writer, whatever the process, and bytes that count once they are fsynced."""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_DROITS = 0o600
_LECTURE = 4 << 20
_TOUR_S = 0.05


class OccupeError(Exception):
    """Somebody else writes this upload and did not let go in time."""


class Ecrivain:
    """Appends from ``position`` on. ``somme``: SHA-256 of everything before it, or None when not known."""

    def __init__(self, descripteur: int, position: int, somme: Any | None) -> None:
        self._descripteur = descripteur
        self.position = position
        self.somme = somme
        os.ftruncate(descripteur, position)
        os.lseek(descripteur, position, os.SEEK_SET)

    def ecrire(self, morceau: bytes) -> None:
        vue = memoryview(morceau)
        while vue:
            vue = vue[os.write(self._descripteur, vue) :]
        if self.somme is not None:
            self.somme.update(morceau)
        self.position += len(morceau)

    async def asseoir(self) -> int:
        """Put what was written on disk for good; the position from which it is."""
        position = self.position
        await asyncio.to_thread(os.fsync, self._descripteur)
        return position


@asynccontextmanager
async def seul(chemin: Path, patience_s: float) -> AsyncIterator[int]:
    """The file, open and locked: the lock goes with the process that dies.

    Raises:
        OccupeError: another writer kept it for longer than ``patience_s``.
    """
    descripteur = os.open(chemin, os.O_RDWR | os.O_CREAT, _DROITS)
    try:
        fin = asyncio.get_running_loop().time() + patience_s
        while not _verrouiller(descripteur):
            if asyncio.get_running_loop().time() > fin:
                raise OccupeError
            await asyncio.sleep(_TOUR_S)
        yield descripteur
    finally:
        os.close(descripteur)


def _verrouiller(descripteur: int) -> bool:
    try:
        fcntl.flock(descripteur, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sha256(chemin: Path) -> str:
    """Of a whole file, in constant memory."""
    somme = hashlib.sha256()
    with chemin.open("rb") as fichier:
        while morceau := fichier.read(_LECTURE):
            somme.update(morceau)
    return somme.hexdigest()
