"""Deposits over HTTP: raw and form bodies, scopes, states, and a service that goes on after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import SIECLE
from shared.http.perimetre import Role
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle, zipper
from tests.ingest.conftest import morceaux
from tests.kit.appels import Servi, servi
from tests.kit.journal import attendre
from tests.kit.services import World

BASE = "/interne/v1/sessions/2026"
URL = f"{BASE}/lycees/{UAI}/siecle"


@asynccontextmanager
async def ingest(world: World, tmp_path: Path, **overrides: Any) -> AsyncIterator[Servi]:
    async with servi(world, "ingest", spool_dir=tmp_path / "spool", poll_s=0.2, **overrides) as service:
        yield service


async def fini(service: Servi, jeton: dict[str, str], reponse: Any) -> dict[str, Any]:
    assert reponse.status_code == 202, reponse.text
    url = reponse.json()["url"]
    lu: dict[str, Any] = {}

    async def termine() -> bool:
        """The import is done."""
        lu.update((await service.client.get(url, headers=jeton)).json())
        return lu["etat"] in {"TERMINE", "REFUSE"}

    await attendre(termine)
    return lu


async def test_a_chef_deposits_his_file_in_either_form_and_reads_its_compte_rendu(
    opened: World, tmp_path: Path
) -> None:
    async with ingest(opened, tmp_path) as service:
        chef = service.jeton("chef", UAI)
        form = {
            "champ": (None, "x"),
            "fichier": ("C:\\export\\Élèves.zip", zipper(E_xml=siecle(eleve(1), eleve(2)))),
        }
        premier = await fini(service, chef, await service.client.post(URL, headers=chef, files=form))
        assert (premier["etat"], premier["nom_fichier"]) == ("TERMINE", "Élèves.zip")
        assert (
            premier["compte_rendu"]["compteurs"]["publies"] == premier["total"] == premier["checkpoint"] == 4
        )
        brut = await service.client.post(f"{URL}?nom=e.xml", headers=chef, content=siecle(eleve(1), eleve(2)))
        second = await fini(service, chef, brut)
        assert (second["nom_fichier"], second["total"]) == ("e.xml", 0)
        liste = (await service.client.get(f"{BASE}/imports", headers=chef)).json()["imports"]
        assert [ligne["id"] for ligne in liste] == [second["id"], premier["id"]]
        assert "sha256" not in premier
        assert list((tmp_path / "spool").iterdir()) == []


async def test_facts_are_deposited_by_the_operator_only(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path) as service:
        chef, operateur = service.jeton("chef", UAI), service.jeton("op", role=Role.OPERATEUR)
        contenu = ndjson([fait("dossier", ine=ine(1))], compresse=True)
        assert (await service.client.post(f"{BASE}/faits", headers=chef, content=contenu)).status_code == 404
        recu = await fini(
            service, operateur, await service.client.post(f"{BASE}/faits", headers=operateur, content=contenu)
        )
        assert recu["compte_rendu"]["compteurs"]["parques"] == 1
        url = f"{BASE}/imports/{recu['id']}"
        assert (await service.client.get(url, headers=chef)).status_code == 404


async def test_the_file_of_another_lycee_is_refused_and_another_chef_sees_nothing(
    opened: World, tmp_path: Path
) -> None:
    async with ingest(opened, tmp_path) as service:
        chef, autre = service.jeton("a", UAI), service.jeton("b", AUTRE_UAI)
        saio = service.jeton("s", UAI, role=Role.SAIO)
        recu = await fini(
            service, chef, await service.client.post(URL, headers=chef, content=siecle(uai=AUTRE_UAI))
        )
        assert (recu["etat"], recu["compte_rendu"]["refus"]["code"]) == ("REFUSE", "AUTRE_UAI")
        for jeton in (autre, saio):
            assert (await service.client.post(URL, headers=jeton, content=siecle())).status_code == 404
        assert (await service.client.get(f"{BASE}/imports/{recu['id']}", headers=autre)).status_code == 404
        assert (await service.client.get(f"{BASE}/imports", headers=autre)).json() == {"imports": []}
        assert (await service.client.post(URL, content=siecle())).status_code == 401
        ailleurs = URL.replace("2026", "2025")
        assert (await service.client.post(ailleurs, headers=chef, content=siecle())).status_code == 404


@pytest.mark.parametrize(
    ("envoi", "status"),
    [
        ({"content": b""}, 422),
        ({"content": b"x" * 2_000}, 413),
        ({"data": {"champ": "x"}, "files": {"vide": (None, "x")}}, 400),
        (
            {"content": b"--x\r\nmal forme", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
            400,
        ),
    ],
)
async def test_an_unusable_body_is_refused_at_once(
    world: World, tmp_path: Path, envoi: dict[str, Any], status: int
) -> None:
    async with ingest(world, tmp_path, siecle_deposit_max_bytes=1_000) as service:
        entetes = service.jeton("chef", UAI) | envoi.pop("headers", {})
        reponse = await service.client.post(URL, headers=entetes, **envoi)
        assert reponse.status_code == status, reponse.text
        assert list((tmp_path / "spool").iterdir()) == []


async def test_a_client_that_hangs_is_dropped(world: World, tmp_path: Path) -> None:
    async def lent() -> AsyncIterator[bytes]:
        yield siecle()[:100]
        await asyncio.sleep(5)

    async with ingest(world, tmp_path, body_timeout_s=0.3) as service:
        chef = service.jeton("chef", UAI)
        reponse = await service.client.post(URL, headers=chef, content=lent())
        assert reponse.status_code == 408
        assert list((tmp_path / "spool").iterdir()) == []


async def test_what_was_deposited_before_a_crash_is_done_at_the_next_start(
    opened: World, tmp_path: Path
) -> None:
    settings = await opened.settings("ingest", spool_dir=tmp_path / "spool")
    engine = await opened.engine("ingest")
    try:
        imports = Imports(settings, engine)
        import_id = await deposer(imports, SIECLE, morceaux(siecle()), lambda: "e.xml", demandeur="x")
        async with ingest(opened, tmp_path):

            async def termine() -> bool:
                """The deposited import is done."""
                recu = await imports.lire(import_id)
                return recu is not None and recu.etat == "TERMINE"

            await attendre(termine)
    finally:
        await engine.dispose()
