"""Tasks and remontées as an operator handles them on the command line."""

import re
from pathlib import Path

from services.ingest.imports import Imports
from shared.db.engine import create_engine
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, siecle
from tests.ingest.conftest import Atelier
from tests.kit.console import Console
from tests.kit.services import World


async def test_an_operator_settles_a_task_and_closes_and_reopens_remontees(
    world: World, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    env = {**await world.environment("ingest"), "SPOOL_DIR": str(spool), "COLUMNS": "220"}
    pilotage = Console(env, ("ingest",))
    settings = await world.settings("ingest", spool_dir=spool)
    engine = create_engine(settings)
    atelier = Atelier(Imports(settings, engine))
    await atelier.siecle(siecle(eleve(1), eleve(2), uai=UAI))
    await atelier.siecle(siecle(eleve(1), eleve(3), uai=AUTRE_UAI))
    await engine.dispose()

    code, sortie = await pilotage("taches", "list")
    assert (code, "DEUX_LYCEES" in sortie, "NOM1" in sortie) == (0, True, False), sortie
    tache = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", sortie)[0]
    code, sortie = await pilotage("taches", "resolve", tache, "DISTINCTS")
    assert (code, "Refused" in sortie) == (1, True), sortie
    code, sortie = await pilotage("taches", "resolve", tache, "CHEZ_NOUS", "--uai", AUTRE_UAI)
    assert (code, "RESOLUE" in sortie) == (0, True), sortie
    code, sortie = await pilotage("taches", "list", "--uai", UAI)
    assert (code, "DEUX_LYCEES" in sortie) == (0, False), sortie

    assert (await pilotage("remontee", "close"))[0] == 2
    code, sortie = await pilotage("remontee", "show", UAI)
    assert (code, "open: 1 pupils" in sortie) == (0, True), sortie
    code, sortie = await pilotage("remontee", "close", "--all", "--yes")
    assert (code, "2 closed, 0 refused" in sortie) == (0, True), sortie
    code, sortie = await pilotage("remontee", "close", "--uai", UAI, "--yes")
    assert (code, "déjà close" in sortie) == (1, True), sortie
    code, sortie = await pilotage("remontee", "reopen", UAI, "--reason", "erreur")
    assert (code, "open: 1 pupils" in sortie) == (0, True), sortie
