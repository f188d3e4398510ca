"""Tokens and the login: what must be refused is refused."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.oidc_tokens import Codes, challenge_of, signing_key
from tests.gateway.conftest import COMPTES, Porte
from tests.kit.login import CLIENT_ID, CLIENT_SECRET, PASSWORD, se_connecter

MOI = "/api/v1/moi"


async def moi(porte: Porte, jeton: str) -> int:
    async with porte.client(headers={"Authorization": f"Bearer {jeton}"}) as client:
        return (await client.get(MOI)).status_code


def forger(porte: Porte, cle: Any, entete: dict[str, Any], **claims: Any) -> str:
    now = int(time.time())
    base = {
        "iss": porte.emetteur.url,
        "aud": "pilotage-api",
        "sub": "chef.a",
        "role": "chef",
        "iat": now,
        "exp": now + 60,
    }
    valeurs = {nom: valeur for nom, valeur in {**base, **claims}.items() if valeur is not None}
    return jwt.encode(entete, valeurs, cle, algorithms=[entete["alg"]])


def _b64(entete: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(entete).encode()).rstrip(b"=").decode()


async def test_an_access_token_says_who_calls(porte: Porte) -> None:
    async with porte.programme("chef.a") as client:
        found = (await client.get(MOI)).json()
    assert found["role"] == "chef"
    assert found["lycees"] == COMPTES[0]["lycees"]


async def test_an_id_token_is_not_an_access_token(porte: Porte) -> None:
    jetons = await porte.emetteur.jetons("chef.a")
    assert await moi(porte, jetons["access_token"]) == 200
    assert await moi(porte, jetons["id_token"]) == 401


async def test_a_token_with_a_wrong_claim_is_refused(porte: Porte, tmp_path: Path) -> None:
    cle = signing_key(tmp_path / "issuer.pem")
    entete = {"alg": "ES256", "kid": cle.kid}
    assert await moi(porte, forger(porte, cle, entete)) == 200
    maintenant = int(time.time())
    faux: list[dict[str, Any]] = [
        {"aud": "autre"},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"exp": maintenant - 3_600},
        {"exp": None},
        {"nbf": maintenant + 3_600},
        {"role": "jardinier"},
        {"sub": "Nom Prénom"},
    ]
    for claims in faux:
        assert await moi(porte, forger(porte, cle, entete, **claims)) == 401, claims


async def test_an_algorithm_off_the_list_is_refused(porte: Porte, tmp_path: Path) -> None:
    cle = signing_key(tmp_path / "issuer.pem")
    _, charge, _ = forger(porte, cle, {"alg": "ES256", "kid": cle.kid}).split(".")
    assert await moi(porte, f"{_b64({'alg': 'none', 'kid': cle.kid})}.{charge}.") == 401
    signe = f"{_b64({'alg': 'HS256', 'kid': cle.kid})}.{charge}"
    sceau = hmac.digest(cle.as_pem(private=False), signe.encode(), "sha256")
    assert await moi(porte, f"{signe}.{urlsafe_b64encode(sceau).rstrip(b'=').decode()}") == 401
    assert await moi(porte, "n'importe quoi") == 401


async def test_a_stranger_s_key_is_refused_and_keys_are_not_read_again_for_it(
    porte: Porte, tmp_path: Path
) -> None:
    assert await moi(porte, (await porte.emetteur.jetons("chef.a"))["access_token"]) == 200
    etranger = ECKey.generate_key("P-256")
    lu = porte.running.resources["moyens"].fournisseur._lu
    for _ in range(3):
        assert await moi(porte, forger(porte, etranger, {"alg": "ES256", "kid": "inconnue"})) == 401
    vraie = signing_key(tmp_path / "issuer.pem")
    assert await moi(porte, forger(porte, etranger, {"alg": "ES256", "kid": vraie.kid})) == 401
    assert porte.running.resources["moyens"].fournisseur._lu == lu


async def test_the_login_comes_back_only_to_the_browser_that_left(porte: Porte) -> None:
    async with porte.client() as victime, porte.client() as attaquant:
        depart = await attaquant.get("/connexion")
        state = parse_qs(urlsplit(depart.headers["location"]).query)["state"][0]
        retour = {"code": "x", "state": state}
        assert (await victime.get("/connexion/retour", params=retour)).status_code == 400
        assert (
            await attaquant.get("/connexion/retour", params={**retour, "state": "autre"})
        ).status_code == 400
        assert (await attaquant.get("/connexion/retour", params=retour)).status_code == 400


async def test_a_code_of_another_login_is_refused(porte: Porte) -> None:
    """PKCE: a code made for one verifier is worth nothing with another."""
    async with porte.client(follow_redirects=False) as navigateur:
        depart = urlsplit((await navigateur.get("/connexion")).headers["location"])
        demande = {nom: valeurs[0] for nom, valeurs in parse_qs(depart.query).items()}
        async with httpx.AsyncClient() as client:
            autre = {
                **demande,
                "code_challenge": challenge_of("autre"),
                "login": "chef.a",
                "password": PASSWORD,
            }
            accord = await client.post(f"{porte.emetteur.url}/autorisation", data=autre)
        retour = await navigateur.get(accord.headers["location"])
        assert retour.status_code == 401
        assert "set-cookie" not in retour.headers


async def test_a_role_unknown_here_does_not_log_in(porte: Porte) -> None:
    async with porte.client(follow_redirects=True) as navigateur:
        page = await se_connecter(navigateur, "inconnu")
        assert page.status_code == 401
        assert (await navigateur.get(MOI)).status_code == 401


async def test_an_account_without_a_scope_is_told_so(porte: Porte) -> None:
    async with porte.client(follow_redirects=True) as navigateur:
        page = await se_connecter(navigateur, "egare")
        assert page.status_code == 403
        assert "rattaché à aucun lycée" in page.text


async def test_the_login_leads_nowhere_else(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        for retour in ("//ailleurs.example", "https://ailleurs.example", "/\\ailleurs", "/a\r\nb"):
            page = await navigateur.get("/connexion", params={"retour": retour})
            assert str(page.url) == f"{porte.url}/lycees/{COMPTES[0]['lycees'][0]}"


async def demander(porte: Porte, **changes: str) -> httpx.Response:
    demande = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{porte.emetteur.public_url}/connexion/retour",
        "scope": "openid",
        "state": "s",
        "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
        "login": "chef.a",
        "password": PASSWORD,
        **changes,
    }
    async with httpx.AsyncClient() as client:
        return await client.post(f"{porte.emetteur.url}/autorisation", data=demande)


async def echanger(porte: Porte, code: str, **changes: str) -> httpx.Response:
    champs = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": f"{porte.emetteur.public_url}/connexion/retour",
        "code": code,
        "code_verifier": "v" * 43,
        **changes,
    }
    async with httpx.AsyncClient() as client:
        return await client.post(f"{porte.emetteur.url}/jeton", data=champs)


async def code_de(porte: Porte) -> str:
    return parse_qs(urlsplit((await demander(porte)).headers["location"]).query)["code"][0]


async def test_the_issuer_gives_a_code_once(porte: Porte) -> None:
    code = await code_de(porte)
    assert (await echanger(porte, code)).status_code == 200
    assert (await echanger(porte, code)).json() == {"error": "invalid_grant"}


async def test_the_issuer_checks_who_presents_a_code(porte: Porte) -> None:
    fautes: tuple[tuple[dict[str, str], str], ...] = (
        ({"client_secret": "faux"}, "invalid_client"),
        ({"client_id": "autre"}, "invalid_client"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://ailleurs.example/"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    )
    for changes, attendu in fautes:
        reponse = await echanger(porte, await code_de(porte), **changes)
        assert (reponse.json(), changes) == ({"error": attendu}, changes)


async def test_the_issuer_redirects_nowhere_for_a_request_that_is_wrong(porte: Porte) -> None:
    fautes: tuple[dict[str, str], ...] = (
        {"redirect_uri": "http://ailleurs.example/"},
        {"client_id": "autre"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"state": ""},
    )
    for changes in fautes:
        reponse = await demander(porte, **changes)
        assert (reponse.status_code, changes) == (400, changes)
        assert "location" not in reponse.headers


async def test_a_wrong_password_shows_the_login_page_again(porte: Porte) -> None:
    reponse = await demander(porte, password="faux")
    assert reponse.status_code == 401
    assert "Identifiant ou mot de passe incorrect" in reponse.text


def test_a_code_is_forgotten_after_a_minute() -> None:
    now = [0.0]
    codes = Codes(clock=lambda: now[0])
    compte: Any = object()
    code = codes.issue(compte, "r", challenge_of("v"), None)
    now[0] = 61.0
    assert codes.redeem(code, "r", "v") is None
    assert codes.redeem(codes.issue(compte, "r", challenge_of("v"), None), "r", "v") is not None


def test_the_signing_key_is_readable_by_its_owner_alone_and_kept(tmp_path: Path) -> None:
    chemin = tmp_path / "cle.pem"
    assert signing_key(chemin).kid == signing_key(chemin).kid
    assert chemin.stat().st_mode & 0o777 == 0o600
