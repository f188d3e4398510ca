import gzip
import subprocess
import sys
from pathlib import Path

import orjson

from services.simulateur import LYCEE_A, LYCEE_B, LYCEE_C, Population, premiers_lycees
from services.simulateur.__main__ import main
from shared.nomenclatures.lycees import lycees


def test_the_command_writes_the_files_that_its_manifest_names(tmp_path: Path) -> None:
    commande = [sys.executable, "-m", "services.simulateur", "--graine", "4", "--lycees", "3", "--dossier"]
    subprocess.run([*commande, str(tmp_path)], check=True, capture_output=True)
    manifeste = orjson.loads((tmp_path / "manifest.json").read_bytes())
    assert [lycee["uai"] for lycee in manifeste["lycees"]] == [LYCEE_A, LYCEE_B, LYCEE_C]
    lignes = gzip.decompress((tmp_path / manifeste["faits"]).read_bytes()).splitlines()
    assert len(lignes) == sum(manifeste["nombre_de_faits"].values()) > 10_000
    for lycee in manifeste["lycees"]:
        assert (tmp_path / lycee["siecle"]).stat().st_size > 10_000
        assert lycee["total"]["inscrits"] == Population(4).verite(lycee["uai"]).total.inscrits
        assert (
            sum(compte["terminales"] for compte in lycee["par_serie"].values())
            == lycee["total"]["terminales"]
        )


def test_a_date_may_cut_the_session(tmp_path: Path) -> None:
    main(["--lycees", "1", "--jusqu-au", "2026-02-10", "--stade", "avant", "--dossier", str(tmp_path)])
    manifeste = orjson.loads((tmp_path / "manifest.json").read_bytes())
    total = manifeste["lycees"][0]["total"]
    assert total["inscrits"] < total["terminales"] * 0.9
    assert total["sans_voeu"] > 3


def test_the_demonstration_has_two_lycees_of_versailles_and_one_of_lyon() -> None:
    assert [lycees()[uai].academie for uai in premiers_lycees(3)] == ["25", "25", "10"]
    assert len(set(premiers_lycees(99))) == len(lycees())
