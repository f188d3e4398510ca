"""Fuzzing led by coverage: ``uv run --with atheris python -m tests.bench.fuzz.couverture READER CORPUS -max_total_time=60``.

Readers and first files are those of ``test_fuzz_lecture.py``; what follows READER is libFuzzer's. atheris
is no dependency of the project (Apache-2.0, Linux and CPython only).
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.ingest", "zipfile", "csv"]):
    from services.ingest.refus import FichierRefuse
    from tests.bench.fuzz.test_fuzz_lecture import GRAINES

_TAILLE_MAX = 6_000


def main() -> None:
    """Never returns: libFuzzer ends the process, with the file that made it fail."""
    nom, corpus = sys.argv.pop(1), Path(sys.argv[1])
    lire, graines = GRAINES[nom]
    corpus.mkdir(parents=True, exist_ok=True)
    for rang, graine in enumerate(graines):
        (corpus / f"graine{rang}").write_bytes(graine)

    def essayer(contenu: bytes) -> None:
        try:
            lire(contenu)
        except FichierRefuse as refus:
            refus.phrase.encode()

    atheris.Setup([*sys.argv, f"-max_len={_TAILLE_MAX}"], essayer)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
