"""Rows of the first sheet of a workbook (.xls or .xlsx), read by calamine in a process of its own.

The library is native code that allocates what a file announces: its process has limits of memory and
time, and what happens to it happens to nobody else. ``python -m services.ingest.readers.classeur F``
writes one JSON line per row: its number and its cells.
"""

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec

from services.ingest.refus import FichierRefuse

LIGNES_MAX, COLONNES_MAX = 20_000, 400
_MEMOIRE, _SECONDES = 1 << 30, 20
Cellule = str | int | float | bool | date | datetime | time | timedelta


def lignes_du_classeur(chemin: Path) -> Generator[tuple[int, list[str]]]:
    """Texts of the cells of the first sheet by line, numbered as Excel does: dates as JJ/MM/AAAA, whole numbers bare.

    Raises:
        FichierRefuse: no workbook, damaged, too large, or protected; told at the latest after the last line.
    """
    with subprocess.Popen(  # noqa: S603 - our own module, a path of ours
        [sys.executable, "-m", __name__, str(chemin)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as enfant:
        try:
            yield from _recevoir(enfant)
        finally:
            enfant.kill()


def _recevoir(enfant: "subprocess.Popen[bytes]") -> Iterator[tuple[int, list[str]]]:
    for brute in enfant.stdout or ():
        if not brute.endswith(b"\n"):
            break
        numero, ligne = _DECODEUR.decode(brute)
        if ligne == [_FIN]:
            return
        yield numero, ligne
    raise FichierRefuse(
        "CLASSEUR", "Le fichier Excel est abîmé, protégé ou trop gros : refaites l’export ElevesComplete."
    )


_DECODEUR = msgspec.json.Decoder(tuple[int, list[str]])
_FIN = "\x00fin"
"""Says that all was read; no cell holds it."""


def _ecrire(chemin: str) -> None:
    encode = msgspec.json.Encoder().encode
    for numero, ligne in _lignes(chemin):
        sys.stdout.buffer.write(encode((numero, ligne)) + b"\n")
    sys.stdout.buffer.write(encode((0, [_FIN])) + b"\n")
    sys.stdout.buffer.flush()


def _lignes(chemin: str) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import load_workbook  # noqa: PLC0415 - loaded in the child only

    with load_workbook(chemin) as classeur:
        feuille = classeur.get_sheet_by_index(0)
        if feuille.start is None:
            return
        if feuille.height > LIGNES_MAX or feuille.width > COLONNES_MAX:
            raise ValueError(feuille.height)
        for numero, ligne in enumerate(feuille.iter_rows(), feuille.start[0] + 1):
            yield numero, [texte_de(cellule) for cellule in ligne]


def texte_de(cellule: Cellule) -> str:
    """A cell as SIECLE would have written it."""
    if isinstance(cellule, date):
        return f"{cellule:%d/%m/%Y}"
    if isinstance(cellule, float) and cellule.is_integer():
        return str(int(cellule))
    return str(cellule).replace("\x00", "").strip()


def _limiter() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMOIRE, _MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDES, _SECONDES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limiter()
    with contextlib.suppress(Exception):
        _ecrire(sys.argv[1])
