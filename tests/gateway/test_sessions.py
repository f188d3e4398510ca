"""Cookies, forgery, logout, and a Valkey that does not answer."""

from pathlib import Path

from redis.asyncio import Redis

from services.gateway.sessions import Sessions
from shared.http.perimetre import Perimetre, Role
from tests.gateway._amont import LYCEE_A, eleve_id
from tests.gateway.conftest import Porte, ouvrir
from tests.kit.login import jeton_de
from tests.kit.services import World

AVIS = f"/api/v1/sessions/2026/eleves/{eleve_id(LYCEE_A, 1)}/avis/V1"
SAISIE = {"capacite": "SATISFAISANTE"}


async def test_the_cookie_is_opaque_and_out_of_reach_of_scripts(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        biscuit = next(c for c in navigateur.cookies.jar if c.name == "pilotage")
    assert biscuit.has_nonstandard_attr("HttpOnly")
    assert biscuit.get_nonstandard_attr("SameSite") == "lax"
    assert biscuit.expires is None
    assert len(biscuit.value or "") > 40


async def test_over_tls_the_cookie_is_bound_to_the_host(porte: Porte) -> None:
    settings = porte.running.settings.model_copy(update={"public_url": "https://pilotage.example"})
    assert settings.secure
    assert Sessions(None, settings).cookie == "__Host-pilotage"  # type: ignore[arg-type]


async def test_valkey_holds_no_cookie_that_could_be_replayed(porte: Porte, redis_url: str) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        identifiant = navigateur.cookies["pilotage"]
        valkey = Redis.from_url(redis_url, decode_responses=True)
        cles = [cle async for cle in valkey.scan_iter("*gateway:session:*")]
        assert cles
        assert all(identifiant not in cle for cle in cles)
        durees = [await valkey.ttl(cle) for cle in cles]
        assert all(0 < duree <= porte.running.settings.session_idle_s for duree in durees)
        await valkey.aclose()


async def test_a_session_ends_at_its_latest_whatever_its_use(porte: Porte) -> None:
    settings = porte.running.settings.model_copy(update={"session_max_s": 0})
    sessions = Sessions(porte.running.resources["moyens"].sessions._valkey, settings)
    identifiant = await sessions.ouvrir(Perimetre(acteur="x", role=Role.CHEF), "", "")
    assert await sessions.lire(identifiant) is None


async def test_a_write_with_the_cookie_alone_is_refused(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        refus = await navigateur.put(AVIS, json=SAISIE)
        assert (refus.status_code, refus.json()["code"]) == (403, "jeton_absent")
        faux = await navigateur.put(AVIS, json=SAISIE, headers={"X-CSRF-Token": "faux"})
        assert faux.status_code == 403
        assert porte.amont.avis == {}
        jeton = jeton_de(await navigateur.get("/"))
        bon = await navigateur.put(AVIS, json=SAISIE, headers={"X-CSRF-Token": jeton})
        assert bon.status_code == 200


async def test_a_form_with_the_token_of_another_session_is_refused(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as lui, porte.navigateur("chef.b") as elle:
        jeton = jeton_de(await elle.get("/"))
        for chemin in (f"/lycees/{LYCEE_A}/exports", "/deconnexion"):
            page = await lui.post(chemin, data={"jeton": jeton})
            assert page.status_code == 403
            assert "Cette page a expiré" in page.text
        assert porte.amont.exports == {}


async def test_logging_out_ends_the_session_on_the_server(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        vole = navigateur.cookies["pilotage"]
        page = await navigateur.post("/deconnexion", data={"jeton": jeton_de(await navigateur.get("/"))})
        assert "Vous êtes déconnecté" in page.text
        assert "pilotage" not in navigateur.cookies
    async with porte.client(cookies={"pilotage": vole}) as voleur:
        assert (await voleur.get("/api/v1/moi")).status_code == 401


async def test_a_new_login_gets_a_new_session_and_ends_the_old_one(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        ancien = navigateur.cookies["pilotage"]
        navigateur.cookies.clear()
    async with porte.navigateur("chef.a") as navigateur:
        assert navigateur.cookies["pilotage"] != ancien


async def test_without_valkey_people_are_told_and_programs_still_work(world: World, tmp_path: Path) -> None:
    async with ouvrir(world, tmp_path, redis_url="redis://127.0.0.1:1/0") as porte:
        async with porte.client(cookies={"pilotage": "x"}) as navigateur:
            page = await navigateur.get("/")
            assert page.status_code == 503
            assert "Le service de connexion ne répond pas" in page.text
        async with porte.programme("chef.a") as client:
            assert (await client.get("/api/v1/moi")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 503
