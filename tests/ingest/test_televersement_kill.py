"""The reference client against processes that are killed in mid-piece: the import is that of the whole file."""

import hashlib
import json
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.ingest._fichiers import fait
from tests.ingest._machines import portes
from tests.kit.faults import Fleet, Process, fleet, rows
from tests.kit.journal import attendre
from tests.kit.services import World

_MO = 1_000_000
LIGNES, REMPLISSAGE = 240, 1_000_000
"""About 240 MB of few facts: blanks weigh on the wire and cost nothing to read."""


def ecrire(chemin: Path) -> str:
    """The SHA-256 of a feed of 240 facts and a lot of blanks."""
    somme = hashlib.sha256()
    with chemin.open("wb") as fichier:
        for rang in range(LIGNES):
            ligne = json.dumps(fait("caes", numero=f"{rang:08d}")).encode()
            brut = b" " * (REMPLISSAGE - len(ligne)) + ligne + b"\n"
            somme.update(brut)
            fichier.write(brut)
    return somme.hexdigest()


async def creer_acces(flotte: Fleet) -> dict[str, str]:
    commande = await flotte.command("ingest", "clients", "create", "essai")
    assert await commande.finished(60) == 0
    texte = commande.log.read_text()
    client_id, secret = re.findall(r"plateforme-\w+|pilotage_[\w-]+", texte)
    return {"PILOTAGE_CLIENT_ID": client_id, "PILOTAGE_CLIENT_SECRET": secret}


def memoire(process: Process) -> int:
    assert process.popen is not None
    try:
        return int(psutil.Process(process.popen.pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


@pytest.mark.proof
async def test_an_upload_outlives_the_gateway_ingest_and_its_own_client(
    opened: World, tmp_path: Path
) -> None:
    feed = tmp_path / "faits.ndjson"
    somme = ecrire(feed)
    async with fleet(opened, SPOOL_DIR=str(tmp_path / "spool"), POLL_S="0.2") as flotte:
        ingest = await flotte.service("ingest")
        acces = await creer_acces(flotte)
        gateway = await flotte.service("gateway", INGEST_URL=ingest.url, TOKEN_RATE_PER_MINUTE="1000")
        for process in (ingest, gateway):
            await process.until_ready()
        repos = {process.port: memoire(process) for process in (ingest, gateway)}
        pointe = dict(repos)

        async def lancer() -> Process:
            mots = ("ingest", "envoyer", str(feed), "--url", gateway.url, "--piece", "8")
            return await flotte.command("ingest", *mots, **acces)

        async def recu(octets: int) -> None:
            async def assez() -> bool:
                for process in (ingest, gateway):
                    pointe[process.port] = max(pointe[process.port], memoire(process))
                return (await etat())["recus"] >= octets

            assez.__doc__ = f"{octets} bytes are on disk for good"
            await attendre(assez, 90)

        async def etat() -> dict[str, Any]:
            lus = await rows(opened, "ingest", "SELECT recus, octets, etat FROM registre.televersement")
            return dict(zip(("recus", "octets", "etat"), lus[0], strict=True)) if lus else {"recus": -1}

        envoi = await lancer()
        for octets, victime in ((10 * _MO, gateway), (40 * _MO, ingest)):
            await recu(octets)
            assert (await etat())["etat"] == "EN_COURS", "killed in the middle"
            assert victime.kill()
            victime.start()
            await victime.until_ready()
        await recu(70 * _MO)
        avant = (await etat())["recus"]
        assert envoi.kill(), "the client too is killed in the middle"
        envoi = await lancer()
        assert await envoi.finished(120) == 0, envoi.log.read_text()[-3_000:]

        fini = await rows(opened, "ingest", "SELECT recus, octets, etat FROM registre.televersement")
        assert fini == [(feed.stat().st_size, feed.stat().st_size, "RECU")], "one upload for both runs"
        assert 0 < avant < feed.stat().st_size
        ((sha, statut, parques),) = await rows(
            opened,
            "ingest",
            "SELECT sha256, etat, compte_rendu -> 'compteurs' ->> 'parques' FROM registre.import",
        )
        assert (sha, statut, parques) == (somme, "TERMINE", str(LIGNES))
        assert list((tmp_path / "spool").iterdir()) == []
        for port, plus_haut in pointe.items():
            assert plus_haut - repos[port] < 80 * _MO, "memory does not grow with the file"


@pytest.mark.parametrize("porte", [True, False])
async def test_the_client_says_what_is_wrong_by_its_exit_code(
    world: World, tmp_path: Path, *, porte: bool
) -> None:
    """1: the credentials are refused; 3: nobody answers, run it again."""
    feed = tmp_path / "f.ndjson"
    feed.write_bytes(json.dumps(fait("caes")).encode())
    acces = {"PILOTAGE_CLIENT_ID": "plateforme-1111111111111111", "PILOTAGE_CLIENT_SECRET": "un-secret-faux"}
    async with AsyncExitStack() as stack:
        flotte = await stack.enter_async_context(fleet(world, SPOOL_DIR=str(tmp_path / "spool")))
        url = "http://127.0.0.1:9"
        if porte:
            url = (await stack.enter_async_context(portes(world, tmp_path))).url
        mots = ("ingest", "envoyer", str(feed), "--url", url, "--patience", "1")
        envoi = await flotte.command("ingest", *mots, **acces)
        assert await envoi.finished(90) == (1 if porte else 3), envoi.log.read_text()[-2_000:]
        assert "un-secret-faux" not in envoi.log.read_text()
