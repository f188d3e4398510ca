"""Imports at the public door: dry run and its answer, lines, workbook, absents, the operator's rejects."""

from uuid import uuid4

import pytest

from tests.gateway._amont import LYCEE_A, eleve_id
from tests.gateway.conftest import Porte
from tests.kit.login import jeton_de

API = "/api/v1/sessions/2026"
XML = {"Content-Type": "application/xml"}


async def deposer(porte: Porte, *, essai: bool) -> str:
    async with porte.programme("chef.a") as client:
        url = f"{API}/lycees/{LYCEE_A}/remontees/siecle"
        depot = await client.post(url, params={"essai": essai}, content=b"<BEE_ELEVES/>", headers=XML)
        assert depot.status_code == 202
        return str(depot.json()["import_id"])


async def test_a_dry_run_is_shown_with_its_questions_and_integrated_by_an_answer(porte: Porte) -> None:
    import_id = await deposer(porte, essai=True)
    async with porte.programme("chef.a") as client:
        lu = (await client.get(f"{API}/imports/{import_id}")).json()
        assert (lu["etat"], lu["questions"][0]["code"]) == ("ESSAI", "PLUS_ANCIEN")
        fait = await client.post(f"{API}/imports/{import_id}/integrer", params={"confirme": True})
        assert (fait.status_code, fait.json()["etat"]) == (202, "DEPOSE")
        encore = await client.post(f"{API}/imports/{import_id}/annuler")
        assert (encore.status_code, encore.json()["code"]) == (409, "etat")
        liste = (await client.get(f"{API}/imports")).json()["imports"]
        assert [recu["id"] for recu in liste] == [import_id]
    assert porte.amont.imports[import_id]["confirme"] == "true"
    traces = [(t["ressource"], t["acte"], t["objet"]) for t in await porte.audit()]
    assert ("remontee", "ecrire", f"{import_id}/integrer") in traces


async def test_lines_and_their_workbook_are_read_and_written_down(porte: Porte) -> None:
    import_id = await deposer(porte, essai=False)
    async with porte.programme("chef.a") as client:
        page = (await client.get(f"{API}/imports/{import_id}/lignes", params={"gravite": "REJET"})).json()
        assert (page["lignes"][0]["ine"], page["suivant"]) == ("•••••••89AB", "12_x")
        classeur = await client.get(f"{API}/imports/{import_id}/compte-rendu.xlsx")
        assert classeur.content.startswith(b"PK-compte-rendu")
        assert "spreadsheetml" in classeur.headers["content-type"]
    assert [(t["acte"], t["objet"]) for t in await porte.audit()][1:] == [
        ("lire", import_id),
        ("lire", f"{import_id}/compte-rendu.xlsx"),
    ]


async def test_the_pages_let_a_chef_answer_and_download(porte: Porte) -> None:
    import_id = await deposer(porte, essai=True)
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(f"/lycees/{LYCEE_A}/siecle/{import_id}")
        assert "rien n’est encore enregistré" in page.text
        assert "Un export plus récent a été intégré." in page.text
        sans_jeton = await navigateur.post(f"/lycees/{LYCEE_A}/siecle/{import_id}/integrer")
        assert sans_jeton.status_code == 403
        corps = {"jeton": jeton_de(page), "confirme": "true"}
        suite = await navigateur.post(f"/lycees/{LYCEE_A}/siecle/{import_id}/integrer", data=corps)
        assert "en attente de lecture" in suite.text
        porte.amont.imports[import_id]["etat"] = "TERMINE"
        fini = await navigateur.get(f"/lycees/{LYCEE_A}/siecle/{import_id}")
        assert f"/lycees/{LYCEE_A}/siecle/{import_id}/compte-rendu.xlsx" in fini.text
        assert (await navigateur.get(f"/lycees/{LYCEE_A}/siecle/{import_id}/compte-rendu.xlsx")).content[
            :2
        ] == b"PK"


@pytest.mark.parametrize("etat", ["A_CONFIRMER", "ANNULE", "EXPIRE", "ANALYSE", "PUBLICATION", "REFUSE"])
async def test_every_state_has_its_page(porte: Porte, etat: str) -> None:
    import_id = await deposer(porte, essai=True)
    avancement = {"phase": "LECTURE", "part": 0.5, "unite": "octets", "reste_s": 1_200, "fait": 1, "total": 2}
    porte.amont.imports[import_id] |= {"etat": etat, "avancement": avancement}
    mots = {
        "A_CONFIRMER": "Une réponse est attendue",
        "ANNULE": "Dépôt annulé",
        "EXPIRE": "faute de réponse",
        "ANALYSE": "encore 1",
        "PUBLICATION": "Enregistrement des élèves en cours",
        "REFUSE": "Fichier refusé",
    }
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(f"/lycees/{LYCEE_A}/siecle/{import_id}")
        assert (page.status_code, mots[etat] in page.text) == (200, True)


async def test_absents_are_listed_with_the_names_that_are_known(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        absents = (await client.get(f"{API}/lycees/{LYCEE_A}/absents")).json()["absents"]
        assert [absent["depuis"] for absent in absents] == ["2026-01-13"] * 2
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(f"/lycees/{LYCEE_A}/absents")
        assert f"/lycees/{LYCEE_A}/eleves/{eleve_id(LYCEE_A, 3)}" in page.text
        assert page.text.count("Nom non reçu") == 1
    assert ("eleves", f"{LYCEE_A}/absents") in {(t["ressource"], t["objet"]) for t in await porte.audit()}


async def test_rejects_are_the_operator_s_alone_and_leave_their_trace(porte: Porte) -> None:
    numero = str(uuid4())
    demandes = (
        ("GET", "/rejets", None, 200),
        ("GET", f"/rejets/{numero}/7", None, 200),
        ("PUT", f"/rejets/{numero}/7/correction", None, 204),
        ("POST", f"/rejets/{numero}/rejouer", {"rangs": [7]}, 202),
        ("POST", f"/rejets/{numero}/abandonner", {"rangs": [7]}, 200),
    )
    for login in ("operateur", "chef.a", "saio"):
        async with porte.programme(login) as client:
            for methode, chemin, corps, attendu in demandes:
                options = {"content": b'{"type":"caes"}'} if methode == "PUT" else {"json": corps}
                reponse = await client.request(methode, API + chemin, **options)
                assert reponse.status_code == (attendu if login == "operateur" else 404), (login, chemin)
    assert porte.amont.fichiers == [b'{"type":"caes"}']
    assert [(t["acteur"], t["ressource"], t["acte"], t["objet"]) for t in await porte.audit()] == [
        ("operateur", "rejets", "lire", "liste"),
        ("operateur", "rejets", "lire", f"{numero}/7"),
        ("operateur", "rejets", "ecrire", f"{numero}/7"),
        ("operateur", "rejets", "ecrire", f"{numero}/rejouer"),
        ("operateur", "rejets", "ecrire", f"{numero}/abandonner"),
    ]
