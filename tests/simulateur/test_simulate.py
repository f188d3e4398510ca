"""``pilotage simulate`` as an operator meets it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.cli.simulate import _seconds

runner = CliRunner()


def test_write_says_what_it_wrote_and_report_reads_it(tmp_path: Path) -> None:
    dossier = tmp_path / "session"
    options = ["--lycees", "2", "--workers", "1", "--only", "feed", "--until", "2026-02-10"]
    ecrit = runner.invoke(app, ["simulate", "write", *options, "--out", str(dossier)])
    assert ecrit.exit_code == 0, ecrit.output
    manifeste = json.loads((dossier / "manifest.json").read_text())
    assert f"{manifeste['faits']:,} facts" in " ".join(ecrit.output.split())
    assert manifeste["lycees"] == 2
    assert not (dossier / ".runs").exists()
    lu = runner.invoke(app, ["simulate", "report", str(dossier), "--tolerance", "9"])
    assert lu.exit_code == 0, lu.output
    assert "famille" in lu.output
    strict = runner.invoke(app, ["simulate", "report", str(dossier), "--tolerance", "0.000001"])
    assert strict.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["write", "--out", "{}", "--until", "demain"], "is no date"),
        (["write", "--out", "{}", "--only", "notes"], "nothing called notes"),
        (["write", "--out", "{}", "--siecle-version", "9"], "no version 9"),
        (["write", "--out", "{}", "--lycees", "4000"], "3640 lycées"),
        (["report", "{}"], "holds no marges.json"),
        (["live", "--speed", "vite", "--lycees", "1", "--only", "referentiels"], "no speed vite"),
        (["live", "--through", "http", "--lycees", "1", "--only", "referentiels"], "PILOTAGE_CLIENT_SECRET"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    arguments: list[str], phrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PILOTAGE_URL", "PILOTAGE_CLIENT_ID", "PILOTAGE_CLIENT_SECRET"):
        monkeypatch.delenv(variable, raising=False)
    dossier = tmp_path / "session"
    resultat = runner.invoke(app, ["simulate", *(x.format(dossier) for x in arguments)])
    assert resultat.exit_code == 2
    assert phrase in " ".join(resultat.output.split())


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precieux").write_text("x")
    resultat = runner.invoke(app, ["simulate", "write", "--lycees", "1", "--out", str(tmp_path)])
    assert resultat.exit_code == 1
    assert "not empty" in resultat.output
    assert [x.name for x in tmp_path.iterdir()] == ["precieux"]


def test_a_speed_is_a_number_of_seconds_by_day() -> None:
    assert (_seconds("60s/day"), _seconds("0.5s/day")) == (60.0, 0.5)
