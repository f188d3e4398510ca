"""Every nominative read and every write is written down first, or does not happen."""

from typing import Any

from sqlalchemy import text

from tests.gateway._amont import LYCEE_A, NOMS, PRENOMS, eleve_id
from tests.gateway.conftest import Porte
from tests.kit.login import jeton_de

API = "/api/v1/sessions/2026"
ELEVE = eleve_id(LYCEE_A, 1)
XML = {"Content-Type": "application/xml"}


async def test_reads_and_writes_leave_their_trace_with_ids_only(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        await client.get(f"{API}/lycees/{LYCEE_A}/eleves", params={"liste": "tous", "classe": "T1"})
        recherche = {"liste": "non_inscrits", "q": "faÿ"}
        await client.post(f"{API}/lycees/{LYCEE_A}/eleves/recherche", json=recherche)
        await client.get(f"{API}/eleves/{ELEVE}")
        await client.get(f"{API}/eleves/{ELEVE}/avis")
        await client.put(f"{API}/eleves/{ELEVE}/avis/V2/S1", json={"capacite": "SATISFAISANTE"})
        export = (await client.post(f"{API}/lycees/{LYCEE_A}/exports", json={"liste": "tous"})).json()["id"]
        await client.get(f"{API}/lycees/{LYCEE_A}/exports/{export}/fichier")
        depot = await client.post(
            f"{API}/lycees/{LYCEE_A}/remontees/siecle", content=b"<BEE_ELEVES/>", headers=XML
        )
        await client.get(f"{API}/imports/{depot.json()['import_id']}")
    traces = [(t["ressource"], t["acte"], t["objet"]) for t in await porte.audit()]
    assert traces == [
        ("eleves", "lire", f"{LYCEE_A}/tous"),
        ("eleves", "lire", f"{LYCEE_A}/non_inscrits"),
        ("dossier", "lire", ELEVE),
        ("avis", "lire", ELEVE),
        ("avis", "ecrire", f"{ELEVE}/V2/S1"),
        ("export", "ecrire", f"{LYCEE_A}/tous"),
        ("export", "lire", f"{LYCEE_A}/{export}"),
        ("remontee", "ecrire", LYCEE_A),
        ("remontee", "lire", depot.json()["import_id"]),
    ]
    ecrit = str(await porte.audit()).casefold()
    assert not [nom for nom in (*NOMS, *PRENOMS) if nom.casefold() in ecrit]
    assert {(t["acteur"], t["role"], t["perimetre"]) for t in await porte.audit()} == {
        ("chef.a", "chef", LYCEE_A)
    }


async def test_figures_without_names_are_not_audited(porte: Porte) -> None:
    async with porte.programme("saio") as client:
        assert (await client.get(f"{API}/academies/10/indicateurs")).status_code == 200
    assert await porte.audit() == []


async def test_pages_are_audited_like_the_api(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        dossier = await navigateur.get(f"/lycees/{LYCEE_A}/eleves/{ELEVE}")
        await navigateur.get("/")
        recherche = {"jeton": jeton_de(dossier), "q": "a"}
        await navigateur.post(f"/lycees/{LYCEE_A}/listes/tous", data=recherche)
    assert {(t["ressource"], t["objet"]) for t in await porte.audit()} == {
        ("eleves", f"{LYCEE_A}/tous"),
        ("eleves", f"{LYCEE_A}/file"),
        ("dossier", ELEVE),
        ("avis", ELEVE),
    }


NOMINATIVES = (
    ("GET", f"/lycees/{LYCEE_A}/eleves"),
    ("POST", f"/lycees/{LYCEE_A}/eleves/recherche"),
    ("GET", f"/lycees/{LYCEE_A}/file"),
    ("GET", f"/eleves/{ELEVE}"),
    ("GET", f"/eleves/{ELEVE}/avis"),
    ("PUT", f"/eleves/{ELEVE}/avis/V1"),
    ("POST", f"/lycees/{LYCEE_A}/exports"),
    ("POST", f"/lycees/{LYCEE_A}/remontees/siecle"),
)


async def test_what_cannot_be_written_down_is_refused(porte: Porte) -> None:
    async with porte.running.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE mechanism.outbox RENAME TO perdue"))
    async with porte.programme("chef.a") as client:
        for methode, chemin in NOMINATIVES:
            corps = {"PUT": {"capacite": "SATISFAISANTE"}, "POST": {"liste": "tous"}}.get(methode)
            fichier: dict[str, Any] = {"content": b"<BEE_ELEVES/>", "headers": XML}
            options = fichier if chemin.endswith("siecle") else {"json": corps}
            reponse = await client.request(methode, API + chemin, **options)
            assert (reponse.status_code, reponse.json()["code"]) == (503, "journal_indisponible"), chemin
            assert reponse.headers["retry-after"]
            assert not any(nom.upper() in reponse.text.upper() for nom in NOMS)
    assert (porte.amont.avis, porte.amont.exports, porte.amont.fichiers) == ({}, {}, [])


async def test_a_page_is_refused_too_when_the_trail_is_down(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        async with porte.running.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE mechanism.outbox RENAME TO perdue"))
        page = await navigateur.get(f"/lycees/{LYCEE_A}")
        assert page.status_code == 503
        assert "Le journal des accès ne répond pas" in page.text
