"""Files of the feed: gzip without a date or a name, cut after so many lines."""

import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

LIGNES_PAR_FICHIER: Final = 2_000_000
_GZIP: Final = 31


class Feed:
    """``<base>.ndjson.gz``, then ``<base>-02.ndjson.gz`` and so on. ``fichiers``: name and lines of each."""

    def __init__(self, dossier: Path, base: str, niveau: int, maximum: int = LIGNES_PAR_FICHIER) -> None:
        self._dossier = dossier
        self._base = base
        self._niveau = niveau
        self._maximum = maximum
        self._sortie: IO[bytes] | None = None
        self._serre = zlib.compressobj(niveau, zlib.DEFLATED, _GZIP)
        self.fichiers: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fermer()

    def ecrire(self, lignes: list[bytes]) -> None:
        while lignes:
            if self._sortie is None:
                self._ouvrir()
            nom, ecrites = self.fichiers[-1]
            part, lignes = lignes[: self._maximum - ecrites], lignes[self._maximum - ecrites :]
            assert self._sortie is not None  # noqa: S101 - opened above
            self._sortie.write(self._serre.compress(b"".join(part)))
            self.fichiers[-1] = (nom, ecrites + len(part))
            if ecrites + len(part) == self._maximum:
                self._fermer()

    def _ouvrir(self) -> None:
        rang = len(self.fichiers) + 1
        nom = f"{self._base}.ndjson.gz" if rang == 1 else f"{self._base}-{rang:02d}.ndjson.gz"
        self._sortie = (self._dossier / nom).open("wb")
        self._serre = zlib.compressobj(self._niveau, zlib.DEFLATED, _GZIP)
        self.fichiers.append((nom, 0))

    def _fermer(self) -> None:
        if self._sortie is not None:
            self._sortie.write(self._serre.flush())
            self._sortie.close()
            self._sortie = None


def ecrire_tout(dossier: Path, base: str, niveau: int, lots: Iterable[list[bytes]]) -> list[tuple[str, int]]:
    with Feed(dossier, base, niveau) as feed:
        for lot in lots:
            feed.ecrire(lot)
    return feed.fichiers
