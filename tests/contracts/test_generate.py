"""The generator against folders of its own: it writes, checks, and refuses to break a subscriber."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.events.generate import CONTRATS, main

VOEU = "candidature.voeu.v1/VoeuModifie.schema.json"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """A folder with the golden events and freshly generated contracts."""
    shutil.copytree(CONTRATS / "golden", tmp_path / "golden")
    assert main([], tmp_path) == 0
    return tmp_path


def _retoucher(chemin: Path, changer: Callable[[dict[str, Any]], object]) -> None:
    lu = json.loads(chemin.read_text(encoding="utf-8"))
    changer(lu)
    chemin.write_text(json.dumps(lu, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_the_committed_contracts_are_those_of_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().out) == (0, "")


def test_generating_twice_gives_the_same_bytes(dossier: Path) -> None:
    avant = {chemin: chemin.read_bytes() for chemin in dossier.rglob("*.*") if chemin.is_file()}
    assert main([], dossier) == 0
    assert {chemin: chemin.read_bytes() for chemin in dossier.rglob("*.*") if chemin.is_file()} == avant


def test_a_file_out_of_date_is_named(dossier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _retoucher(dossier / VOEU, lambda s: s.update(description="old words"))
    (dossier / "asyncapi.yaml").unlink()
    assert main(["--check"], dossier) == 1
    assert [ligne.split(":")[0] for ligne in capsys.readouterr().out.splitlines()] == [
        VOEU,
        f"{dossier.name}/asyncapi.yaml",
    ]
    assert main([], dossier) == 0
    assert main(["--check"], dossier) == 0


def test_a_field_that_the_models_dropped_is_refused_and_nothing_is_written(
    dossier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _retoucher(dossier / VOEU, lambda s: s["properties"].update(couleur={"type": "string"}))
    promis = (dossier / VOEU).read_bytes()
    assert main([], dossier) == 1
    assert (dossier / VOEU).read_bytes() == promis
    assert "publish it as .v2: candidature.voeu.v1/VoeuModifie $: couleur removed" in capsys.readouterr().out


def test_an_event_that_no_longer_exists_is_refused(dossier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(dossier / VOEU, dossier / "candidature.voeu.v1" / "VoeuPerdu.schema.json")
    assert main(["--check"], dossier) == 1
    assert "candidature.voeu.v1/VoeuPerdu: removed" in capsys.readouterr().out


def test_an_old_event_must_stay_readable(dossier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _retoucher(dossier / "golden" / "AvisRendu.json", lambda e: e["value"].update(capacite="MOYENNE"))
    (dossier / "golden" / "ExportPret.json").unlink()
    assert main(["--check"], dossier) == 1
    sortie = capsys.readouterr().out
    assert "golden/AvisRendu.json: no longer readable, 1 error(s)" in sortie
    assert "golden/ExportPret.json: write one event of this type by hand" in sortie
    assert "MOYENNE" not in sortie
