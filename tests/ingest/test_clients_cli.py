"""``pilotage clients`` and ``pilotage ingest retour`` on a real database."""

import re
from pathlib import Path
from typing import Protocol

import pytest

from services.ingest.identity import Cles, Nature, Nom, ajouter
from services.ingest.retour import numeros
from services.ingest.retour.numeros import Coffre
from shared.events.modeles import ObjetAccuse
from tests.ingest._retour import Sortants
from tests.kit.appels import servi
from tests.kit.console import Console
from tests.kit.services import HMAC_KEYS, World

ELEVE = "00000000-0000-4000-8000-000000000001"


class Dit(Protocol):
    """Runs a command, holds it to its exit code, returns what it printed."""

    async def __call__(self, *mots: str, code: int = 0) -> str: ...


@pytest.fixture
async def console(world: World, tmp_path: Path) -> Dit:
    env = await world.environment("ingest")
    pilotage = Console({**env, "SPOOL_DIR": str(tmp_path), "COLUMNS": "200"})

    async def dit(*mots: str, code: int = 0) -> str:
        obtenu, sortie = await pilotage(*mots)
        assert obtenu == code, sortie
        return sortie

    return dit


async def test_an_operator_creates_lists_and_revokes(console: Dit) -> None:
    fait = await console("clients", "create", "Plateforme", "--days", "30")
    (client_id,) = re.findall(r"plateforme-[0-9a-f]{16}", fait)
    (secret,) = re.findall(r"pilotage_[\w-]{43}", fait)
    await console("clients", "create", "Notes", "--uai", "0750680G")
    liste = await console("clients", "list")
    assert client_id in liste
    assert "0750680G" in liste
    assert secret not in liste
    assert "cli:" in liste
    assert client_id not in await console("clients", "list", "--uai", "0750680G")
    await console("clients", "revoke", client_id)
    await console("clients", "revoke", client_id, code=2)
    assert client_id not in await console("clients", "list")
    assert "revoked" in await console("clients", "list", "--all")


async def test_an_operator_sees_what_is_owed_and_encrypts_anew(
    world: World, tmp_path: Path, console: Dit
) -> None:
    s = Sortants(world)
    async with servi(world, "ingest", spool_dir=tmp_path) as service:
        async with service.running.engine.begin() as tx:
            cles = Cles(HMAC_KEYS, 2026)
            await ajouter(tx, cles, 2026, {Nom(Nature.DOSSIER, "26000001"): ELEVE})
            await numeros.retenir(tx, cles, Coffre(HMAC_KEYS, 2026), 2026, ["26000001"])
        assert "Nothing goes back" in await console("ingest", "retour", "status")
        await service.plier([s.dossier(ELEVE), s.bourse(ELEVE), s.cordees(ELEVE)])
        await service.plier([s.accuse(ELEVE, ObjetAccuse.CORDEES, 1, "REFUSE")])
        dit = await console("ingest", "retour", "status")
        assert ELEVE in dit
        assert "REFUSE (version 1)" in dit
        assert "26000001" not in dit
        assert "0 numbers" in await console("ingest", "retour", "rekey")
