"""``pilotage ingest`` as an operator runs it: what it prints and its exit codes."""

import json
import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.ingest._fichiers import AUTRE_UAI, eleve, fait, ine, ndjson, siecle, zipper
from tests.kit.console import Console
from tests.kit.services import World


@pytest.fixture
async def pilotage(opened: World, tmp_path: Path) -> Console:
    spool = {"SPOOL_DIR": str(tmp_path / "spool"), "COLUMNS": "200"}
    return Console({**await opened.environment("ingest"), **spool}, ("ingest",))


async def test_exit_codes_and_sentences_tell_what_became_of_a_file(pilotage: Console, tmp_path: Path) -> None:
    fichier = tmp_path / "export.zip"
    fichier.write_bytes(zipper(E_xml=siecle(eleve(1), eleve(2, PRENOM=None))))
    code, sortie = await pilotage("siecle", str(fichier))
    assert code == 0, sortie
    assert "TERMINE" in sortie
    assert "publies 2" in sortie
    assert "Le prénom de l’élève manque" in sortie
    code, sortie = await pilotage("siecle", str(fichier), "--uai", AUTRE_UAI)
    assert (code, "AUTRE_UAI" in sortie) == (1, True)
    code, sortie = await pilotage("imports", "list")
    assert (code, sortie.count("TERMINE"), sortie.count("REFUSE")) == (0, 1, 1)
    import_id = next(mot for mot in sortie.split() if len(mot) == 36)
    code, sortie = await pilotage("imports", "show", import_id)
    assert (code, import_id in sortie) == (0, True)
    assert (await pilotage("imports", "show", "pas-un-id"))[0] == 2
    assert (await pilotage("siecle", str(tmp_path / "absent.zip")))[0] == 2


async def test_missing_settings_and_absent_servers_are_sentences(pilotage: Console, tmp_path: Path) -> None:
    fichier = tmp_path / "e.xml"
    fichier.write_bytes(siecle())
    code, sortie = await pilotage("siecle", str(fichier), HMAC_KEYS="1:court")
    assert (code, "HMAC_KEYS" in sortie) == (2, True)
    code, sortie = await pilotage("siecle", str(fichier), KAFKA_BOOTSTRAP="127.0.0.1:9")
    assert (code, "Interrupted" in sortie, "Traceback" in sortie) == (3, True, False), sortie
    code, sortie = await pilotage("siecle", str(fichier), TOPIC_PREFIX="nowhere.")
    assert (code, "pilotage session open 2026" in sortie) == (3, True), sortie
    code, sortie = await pilotage("siecle", str(fichier))
    assert code == 0, sortie
    assert (await pilotage("imports", "list"))[1].count("TERMINE") == 3, "the interrupted ones went on"


async def test_a_dry_run_is_integrated_by_the_next_command_and_a_question_by_its_answer(
    pilotage: Console, tmp_path: Path
) -> None:
    fichier, ancien = tmp_path / "export.xml", tmp_path / "ancien.xml"
    fichier.write_bytes(siecle(eleve(1), eleve(2)))
    ancien.write_bytes(siecle(eleve(1), horodatage="11/01/2026 08:00:00"))
    code, sortie = await pilotage("siecle", str(fichier), "--dry-run")
    assert (code, "ESSAI" in sortie, "publies" in sortie) == (0, True, False), sortie
    essai = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage("imports", "integrate", essai)
    assert (code, "TERMINE" in sortie, "publies 4" in sortie) == (0, True, True), sortie
    code, sortie = await pilotage("imports", "integrate", essai)
    assert (code, "does not wait" in sortie) == (1, True)
    code, sortie = await pilotage("siecle", str(ancien))
    assert (code, "PLUS_ANCIEN" in sortie) == (4, True), sortie
    demande = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage("imports", "confirm", demande)
    assert (code, "absents 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage("siecle", str(ancien), "--dry-run")
    essai = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    assert (await pilotage("imports", "cancel", essai))[0] == 0
    assert (await pilotage("imports", "cancel", essai))[0] == 1
    classeur = tmp_path / "rendu.xlsx"
    assert (await pilotage("imports", "export", demande, str(classeur)))[0] == 0
    assert "Lignes" in CalamineWorkbook.from_path(str(classeur)).sheet_names
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_refused_fact_is_listed_explained_corrected_and_replayed(
    pilotage: Console, tmp_path: Path
) -> None:
    siecle_, faits, corrige = tmp_path / "e.xml", tmp_path / "faits.ndjson", tmp_path / "ligne.json"
    siecle_.write_bytes(siecle(eleve(1), eleve(2, PRENOM=None)))
    faits.write_bytes(ndjson([fait("dossier", ine=ine(1)), fait("caes", etat="FAUX"), b"?"]))
    corrige.write_text(json.dumps(fait("caes"), indent=2))
    assert (await pilotage("load", "siecle", str(siecle_)))[0] == 0
    code, sortie = await pilotage("faits", str(faits))
    assert code == 0, sortie
    import_id = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage("rejets", "list")
    assert (code, sortie.count(import_id), "ELPRE" in sortie) == (0, 2, True), sortie
    code, sortie = await pilotage("rejets", "show", import_id, "2")
    assert (code, "Correct the line" in sortie, "FAUX" in sortie) == (0, True, False), sortie
    assert "FAUX" in (await pilotage("rejets", "show", import_id, "2", "--value"))[1]
    assert (await pilotage("rejets", "correct", import_id, "2", str(corrige)))[0] == 0
    code, sortie = await pilotage("rejets", "replay", import_id, "2")
    assert (code, "publies 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage("rejets", "replay", import_id)
    assert (code, "JSON" in sortie) == (1, True), sortie
    code, sortie = await pilotage("rejets", "drop", import_id, "--yes")
    assert (code, "1 dropped" in sortie) == (0, True), sortie
    assert (await pilotage("rejets", "replay", import_id))[0] == 1


async def test_a_referentiel_is_loaded_shown_and_refused_in_a_frozen_session(
    pilotage: Console, tmp_path: Path
) -> None:
    fichier = tmp_path / "formations.csv"
    fichier.write_text(
        "formation_id;uai;etablissement;formation;famille;academie;selectivite\n"
        "F-NEUVE;0750680G;Lycée d’essai;BTS - Services;BTS;Paris;formation sélective\n",
        encoding="utf-8",
    )
    code, sortie = await pilotage("referentiel", "formations", str(fichier), "--dry-run")
    assert (code, "ESSAI" in sortie) == (0, True), sortie
    code, sortie = await pilotage("referentiel", "formations", str(fichier))
    assert (code, "nouveaux 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage("referentiel", "show")
    assert (code, "formation" in sortie) == (0, True)
    code, sortie = await pilotage("referentiel", "show", "F-NEUVE")
    assert (code, "famille BTS" in sortie) == (0, True), sortie
    fichier.write_text("formation_id;uai\nF;0750680G\n", encoding="utf-8")
    code, sortie = await pilotage("referentiel", "formations", str(fichier))
    assert (code, "COLONNE" in sortie) == (1, True), sortie
    assert (await Console(pilotage.env)("session", "freeze", "2026"))[0] == 0
    code, sortie = await pilotage("referentiel", "formations", str(fichier))
    assert (code, "gelée" in sortie) == (1, True), sortie
