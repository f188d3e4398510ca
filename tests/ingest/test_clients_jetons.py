"""Credentials of machines: the grant as RFC 6749 says it, what a token opens, and how it stops at once."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.ingest.clients import domain
from services.ingest.clients.domain import Genre
from shared.http.perimetre import Perimetre, Role, signer
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, siecle
from tests.ingest._machines import API, Portes, demander, portes
from tests.kit.services import SERVICE_TOKEN_KEY, World

FORMULAIRE = {"grant_type": "client_credentials"}


@pytest.fixture
async def les_portes(world: World, tmp_path: Path) -> AsyncIterator[Portes]:
    async with portes(world, tmp_path, token_rate_per_minute=1_000) as ouvertes:
        yield ouvertes


async def test_a_token_is_given_for_credentials_in_the_header_or_in_the_body(les_portes: Portes) -> None:
    client_id, secret = await les_portes.logiciel()
    async with les_portes.anonyme() as client:
        entete = await demander(client, (client_id, secret))
        corps = await client.post(
            "/api/v1/jetons", data={**FORMULAIRE, "client_id": client_id, "client_secret": secret}
        )
    for reponse in (entete, corps):
        rendu = reponse.json()
        assert (reponse.status_code, rendu["token_type"], rendu["scope"]) == (200, "Bearer", "logiciel")
        assert rendu["expires_in"] == 900
        assert (reponse.headers["cache-control"], reponse.headers["pragma"]) == ("no-store", "no-cache")
        assert secret not in base64.b64decode(rendu["access_token"].split(".")[1] + "==").decode()
    assert await les_portes.audit() == [(client_id, "ecrire", "jeton", client_id)] * 2


@pytest.mark.parametrize(
    ("champs", "entete", "status", "erreur"),
    [
        ({}, "bon", 400, "invalid_request"),
        ({"grant_type": "password"}, "bon", 400, "unsupported_grant_type"),
        ({**FORMULAIRE, "scope": "plateforme"}, "bon", 400, "invalid_scope"),
        ({**FORMULAIRE, "client_secret": "x"}, "bon", 400, "invalid_request"),
        ({**FORMULAIRE, "client_id": "autre"}, "bon", 401, "invalid_client"),
        ({"grant_type": ["client_credentials"] * 2}, "bon", 400, "invalid_request"),
        (FORMULAIRE, "", 401, "invalid_client"),
        (FORMULAIRE, "Basic !!!", 401, "invalid_client"),
        (FORMULAIRE, "Basic " + base64.b64encode(b"logiciel-0123456789abcdef:faux").decode(), 401, "invalid_client"),
        (FORMULAIRE, "Basic " + base64.b64encode(b"' OR 1=1:x").decode(), 401, "invalid_client"),
        (FORMULAIRE, "Bearer x", 401, "invalid_client"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_as_the_rfc_does(
    les_portes: Portes, champs: dict[str, Any], entete: str, status: int, erreur: str
) -> None:
    identifiants = ":".join(await les_portes.logiciel()).encode()
    bon = "Basic " + base64.b64encode(identifiants).decode()
    entetes = {"Authorization": bon if entete == "bon" else entete} if entete else {}
    async with les_portes.anonyme() as client:
        reponse = await client.post("/api/v1/jetons", data=champs or {"x": "y"}, headers=entetes)
    assert (reponse.status_code, reponse.json()["error"]) == (status, erreur), reponse.text
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", reponse.json()["error_description"])
    if status == 401 and entete.startswith(("bon", "Basic")):
        assert reponse.headers["www-authenticate"].startswith("Basic ")


async def test_a_body_that_is_no_form_is_refused(les_portes: Portes) -> None:
    async with les_portes.anonyme() as client:
        for reponse in (
            await client.post("/api/v1/jetons", json=FORMULAIRE),
            await client.post(
                "/api/v1/jetons",
                content=b"\xff=\xfe",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            ),
        ):
            assert (reponse.status_code, reponse.json()["error"]) == (400, "invalid_request")


async def test_a_revocation_stops_the_tokens_already_given(les_portes: Portes) -> None:
    identifiants = await les_portes.logiciel()
    async with les_portes.avec(identifiants) as machine, les_portes.personne("chef") as chef:
        assert (await machine.get("/api/v1/moi")).json()["role"] == "logiciel"
        adresse = f"{API}/lycees/{UAI}/logiciels/{identifiants[0]}"
        assert (await chef.delete(adresse)).status_code == 204
        assert (await chef.delete(adresse)).status_code == 204
        assert (await machine.get("/api/v1/moi")).status_code == 401
        assert (await demander(machine, identifiants)).status_code == 401
    assert ("chef", "ecrire", "logiciels", f"{UAI}/{identifiants[0]}/revocation") in await les_portes.audit()


async def test_a_credential_ends_with_its_term(les_portes: Portes) -> None:
    identifiants = await les_portes.plateforme()
    async with les_portes.avec(identifiants) as machine:
        async with les_portes.ingest.engine.begin() as tx:
            await tx.execute(text("UPDATE registre.client_machine SET expire_le = now()"))
        assert (await machine.get("/api/v1/moi")).status_code == 401
        assert (await demander(machine, identifiants)).status_code == 401


async def test_a_token_ends_with_its_own_term_and_cannot_be_forged(world: World, tmp_path: Path) -> None:
    async with portes(world, tmp_path, token_lifetime_s=60) as ouvertes:
        identifiants = await ouvertes.logiciel()
        async with ouvertes.avec(identifiants) as machine:
            jeton = machine.headers["Authorization"]
            entre_services = signer(
                Perimetre(acteur=identifiants[0], role=Role.LOGICIEL, lycees=(UAI,)),
                SERVICE_TOKEN_KEY,
                "pilotage-api",
            )
            ouvertes.gateway.resources["moyens"].jetons.duree = -1
            perime = (await demander(machine, identifiants)).json()["access_token"]
            for faux in (jeton[:-2] + "AA", f"Bearer {entre_services}", f"Bearer {perime}", "Bearer a.b.c"):
                reponse = await machine.get("/api/v1/moi", headers={"Authorization": faux})
                assert reponse.status_code == 401, faux


async def test_a_client_that_asks_too_often_waits(world: World, tmp_path: Path) -> None:
    async with portes(world, tmp_path, token_rate_per_minute=2) as ouvertes:
        un, autre = await ouvertes.logiciel(), await ouvertes.logiciel()
        async with ouvertes.anonyme() as client:
            reponses = [await demander(client, (un[0], "faux")) for _ in range(5)]
            assert [r.status_code for r in reponses][:2] == [401, 401]
            assert 429 in {r.status_code for r in reponses}
            assert 1 <= int(reponses[-1].headers["retry-after"]) <= 60
            assert (await demander(client, autre)).status_code == 200


async def test_a_role_of_machine_is_not_taken_from_the_identity_provider(les_portes: Portes) -> None:
    async with les_portes.personne("imposteur") as imposteur:
        assert (await imposteur.get("/api/v1/moi")).status_code == 401


async def test_a_chef_keeps_the_credentials_of_his_lycee_alone(les_portes: Portes) -> None:
    async with les_portes.personne("chef") as chef, les_portes.personne("autre") as autre:
        cree = (await chef.post(f"{API}/lycees/{UAI}/logiciels", json={"nom": "Notes", "jours": 30})).json()
        assert cree["client_secret"].startswith(domain.PREFIXE_SECRET)
        jours = datetime.fromisoformat(cree["expire_le"]) - datetime.now(UTC)
        assert 29 <= jours.days <= 30
        (liste,) = (await chef.get(f"{API}/lycees/{UAI}/logiciels")).json()["logiciels"]
        assert "client_secret" not in liste
        assert (liste["client_id"], liste["utilise_le"]) == (cree["client_id"], None)
        for methode, adresse in (
            ("GET", f"{API}/lycees/{UAI}/logiciels"),
            ("POST", f"{API}/lycees/{UAI}/logiciels"),
            ("DELETE", f"{API}/lycees/{UAI}/logiciels/{cree['client_id']}"),
            ("DELETE", f"{API}/lycees/{AUTRE_UAI}/logiciels/{cree['client_id']}"),
        ):
            corps = {"json": {"nom": "x"}} if methode == "POST" else {}
            assert (await autre.request(methode, adresse, **corps)).status_code == 404
        identifiants = cree["client_id"], cree["client_secret"]
        async with les_portes.avec(identifiants) as machine:
            moi = (await machine.get("/api/v1/moi")).json()
            assert (moi["role"], moi["lycees"], moi["nation"]) == ("logiciel", [UAI], False)
        (liste,) = (await chef.get(f"{API}/lycees/{UAI}/logiciels")).json()["logiciels"]
        assert liste["utilise_le"] is not None


async def test_a_lycee_has_so_many_credentials_and_no_more(les_portes: Portes) -> None:
    async with les_portes.personne("chef") as chef:
        demandes = [
            chef.post(f"{API}/lycees/{UAI}/logiciels", json={"nom": f"n{n}"})
            for n in range(domain.LOGICIELS_MAX + 2)
        ]
        statuts = sorted(r.status_code for r in await asyncio.gather(*demandes))
    assert statuts == [201] * domain.LOGICIELS_MAX + [409] * 2


async def test_the_secret_is_in_no_table_and_in_no_audit(les_portes: Portes) -> None:
    _, secret = await les_portes.logiciel()
    async with les_portes.ingest.engine.connect() as tx:
        lignes = (await tx.execute(text("SELECT t::text FROM registre.client_machine t"))).scalars().all()
    assert len(lignes) == 1
    assert secret not in lignes[0]
    assert secret.encode().hex() not in lignes[0]


async def test_the_software_of_a_lycee_deposits_its_files_and_reads_its_own_comptes_rendus_only(
    les_portes: Portes,
) -> None:
    depot = f"{API}/lycees/{UAI}/remontees/siecle"
    xml = {"Content-Type": "application/xml"}
    async with (
        les_portes.avec(await les_portes.logiciel()) as machine,
        les_portes.avec(await les_portes.logiciel()) as voisine,
        les_portes.avec(await les_portes.plateforme()) as plateforme,
    ):
        recu = await machine.post(depot, content=siecle(eleve(1)), headers=xml)
        assert recu.status_code == 202, recu.text
        compte_rendu = f"{API}/imports/{recu.json()['import_id']}"
        assert (await machine.get(compte_rendu)).status_code == 200
        assert (await voisine.get(compte_rendu)).status_code == 404
        assert (await plateforme.get(compte_rendu)).status_code == 404
        ailleurs = depot.replace(UAI, AUTRE_UAI)
        for client, adresse in ((machine, ailleurs), (plateforme, depot)):
            assert (await client.post(adresse, content=siecle(), headers=xml)).status_code == 404
        for adresse in (f"/lycees/{UAI}/eleves", f"/lycees/{UAI}/indicateurs", f"/lycees/{UAI}/logiciels"):
            for client in (machine, plateforme):
                assert (await client.get(API + adresse)).status_code == 404


async def test_the_page_shows_the_secret_once(les_portes: Portes) -> None:
    async with les_portes.navigateur("chef") as chef:
        adresse = f"/lycees/{UAI}/logiciels"
        jeton = _jeton(await chef.get(adresse))
        refus = await chef.post(adresse, data={"jeton": jeton, "nom": " "})
        assert refus.status_code == 422
        page = await chef.post(adresse, data={"jeton": jeton, "nom": "Notes & <b>"})
        (secret,) = re.findall(r"<code>(pilotage_[^<]+)</code>", page.text)
        assert "Notes &amp; &lt;b&gt;" in page.text
        relue = await chef.get(adresse)
        assert secret not in relue.text
        client_id = re.findall(r"logiciel-[0-9a-f]{16}", relue.text)[0]
        async with les_portes.avec((client_id, secret)) as machine:
            revoque = await chef.post(f"{adresse}/{client_id}/revocation", data={"jeton": jeton})
            assert "Accès révoqué" in revoque.text
            assert (await machine.get("/api/v1/moi")).status_code == 401
        assert (await chef.post(adresse, data={"jeton": "faux", "nom": "x"})).status_code == 403


def _jeton(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    return unescape(re.findall(r'name="jeton" value="([^"]+)"', page.text)[0])


async def test_a_credential_of_the_platform_names_no_lycee(les_portes: Portes) -> None:
    async with les_portes.avec(await les_portes.machine(Genre.PLATEFORME)) as machine:
        moi = (await machine.get("/api/v1/moi")).json()
        assert (moi["role"], moi["lycees"], moi["nation"]) == ("plateforme", [], False)
