"""Role × route × foreign object: what a caller may not see does not exist for him."""

import httpx

from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B, eleve_id
from tests.gateway.conftest import Porte

API = "/api/v1/sessions/2026"
SANS_CORPS: tuple[tuple[str, str], ...] = (
    ("GET", "/lycees/{uai}/indicateurs"),
    ("GET", "/lycees/{uai}/eleves"),
    ("POST", "/lycees/{uai}/eleves/recherche"),
    ("GET", "/eleves/{eleve}"),
    ("GET", "/eleves/{eleve}/avis"),
    ("GET", "/eleves/{eleve}/avis/V1"),
    ("PUT", "/eleves/{eleve}/avis/V1"),
    ("POST", "/lycees/{uai}/exports"),
    ("GET", "/lycees/{uai}/exports/{export}"),
    ("GET", "/lycees/{uai}/exports/{export}/fichier"),
    ("POST", "/lycees/{uai}/remontees/siecle"),
    ("GET", "/imports/{import_}"),
    ("GET", "/imports/{import_}/lignes"),
    ("GET", "/imports/{import_}/compte-rendu.xlsx"),
    ("POST", "/imports/{import_}/integrer"),
    ("POST", "/imports/{import_}/confirmer"),
    ("POST", "/imports/{import_}/annuler"),
    ("GET", "/lycees/{uai}/absents"),
)
CORPS = {"PUT": {"capacite": "SATISFAISANTE"}, "POST": {"liste": "inscrits_sans_voeu"}}


async def appeler(
    client: httpx.AsyncClient, methode: str, route: str, uai: str, **ids: str
) -> httpx.Response:
    chemin = API + route.format(uai=uai, eleve=eleve_id(uai, 1), **ids)
    if chemin.endswith("/siecle"):
        entete = {"Content-Type": "application/xml"}
        return await client.post(chemin, content=b"<BEE_ELEVES/>", headers=entete)
    return await client.request(methode, chemin, json=CORPS.get(methode))


async def objets(porte: Porte, uai: str, login: str) -> dict[str, str]:
    """An export and an import that exist, made by the lycée's own chef."""
    async with porte.programme(login) as client:
        export = await appeler(client, "POST", "/lycees/{uai}/exports", uai)
        depot = await appeler(client, "POST", "/lycees/{uai}/remontees/siecle", uai)
    return {"export": export.json()["id"], "import_": depot.json()["import_id"]}


async def test_every_route_of_a_lycee_answers_404_to_strangers(porte: Porte) -> None:
    ids = await objets(porte, LYCEE_A, "chef.a")
    avant = len(porte.amont.avis), len(porte.amont.fichiers), len(porte.amont.exports)
    for login in ("chef.b", "saio", "operateur", "egare"):
        async with porte.programme(login) as client:
            for methode, route in SANS_CORPS:
                reponse = await appeler(client, methode, route, LYCEE_A, **ids)
                assert (reponse.status_code, route, login) == (404, route, login)
                assert reponse.json()["code"] == "introuvable"
    assert avant == (len(porte.amont.avis), len(porte.amont.fichiers), len(porte.amont.exports))


async def test_the_same_routes_serve_the_lycee_itself(porte: Porte) -> None:
    ids = await objets(porte, LYCEE_A, "chef.a")
    async with porte.programme("chef.a") as client:
        ecrit = await appeler(client, "PUT", "/eleves/{eleve}/avis/V1", LYCEE_A)
        assert ecrit.status_code == 200
        for methode, route in SANS_CORPS:
            if methode == "GET":
                reponse = await appeler(client, methode, route, LYCEE_A, **ids)
                assert (reponse.status_code, route) == (200, route)


async def test_an_academie_is_compared_by_its_saio_alone(porte: Porte) -> None:
    for login, attendu in (("saio", 200), ("chef.a", 404), ("operateur", 404)):
        async with porte.programme(login) as client:
            reponse = await client.get(f"{API}/academies/{ACADEMIE}/indicateurs")
            assert (reponse.status_code, login) == (attendu, login)
            assert (await client.get(f"{API}/academies/01/indicateurs")).status_code == 404


async def test_pages_of_another_lycee_do_not_exist(porte: Porte) -> None:
    async with porte.navigateur("chef.b") as navigateur:
        for chemin in ("", "/siecle", f"/eleves/{eleve_id(LYCEE_A, 1)}"):
            page = await navigateur.get(f"/lycees/{LYCEE_A}{chemin}")
            assert page.status_code == 404, chemin
            assert "Page introuvable" in page.text


async def test_a_pupil_is_not_shown_under_the_address_of_another_lycee(porte: Porte) -> None:
    async with porte.navigateur("chef.b") as navigateur:
        adresse = f"/lycees/{LYCEE_A}/eleves/{eleve_id(LYCEE_B, 1)}"
        assert (await navigateur.get(adresse)).status_code == 404


async def test_an_unknown_caller_gets_401_everywhere(porte: Porte) -> None:
    async with porte.client() as client:
        for methode, route in (*SANS_CORPS, ("GET", f"/academies/{ACADEMIE}/indicateurs")):
            reponse = await appeler(
                client, methode, route, LYCEE_A, export=eleve_id("x", 1), import_=eleve_id("x", 2)
            )
            assert (reponse.status_code, route) == (401, route)
        assert (await client.get("/api/v1/moi")).status_code == 401
    assert porte.amont.appels == []
