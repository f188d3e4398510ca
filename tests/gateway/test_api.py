"""The JSON API: composition, limits, headers, and services that are down."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from services.gateway.openapi import texte
from tests.gateway._amont import LYCEE_A, eleve_id
from tests.gateway.conftest import Porte
from tests.kit.login import jeton_de

API = "/api/v1/sessions/2026"
ELEVE = eleve_id(LYCEE_A, 1)
AVIS = f"{API}/eleves/{ELEVE}/avis"


async def test_indicators_keep_numerator_and_denominator_beside_the_rate(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        found = (await client.get(f"{API}/lycees/{LYCEE_A}/indicateurs")).json()
    generale = found["series"][0]["indicateurs"][0]
    assert (generale["numerateur"], generale["denominateur"]) == (106, 117)
    vide = found["series"][2]["indicateurs"][0]
    assert (vide["numerateur"], vide["denominateur"], vide["taux"]) == (0, 0, None)


async def test_the_list_pages_through_every_pupil_once(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        lus = await tous(client, limite=40)
        tries = await tous(client, limite=40, tri="voeux", descendant=True)
    assert len(lus) == len({eleve["eleve_id"] for eleve in lus}) == 130
    voeux = [eleve["voeux"] for eleve in tries]
    assert voeux == sorted(voeux, reverse=True)
    assert {eleve["eleve_id"] for eleve in tries} == {eleve["eleve_id"] for eleve in lus}


async def tous(client: httpx.AsyncClient, **filtres: Any) -> list[dict[str, Any]]:
    eleves: list[dict[str, Any]] = []
    curseur: str | None = None
    while True:
        parametres = {**filtres, **({"curseur": curseur} if curseur else {})}
        page = (await client.get(f"{API}/lycees/{LYCEE_A}/eleves", params=parametres)).json()
        eleves.extend(page["eleves"])
        if (curseur := page["suivant"]) is None:
            return eleves


async def test_a_search_by_name_travels_in_bodies_only(porte: Porte) -> None:
    recherche = {"q": "çelik", "liste": "tous", "tri": "classe", "descendant": True, "limite": 4}
    async with porte.programme("chef.a") as client:
        adresse = f"{API}/lycees/{LYCEE_A}/eleves/recherche"
        page = (await client.post(adresse, json=recherche)).json()
        suite = (await client.post(adresse, json={**recherche, "curseur": page["suivant"]})).json()
        assert (await client.post(adresse, json={"q": "a", "ine": "1"})).status_code == 422
    assert {eleve["nom"] for eleve in (*page["eleves"], *suite["eleves"])} == {"ÇELIK"}
    assert len({eleve["eleve_id"] for eleve in (*page["eleves"], *suite["eleves"])}) == 8
    assert porte.amont.recherches[0] == {**recherche, "filtres": {}, "nouveaux": False}


async def test_a_search_with_the_cookie_of_the_site_needs_the_proof_of_its_form(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        adresse = f"{API}/lycees/{LYCEE_A}/eleves/recherche"
        assert (await navigateur.post(adresse, json={"q": "a"})).status_code == 403
        entete = {"X-CSRF-Token": jeton_de(await navigateur.get("/"))}
        assert (await navigateur.post(adresse, json={"q": "a"}, headers=entete)).status_code == 200


async def test_fields_that_no_screen_needs_go_no_further(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        liste = await client.get(f"{API}/lycees/{LYCEE_A}/eleves")
        dossier = await client.get(f"{API}/eleves/{ELEVE}")
    assert "ine" not in liste.json()["eleves"][0]
    assert "ine" not in dossier.json()


async def test_an_avis_is_written_changed_and_erased_under_its_version(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        assert (await client.get(f"{AVIS}/V1")).status_code == 404
        premier = await client.put(f"{AVIS}/V1", json={"capacite": "SATISFAISANTE"})
        assert (premier.status_code, premier.headers["etag"]) == (200, '"1"')
        lu = await client.get(f"{AVIS}/V1")
        assert (lu.json()["capacite"], lu.headers["etag"]) == ("SATISFAISANTE", '"1"')
        perime = await client.put(
            f"{AVIS}/V1", json={"capacite": "PEU_DEMONTREE"}, headers={"If-Match": '"7"'}
        )
        assert perime.status_code == 412
        assert perime.json()["actuel"]["capacite"] == "SATISFAISANTE"
        efface = await client.put(f"{AVIS}/V1", json={"capacite": None}, headers={"If-Match": '"1"'})
        assert (efface.json()["capacite"], efface.json()["version"]) == (None, 2)


async def test_a_sous_voeu_has_its_own_avis(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        await client.put(f"{AVIS}/V2/S1", json={"capacite": "SATISFAISANTE"})
        assert (await client.get(f"{AVIS}/V2/S1")).json()["cible"] == "V2/S1"


async def test_an_avis_for_a_formation_not_asked_for_is_refused_in_plain_words(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        refus = await client.put(f"{AVIS}/V9", json={"capacite": "SATISFAISANTE"})
    assert (refus.status_code, refus.json()["code"]) == (409, "formation_non_demandee")
    assert refus.json()["title"].startswith("L’élève n’a pas demandé")


async def test_a_body_that_is_not_the_contract_is_refused(porte: Porte) -> None:
    faux = [{"capacite": "BONNE"}, {}, {"capacite": None, "auteur": "moi"}, [], {"capacite": 3}]
    async with porte.programme("chef.a") as client:
        for corps in faux:
            assert (await client.put(f"{AVIS}/V1", json=corps)).status_code == 422, corps
    assert porte.amont.avis == {}


async def test_an_address_that_is_not_the_contract_reaches_no_service(porte: Porte) -> None:
    faux = (
        "/lycees/0010014k/eleves",
        "/lycees/..%2f..%2fexports/eleves",
        "/eleves/pas-un-id",
        "/lycees/0010014K/eleves?limite=5000",
        "/lycees/0010014K/eleves?liste=secrete",
        "/lycees/0010014K/eleves?classe=%00",
        "/lycees/0010014K/eleves?q=dupont",
    )
    async with porte.programme("chef.a") as client:
        for chemin in faux:
            assert (await client.get(API + chemin)).status_code in {404, 422}, chemin
        hors = await client.get(f"{API}/lycees/{LYCEE_A}/eleves?tri=voeux&curseur=nom-40")
        assert (hors.status_code, hors.json()["code"]) == (422, "curseur_invalide")
    assert {appel[1].split("/")[1] for appel in porte.amont.appels} <= {"eleves"}


async def test_a_workbook_is_asked_for_and_streamed(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        demande = await client.post(f"{API}/lycees/{LYCEE_A}/exports", json={"liste": "inscrits_sans_voeu"})
        assert demande.status_code == 202
        adresse = f"{API}/lycees/{LYCEE_A}/exports/{demande.json()['id']}"
        assert (await client.get(adresse)).json()["etat"] == "PRET"
        fichier = await client.get(f"{adresse}/fichier")
    assert fichier.content == b"PK-classeur" * 10_000
    assert fichier.headers["content-disposition"].startswith("attachment")
    assert fichier.headers["cache-control"] == "no-store"


async def test_a_siecle_file_goes_through_as_it_is(porte: Porte) -> None:
    contenu = b"<BEE_ELEVES>" + b"x" * 1_000_000 + b"</BEE_ELEVES>"
    async with porte.programme("chef.a") as client:
        depot = await client.post(
            f"{API}/lycees/{LYCEE_A}/remontees/siecle",
            content=contenu,
            headers={"Content-Type": "application/xml"},
        )
        assert depot.status_code == 202
        rendu = (await client.get(f"{API}/imports/{depot.json()['import_id']}")).json()
    assert porte.amont.fichiers == [contenu]
    assert rendu["compte_rendu"]["compteurs"]["lus"] == 130


@pytest.mark.parametrize("annonce", [True, False])
async def test_a_body_too_heavy_is_refused_whether_it_says_so_or_not(porte: Porte, annonce: bool) -> None:
    lourd = b'{"capacite": null, "x": "' + b"a" * 100_000 + b'"}'

    async def morceaux() -> Any:
        yield lourd

    async with porte.programme("chef.a") as client:
        contenu = lourd if annonce else morceaux()
        entetes = {"Content-Type": "application/json"}
        reponse = await client.put(f"{AVIS}/V1", content=contenu, headers=entetes)
    assert reponse.status_code == 413


async def test_a_file_of_another_type_is_refused(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        chemin = f"{API}/lycees/{LYCEE_A}/remontees/siecle"
        reponse = await client.post(chemin, content=b"%PDF", headers={"Content-Type": "application/pdf"})
    assert reponse.status_code == 415


async def test_a_service_that_is_down_is_named_in_french(porte: Porte) -> None:
    porte.amont.en_panne.add("eleves")
    async with porte.programme("chef.a") as client:
        reponse = await client.get(f"{API}/eleves/{ELEVE}")
        assert (reponse.status_code, reponse.json()["code"]) == (503, "service_indisponible")
        assert "service des élèves" in reponse.json()["title"]
        assert (await client.get(f"{API}/lycees/{LYCEE_A}/indicateurs")).status_code == 200


async def test_every_answer_carries_the_security_headers(porte: Porte) -> None:
    async with porte.client() as client:
        for chemin in ("/api/v1/moi", "/deconnecte", "/nulle-part", "/static/pilotage.css"):
            entetes = (await client.get(chemin)).headers
            assert "default-src 'none'" in entetes["content-security-policy"]
            assert "unsafe" not in entetes["content-security-policy"]
            assert entetes["x-content-type-options"] == "nosniff"
            assert entetes["referrer-policy"] == "no-referrer"
            assert entetes["x-frame-options"] == "DENY"
        assert (await client.get("/deconnecte")).headers["cache-control"] == "no-store"


async def test_openapi_describes_the_published_api_and_nothing_else(porte: Porte) -> None:
    async with porte.client() as client:
        description = (await client.get("/api/v1/openapi.json")).json()
        assert (await client.get("/openapi.json")).status_code == 404
        assert (await client.get("/docs")).status_code == 404
    assert description["paths"]
    assert all(chemin.startswith("/api/v1/") for chemin in description["paths"])


def test_the_committed_description_is_that_of_the_code() -> None:
    commise = Path("docs/contracts/openapi.json").read_text()
    assert commise == texte(), "python -m services.gateway.openapi > docs/contracts/openapi.json"


async def test_every_route_of_the_api_asks_who_calls(porte: Porte) -> None:
    async with porte.client() as client:
        description = (await client.get("/api/v1/openapi.json")).json()
        assert description["paths"].pop("/api/v1/jetons"), (
            "asks for credentials itself, in the words of OAuth"
        )
        for chemin, methodes in description["paths"].items():
            for methode in methodes:
                concret = chemin.format(
                    session=2026,
                    uai=LYCEE_A,
                    code="10",
                    eleve_id=ELEVE,
                    cible="V1",
                    export_id=ELEVE,
                    import_id=ELEVE,
                    client_id="logiciel-0123456789abcdef",
                    televersement_id=ELEVE,
                    tache_id=ELEVE,
                    vue_id=ELEVE,
                    delegation_id=ELEVE,
                    acte="certifications",
                    action_id=ELEVE,
                    note_id=ELEVE,
                    proposition_id=ELEVE,
                    rang=7,
                    formation_id="F1",
                    objet="mef",
                    perdant=ELEVE,
                    indicateur="sans_voeu",
                    serie="STL",
                ).replace("{cible}", "V1")
                assert (await client.request(methode, concret)).status_code == 401, (methode, chemin)
