"""The vendor's guide is true: its example verifies a real receipt, its file is read, its codes exist."""

import asyncio
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from services.ingest.bulletins import domain, listes, publication, rapprochement
from services.ingest.bulletins.domain import bulletins_de
from services.ingest.bulletins.listes import indexer
from services.ingest.readers.notes import lire
from tests.ingest import _fichiers as f
from tests.ingest import _notes as n
from tests.ingest._machines import API, portes
from tests.kit.services import World

RACINE = Path(__file__).parents[2]
GUIDE = (RACINE / "docs" / "guide-editeur.md").read_text(encoding="utf-8")


async def test_the_example_verifies_a_receipt_and_refuses_another_file(world: World, tmp_path: Path) -> None:
    contenu = n.notes()
    async with portes(world, tmp_path) as ouvertes:
        async with ouvertes.avec(await ouvertes.logiciel()) as logiciel:
            url = f"{API}/lycees/{f.UAI}/remontees/bulletins"
            depot = await logiciel.post(url, headers={"Content-Type": "application/xml"}, content=contenu)
        (tmp_path / "recu.txt").write_text(depot.json()["recu"] + "\n")
        fichier = tmp_path / "0750680G_E3.xml"
        fichier.write_bytes(contenu)
        (exemple,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
        code = exemple.replace("https://PILOTAGE", ouvertes.url)
        assert await _executer(code, tmp_path) == ""
        fichier.write_bytes(contenu + b" ")
        assert "AssertionError" in await _executer(code, tmp_path)


async def _executer(code: str, dossier: Path) -> str:
    """Errors of a Python of its own, beside the servers of this one."""
    fait = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        cwd=dossier,
        env={**os.environ, "PYTHONPATH": str(RACINE)},
        capture_output=True,
        text=True,
        check=False,
    )
    return fait.stderr


def test_the_file_of_the_guide_is_read_whole() -> None:
    (xml,) = re.findall(r"```xml\n(.*?)```", GUIDE, re.DOTALL)
    fichier = lire(io.BytesIO(xml.encode()), lambda _: None)
    index = indexer(fichier, 2026, ())
    lus = bulletins_de(fichier.eleves[0], index)
    (note,) = lus.bulletins[2026, 1].notes
    assert (note.matiere, note.moyenne, note.rang, note.effectif) == ("061300", 12.5, 7, 31)
    assert (index.lignes, lus.lignes) == ([], [])


@pytest.mark.parametrize("module", [domain, listes, rapprochement, publication])
def test_every_code_of_a_line_is_in_the_guide(module: ModuleType) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', source)) | {"IDENTITE", "INCONNU"}
    assert {code for code in codes if code not in GUIDE} == set()
