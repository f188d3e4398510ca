"""``pilotage ingest`` as an operator runs it: what it prints and its exit codes."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.ingest._fichiers import AUTRE_UAI, eleve, fait, ine, ndjson, siecle, zipper
from tests.kit.services import World


@pytest.fixture
async def env(opened: World, tmp_path: Path) -> dict[str, str]:
    spool = {"SPOOL_DIR": str(tmp_path / "spool"), "COLUMNS": "200"}
    return {**os.environ, **await opened.environment("ingest"), **spool}


async def pilotage(env: dict[str, str], *mots: str) -> tuple[int, str]:
    commande = [sys.executable, "-m", "services.cli.main", "ingest", *mots]
    fini = await asyncio.to_thread(
        subprocess.run, commande, env=env, capture_output=True, text=True, check=False
    )
    return fini.returncode, fini.stdout + fini.stderr


async def test_exit_codes_and_sentences_tell_what_became_of_a_file(
    env: dict[str, str], tmp_path: Path
) -> None:
    fichier = tmp_path / "export.zip"
    fichier.write_bytes(zipper(E_xml=siecle(eleve(1), eleve(2, PRENOM=None))))
    code, sortie = await pilotage(env, "siecle", str(fichier))
    assert code == 0, sortie
    assert "TERMINE" in sortie
    assert "publies 2" in sortie
    assert "Le prénom de l’élève manque" in sortie
    code, sortie = await pilotage(env, "siecle", str(fichier), "--uai", AUTRE_UAI)
    assert (code, "AUTRE_UAI" in sortie) == (1, True)
    code, sortie = await pilotage(env, "imports", "list")
    assert (code, sortie.count("TERMINE"), sortie.count("REFUSE")) == (0, 1, 1)
    import_id = next(mot for mot in sortie.split() if len(mot) == 36)
    code, sortie = await pilotage(env, "imports", "show", import_id)
    assert (code, import_id in sortie) == (0, True)
    assert (await pilotage(env, "imports", "show", "pas-un-id"))[0] == 2
    assert (await pilotage(env, "siecle", str(tmp_path / "absent.zip")))[0] == 2


async def test_missing_settings_and_absent_servers_are_sentences(env: dict[str, str], tmp_path: Path) -> None:
    fichier = tmp_path / "e.xml"
    fichier.write_bytes(siecle())
    code, sortie = await pilotage({**env, "HMAC_KEYS": "1:court"}, "siecle", str(fichier))
    assert (code, "HMAC_KEYS" in sortie) == (2, True)
    code, sortie = await pilotage({**env, "KAFKA_BOOTSTRAP": "127.0.0.1:9"}, "siecle", str(fichier))
    assert (code, "Interrupted" in sortie, "Traceback" in sortie) == (3, True, False), sortie
    code, sortie = await pilotage({**env, "TOPIC_PREFIX": "nowhere."}, "siecle", str(fichier))
    assert (code, "pilotage session open 2026" in sortie) == (3, True), sortie
    code, sortie = await pilotage(env, "siecle", str(fichier))
    assert code == 0, sortie
    assert (await pilotage(env, "imports", "list"))[1].count("TERMINE") == 3, "the interrupted ones went on"


async def test_a_dry_run_is_integrated_by_the_next_command_and_a_question_by_its_answer(
    env: dict[str, str], tmp_path: Path
) -> None:
    fichier, ancien = tmp_path / "export.xml", tmp_path / "ancien.xml"
    fichier.write_bytes(siecle(eleve(1), eleve(2)))
    ancien.write_bytes(siecle(eleve(1), horodatage="11/01/2026 08:00:00"))
    code, sortie = await pilotage(env, "siecle", str(fichier), "--dry-run")
    assert (code, "ESSAI" in sortie, "publies" in sortie) == (0, True, False), sortie
    essai = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage(env, "imports", "integrate", essai)
    assert (code, "TERMINE" in sortie, "publies 4" in sortie) == (0, True, True), sortie
    code, sortie = await pilotage(env, "imports", "integrate", essai)
    assert (code, "does not wait" in sortie) == (1, True)
    code, sortie = await pilotage(env, "siecle", str(ancien))
    assert (code, "PLUS_ANCIEN" in sortie) == (4, True), sortie
    demande = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage(env, "imports", "confirm", demande)
    assert (code, "absents 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage(env, "siecle", str(ancien), "--dry-run")
    essai = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    assert (await pilotage(env, "imports", "cancel", essai))[0] == 0
    assert (await pilotage(env, "imports", "cancel", essai))[0] == 1
    classeur = tmp_path / "rendu.xlsx"
    assert (await pilotage(env, "imports", "export", demande, str(classeur)))[0] == 0
    assert "Lignes" in CalamineWorkbook.from_path(str(classeur)).sheet_names
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_refused_fact_is_listed_explained_corrected_and_replayed(
    env: dict[str, str], tmp_path: Path
) -> None:
    siecle_, faits, corrige = tmp_path / "e.xml", tmp_path / "faits.ndjson", tmp_path / "ligne.json"
    siecle_.write_bytes(siecle(eleve(1), eleve(2, PRENOM=None)))
    faits.write_bytes(ndjson([fait("dossier", ine=ine(1)), fait("caes", etat="FAUX"), b"?"]))
    corrige.write_text(json.dumps(fait("caes"), indent=2))
    assert (await pilotage(env, "load", "siecle", str(siecle_)))[0] == 0
    code, sortie = await pilotage(env, "faits", str(faits))
    assert code == 0, sortie
    import_id = re.findall(r"[0-9a-f-]{36}", sortie)[0]
    code, sortie = await pilotage(env, "rejets", "list")
    assert (code, sortie.count(import_id), "ELPRE" in sortie) == (0, 2, True), sortie
    code, sortie = await pilotage(env, "rejets", "show", import_id, "2")
    assert (code, "Correct the line" in sortie, "FAUX" in sortie) == (0, True, False), sortie
    assert "FAUX" in (await pilotage(env, "rejets", "show", import_id, "2", "--value"))[1]
    assert (await pilotage(env, "rejets", "correct", import_id, "2", str(corrige)))[0] == 0
    code, sortie = await pilotage(env, "rejets", "replay", import_id, "2")
    assert (code, "publies 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage(env, "rejets", "replay", import_id)
    assert (code, "JSON" in sortie) == (1, True), sortie
    code, sortie = await pilotage(env, "rejets", "drop", import_id, "--yes")
    assert (code, "1 dropped" in sortie) == (0, True), sortie
    assert (await pilotage(env, "rejets", "replay", import_id))[0] == 1


async def test_a_referentiel_is_loaded_shown_and_refused_in_a_frozen_session(
    env: dict[str, str], tmp_path: Path
) -> None:
    fichier = tmp_path / "formations.csv"
    fichier.write_text(
        "formation_id;uai;etablissement;formation;famille;academie;selectivite\n"
        "F-NEUVE;0750680G;Lycée d’essai;BTS - Services;BTS;Paris;formation sélective\n",
        encoding="utf-8",
    )
    code, sortie = await pilotage(env, "referentiel", "formations", str(fichier), "--dry-run")
    assert (code, "ESSAI" in sortie) == (0, True), sortie
    code, sortie = await pilotage(env, "referentiel", "formations", str(fichier))
    assert (code, "nouveaux 1" in sortie) == (0, True), sortie
    code, sortie = await pilotage(env, "referentiel", "show")
    assert (code, "formation" in sortie) == (0, True)
    code, sortie = await pilotage(env, "referentiel", "show", "F-NEUVE")
    assert (code, "famille BTS" in sortie) == (0, True), sortie
    fichier.write_text("formation_id;uai\nF;0750680G\n", encoding="utf-8")
    code, sortie = await pilotage(env, "referentiel", "formations", str(fichier))
    assert (code, "COLONNE" in sortie) == (1, True), sortie
    gel = [sys.executable, "-m", "services.cli.main", "session", "freeze", "2026"]
    assert (await asyncio.to_thread(subprocess.run, gel, env=env, check=False)).returncode == 0
    code, sortie = await pilotage(env, "referentiel", "formations", str(fichier))
    assert (code, "gelée" in sortie) == (1, True), sortie
