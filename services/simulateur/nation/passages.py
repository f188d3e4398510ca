"""Sorted runs on disk: each holds the facts of a few lycées, hour after hour, compressed hour by hour.

A run is read again one hour at a time, so that merging needs the memory of one hour of the nation; an hour
too big for that (the evening of the results) is merged line by line.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Final

from services.simulateur.nation.plume import Seaux

HEURE_EN_MEMOIRE: Final = 24 << 20
_MORCEAU: Final = 4 << 10
_INDEX = ".index"


def ecrire(chemin: Path, seaux: Seaux) -> set[int]:
    """The run of one block and, beside it, where each hour is; its lines are sorted here. Gives its hours."""
    heures, debuts, octets = array("Q"), array("Q", [0]), array("Q")
    with chemin.open("wb") as sortie:
        for heure in sorted(seaux):
            lignes = seaux.pop(heure)
            lignes.sort()
            brut = b"".join(lignes)
            heures.append(heure)
            debuts.append(debuts[-1] + sortie.write(zlib.compress(brut, 1)))
            octets.append(len(brut))
    chemin.with_suffix(_INDEX).write_bytes(b"".join(x.tobytes() for x in (heures, octets, debuts)))
    return set(heures)


@dataclass(frozen=True, slots=True)
class Segment:
    chemin: Path
    debut: int
    taille: int
    octets: int

    def lire(self) -> bytes:
        with self.chemin.open("rb") as source:
            source.seek(self.debut)
            return zlib.decompress(source.read(self.taille))

    def lignes(self) -> Iterator[bytes]:
        """Line by line, a few kilobytes at a time; the file is closed in between."""
        flux, reste, position, fin = zlib.decompressobj(), b"", self.debut, self.debut + self.taille
        while position < fin:
            with self.chemin.open("rb") as source:
                source.seek(position)
                morceau = source.read(min(_MORCEAU, fin - position))
            position += len(morceau)
            lignes = (reste + flux.decompress(morceau)).splitlines(keepends=True)
            reste = lignes.pop() if lignes and not lignes[-1].endswith(b"\n") else b""
            yield from lignes


def segments(chemins: list[Path], premiere: int, derniere: int) -> dict[int, list[Segment]]:
    """By hour, of ``premiere`` to ``derniere`` excluded; runs in the order given."""
    trouves: dict[int, list[Segment]] = {}
    for chemin in chemins:
        index = array("Q")
        index.frombytes(chemin.with_suffix(_INDEX).read_bytes())
        n = len(index) // 3
        heures, octets, debuts = index[:n], index[n : 2 * n], index[2 * n :]
        for i in range(bisect_left(heures, premiere), bisect_left(heures, derniere)):
            segment = Segment(chemin, debuts[i], debuts[i + 1] - debuts[i], octets[i])
            trouves.setdefault(heures[i], []).append(segment)
    return dict(sorted(trouves.items()))


def fusionner(morceaux: list[Segment]) -> Iterator[list[bytes]]:
    """The lines of one hour in order, in lots."""
    if sum(morceau.octets for morceau in morceaux) <= HEURE_EN_MEMOIRE:
        lignes = b"".join(morceau.lire() for morceau in morceaux).splitlines(keepends=True)
        lignes.sort()
        yield lignes
        return
    lot: list[bytes] = []
    for ligne in merge(*(morceau.lignes() for morceau in morceaux)):
        lot.append(ligne)
        if len(lot) == 20_000:  # noqa: PLR2004 - a lot that fits in a cache
            yield lot
            lot = []
    yield lot
