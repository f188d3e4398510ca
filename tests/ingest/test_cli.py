"""``pilotage ingest`` as an operator runs it: what it prints and its exit codes."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest._fichiers import AUTRE_UAI, eleve, siecle, zipper
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
