"""The generator against folders of its own: it writes, checks, and refuses to break a subscriber."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.events.generate import CONTRATS, main
from shared.events.schemas import evenements

VOEU = "candidature.voeu.v1/VoeuModifie.schema.json"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """A folder with the golden events and freshly generated and released contracts."""
    shutil.copytree(CONTRATS / "golden", tmp_path / "golden")
    assert main(["--release", "1.2.3"], tmp_path) == 0
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


def test_a_promise_that_the_models_dropped_is_refused_and_nothing_is_written(
    dossier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def promettre(lu: dict[str, Any]) -> None:
        evenement = lu["topics"]["candidature.voeu.v1"]["events"]["VoeuModifie"]
        evenement["schema"]["properties"].update(couleur={"type": "string"})

    _retoucher(dossier / "baseline.json", promettre)
    (dossier / VOEU).write_text("{}", encoding="utf-8")
    for demande in ([], ["--check"], ["--release", "9.9.9"]):
        assert main(demande, dossier) == 1
        assert (
            "breaks a subscriber, publish it as .v2: candidature.voeu.v1/VoeuModifie $: couleur removed:"
            " subscribers that read it find nothing any more"
        ) in capsys.readouterr().out
    assert (dossier / VOEU).read_text(encoding="utf-8") == "{}"
    assert '"1.2.3"' in (dossier / "baseline.json").read_text(encoding="utf-8")


def test_a_schema_that_was_never_released_goes_with_its_model(
    dossier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    perdu = dossier / "candidature.voeu.v1" / "VoeuPerdu.schema.json"
    shutil.copy(dossier / VOEU, perdu)
    assert main(["--check"], dossier) == 1
    assert "candidature.voeu.v1/VoeuPerdu.schema.json: out of date" in capsys.readouterr().out
    assert main([], dossier) == 0
    assert not perdu.exists()


def test_the_release_is_the_version_of_the_document(dossier: Path) -> None:
    assert 'version: "1.2.3"' in (dossier / "asyncapi.yaml").read_text(encoding="utf-8")


def test_an_old_event_must_stay_readable(dossier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _retoucher(dossier / "golden" / "AvisRendu.v1.json", lambda e: e["value"].update(capacite="MOYENNE"))
    _retoucher(dossier / "golden" / "VoeuModifie.v1.json", lambda e: e.update(value=None))
    shutil.copy(dossier / "golden" / "AvisRendu.v1.json", dossier / "golden" / "AvisPerdu.v1.json")
    (dossier / "golden" / "ExportPret.v1.json").unlink()
    assert main(["--check"], dossier) == 1
    sortie = capsys.readouterr().out
    assert "golden/AvisRendu.v1.json: no longer readable, 1 error(s)" in sortie
    assert "golden/VoeuModifie.v1.json: a tombstone on a topic kept whole" in sortie
    assert "golden/AvisPerdu.v1.json: no event of this name and version" in sortie
    assert "golden/ExportPret.v1.json: missing" in sortie
    assert "MOYENNE" not in sortie


def test_missing_golden_events_are_drafted_and_good(dossier: Path) -> None:
    shutil.rmtree(dossier / "golden")
    assert main(["--golden"], dossier) == 0
    assert main(["--check"], dossier) == 0
    assert len(list((dossier / "golden").glob("*.v1.json"))) == len(list(evenements()))
