"""Deposits over HTTP: raw and form bodies, scopes, states, and a service that goes on after a restart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.ingest.deposer import deposer
from services.ingest.imports import FINIS, Imports
from services.ingest.natures import SIECLE
from shared.http.perimetre import Role
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle, zipper
from tests.ingest.conftest import morceaux
from tests.kit.appels import Servi, servi
from tests.kit.journal import attendre
from tests.kit.services import World

BASE = "/interne/v1/sessions/2026"
URL = f"{BASE}/lycees/{UAI}/siecle"
DIRECT = {"essai": "false"}


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
        return lu["etat"] in FINIS

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
        premier = await fini(
            service, chef, await service.client.post(URL, headers=chef, files=form, params=DIRECT)
        )
        assert (premier["etat"], premier["nom_fichier"]) == ("TERMINE", "Élèves.zip")
        assert (
            premier["compte_rendu"]["compteurs"]["publies"] == premier["total"] == premier["checkpoint"] == 4
        )
        brut = await service.client.post(
            URL, params={"nom": "e.xml", **DIRECT}, headers=chef, content=siecle(eleve(1), eleve(2))
        )
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


async def test_a_chef_s_file_is_a_dry_run_first_that_he_integrates_or_cancels(
    opened: World, tmp_path: Path
) -> None:
    async with ingest(opened, tmp_path) as service:
        chef, autre = service.jeton("chef", UAI), service.jeton("autre", AUTRE_UAI)
        essai = await fini(service, chef, await service.client.post(URL, headers=chef, content=siecle()))
        assert (essai["etat"], essai["total"], essai["avancement"]) == ("ESSAI", 2, None)
        url = f"{BASE}/imports/{essai['id']}"
        assert (await service.client.post(f"{url}/integrer", headers=autre)).status_code == 404
        assert (await service.client.post(f"{url}/confirmer", headers=chef)).status_code == 409
        integre = await service.client.post(f"{url}/integrer", headers=chef)
        assert integre.json()["etat"] == "DEPOSE"
        fait = await fini(service, chef, _avec_url(integre, url))
        assert (fait["etat"], fait["compte_rendu"]["compteurs"]["publies"]) == ("TERMINE", 2)
        assert (await service.client.post(f"{url}/integrer", headers=chef)).status_code == 202
        refuse = await service.client.post(f"{url}/annuler", headers=chef)
        assert (refuse.status_code, refuse.json()["etat"]) == (409, "TERMINE")
        essai = await fini(service, chef, await service.client.post(URL, headers=chef, content=siecle()))
        annule = f"{BASE}/imports/{essai['id']}/annuler"
        assert [(await service.client.post(annule, headers=chef)).json()["etat"] for _ in range(2)] == [
            "ANNULE",
            "ANNULE",
        ]
        assert list((tmp_path / "spool").iterdir()) == []


class _avec_url:  # noqa: N801 - dresses an answer for ``fini``
    status_code, text = 202, ""

    def __init__(self, reponse: Any, url: str) -> None:
        self._corps = {**reponse.json(), "url": url}

    def json(self) -> dict[str, Any]:
        return self._corps


async def test_a_question_is_answered_over_http_and_absents_are_listed(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path, part_min=1) as service:
        chef, saio = service.jeton("chef", UAI), service.jeton("s", UAI, role=Role.SAIO)
        deux = siecle(eleve(1), eleve(2))
        await fini(service, chef, await service.client.post(URL, headers=chef, content=deux, params=DIRECT))
        demande = await fini(
            service, chef, await service.client.post(URL, headers=chef, content=siecle(), params=DIRECT)
        )
        assert (demande["etat"], demande["questions"][0]["chiffres"]["absents"]) == ("A_CONFIRMER", 1)
        url = f"{BASE}/imports/{demande['id']}"
        confirme = await service.client.post(f"{url}/confirmer", headers=chef)
        assert (await fini(service, chef, _avec_url(confirme, url)))["etat"] == "TERMINE"
        absents = (await service.client.get(f"{BASE}/lycees/{UAI}/absents", headers=chef)).json()["absents"]
        assert [(a["classe"], a["serie"], a["depuis"]) for a in absents] == [
            ("TG1", "GENERALE", "2026-01-12")
        ]
        assert (await service.client.get(f"{BASE}/lycees/{UAI}/absents", headers=saio)).status_code == 404


async def test_the_compte_rendu_is_paged_and_downloaded_as_a_workbook(opened: World, tmp_path: Path) -> None:
    async with ingest(opened, tmp_path) as service:
        chef, autre = service.jeton("chef", UAI), service.jeton("autre", AUTRE_UAI)
        fichier = siecle(
            *(eleve(n, PRENOM=None if n > 1 else "Zoé", ID_NATIONAL=ine(n)) for n in range(1, 7))
        )
        recu = await fini(
            service, chef, await service.client.post(URL, headers=chef, content=fichier, params=DIRECT)
        )
        url = f"{BASE}/imports/{recu['id']}"
        lues, apres = [], None
        while True:
            params = {"limite": 2, "gravite": "REJET"} | ({"apres": apres} if apres else {})
            page = (await service.client.get(f"{url}/lignes", headers=chef, params=params)).json()
            lues += page["lignes"]
            if (apres := page["suivant"]) is None:
                break
        assert [(ligne["rang"], ligne["type"]) for ligne in lues] == [(n, "REJ") for n in range(2, 7)]
        mauvais = await service.client.get(f"{url}/lignes", headers=chef, params={"apres": "x"})
        assert mauvais.status_code == 422
        assert (await service.client.get(f"{url}/compte-rendu.xlsx", headers=autre)).status_code == 404
        classeur = await service.client.get(f"{url}/compte-rendu.xlsx", headers=chef)
        assert classeur.headers["content-disposition"].startswith(f'attachment; filename="compte-rendu-{UAI}')
        chemin = tmp_path / "rendu.xlsx"
        chemin.write_bytes(classeur.content)
        lu = CalamineWorkbook.from_path(str(chemin))
        lignes = lu.get_sheet_by_name("Lignes").to_python()
        assert lignes[0][:6] == ["Rang", "Type", "INE", "Identifiant SIECLE", "Code", "Message"]
        assert lignes[1][:5] == [2.0, "REJ", "•••••••" + ine(2)[-4:], "2", "ELPRE"]
        assert len(lignes) == 6
        resume = dict(ligne[:2] for ligne in lu.get_sheet_by_name("Compte rendu").to_python() if ligne[0])
        assert (resume["Rejetés"], resume["Établissement"]) == (5.0, UAI)
        assert [f.suffix for f in (tmp_path / "spool").iterdir()] == [".garde"], "for a replay of its lines"


async def test_refused_facts_are_corrected_and_replayed_over_http_by_the_operator_alone(
    opened: World, tmp_path: Path
) -> None:
    async with ingest(opened, tmp_path) as service:
        chef, operateur = service.jeton("chef", UAI), service.jeton("op", role=Role.OPERATEUR)
        contenu = ndjson([fait("dossier", ine=ine(1)), fait("caes", etat="FAUX")])
        recu = await fini(
            service, operateur, await service.client.post(f"{BASE}/faits", headers=operateur, content=contenu)
        )
        rejets = f"{BASE}/rejets"
        assert (await service.client.get(rejets, headers=chef)).status_code == 404
        (rejet,) = (await service.client.get(rejets, headers=operateur)).json()["rejets"]
        assert (rejet["import_id"], rejet["rang"], "valeur" in rejet) == (recu["id"], 2, False)
        un = f"{rejets}/{recu['id']}/2"
        assert (await service.client.get(un, headers=chef)).status_code == 404
        assert "FAUX" in (await service.client.get(un, headers=operateur)).json()["valeur"]
        correction = json.dumps(fait("caes")).encode()
        assert (
            await service.client.put(f"{un}/correction", headers=operateur, content=correction)
        ).status_code == 204
        rejeu = await service.client.post(
            f"{rejets}/{recu['id']}/rejouer", headers=operateur, json={"rangs": [2]}
        )
        assert (await fini(service, operateur, rejeu))["compte_rendu"]["compteurs"]["parques"] == 1
        assert (await service.client.get(rejets, headers=operateur)).json()["rejets"] == []
        (regle,) = (await service.client.get(rejets, headers=operateur, params={"etat": "REJOUE"})).json()[
            "rejets"
        ]
        assert regle["rejoue_par"] == rejeu.json()["import_id"]
        vide = await service.client.post(f"{rejets}/{recu['id']}/rejouer", headers=operateur, json={})
        assert (vide.status_code, vide.json()["code"]) == (409, "rien_a_rejouer")
