"""The commands of the platform's guide, as they are printed, send a file that was begun."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.ingest._fichiers import fait, ndjson
from tests.ingest._machines import API, portes
from tests.ingest.test_televersement_http import annoncer, morceau
from tests.kit.services import World

GUIDE = (Path(__file__).parents[2] / "docs" / "guide-plateforme.md").read_text(encoding="utf-8")
OUTILS = ("bash", "curl", "jq", "awk", "sha256sum")


def commandes() -> str:
    """Token, announcement, offset and piece: the indented blocks of the first two chapters."""
    blocs = re.findall(r"(?:^    .*\n)+", GUIDE, re.MULTILINE)
    return "\n".join(re.sub(r"^    ", "", bloc, flags=re.MULTILINE) for bloc in blocs[:3])


@pytest.mark.skipif(any(shutil.which(outil) is None for outil in OUTILS), reason="needs curl and jq")
async def test_the_commands_of_the_guide_end_an_upload_begun_elsewhere(world: World, tmp_path: Path) -> None:
    contenu = ndjson([fait("caes")], compresse=True)
    (tmp_path / "faits.ndjson.gz").write_bytes(contenu)
    async with portes(world, tmp_path) as ouvertes:
        client_id, secret = await ouvertes.plateforme()
        async with ouvertes.avec((client_id, secret)) as machine:
            adresse = await annoncer(machine, contenu, nom="faits.ndjson.gz")
            await morceau(machine, adresse, 0, contenu[:20])
        env = {"URL": ouvertes.url, "CLIENT_ID": client_id, "CLIENT_SECRET": secret, "PATH": "/usr/bin:/bin"}
        processus = await asyncio.create_subprocess_exec(
            "bash", "-euc", commandes(), cwd=tmp_path, env=env, stdout=asyncio.subprocess.PIPE
        )
        sortie, _ = await asyncio.wait_for(processus.communicate(), 60)
        assert processus.returncode == 0, sortie
        rendu = json.loads(sortie)
        async with ouvertes.avec((client_id, secret)) as machine:
            etat = (await machine.get(adresse)).json()
            assert (etat["etat"], etat["import_id"]) == ("RECU", rendu["import_id"])
            assert (await machine.get(f"{API}/imports/{rendu['import_id']}")).status_code == 200
