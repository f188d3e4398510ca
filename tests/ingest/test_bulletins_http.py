"""Bulletins at the public door: a gradebook's own credential, the signed receipt, récapitulatif and page."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from services.ingest.deposer import deposer
from services.ingest.natures import SIECLE
from services.ingest.recus import Signataire
from tests.ingest import _fichiers as f
from tests.ingest import _notes as n
from tests.ingest._machines import API, Portes, portes
from tests.ingest.conftest import morceaux
from tests.kit.journal import attendre
from tests.kit.login import en_ecoute
from tests.kit.services import World

DEPOT = f"{API}/lycees/{f.UAI}/remontees/bulletins"
RECAPITULATIF = f"{API}/lycees/{f.UAI}/bulletins/recapitulatif"
XML = {"Content-Type": "application/xml"}


@pytest.fixture
async def ouvertes(opened: World, tmp_path: Path) -> AsyncIterator[Portes]:
    """With the two pupils of the lycée already there."""
    calendrier = {"bulletins_attendus": "T1:08-01,T2:08-02"}
    async with portes(opened, tmp_path, token_rate_per_minute=1_000, ingest=calendrier) as ouvertes:
        imports = ouvertes.ingest.resources["imports"]
        contenu = f.siecle(f.eleve(1), f.eleve(2))
        import_id = await deposer(imports, SIECLE, morceaux(contenu), lambda: "x", demandeur="test")
        assert (await imports.attendre(import_id, SIECLE)).etat == "TERMINE"
        yield ouvertes


async def fini(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    lu: dict[str, Any] = {}

    async def termine() -> bool:
        """The deposit is done."""
        lu.update((await client.get(f"{API}/imports/{import_id}")).json())
        return lu["etat"] not in {"DEPOSE", "ANALYSE", "PUBLICATION"}

    await attendre(termine)
    return lu


async def test_a_gradebook_pushes_by_itself_and_can_prove_what_it_sent(ouvertes: Portes) -> None:
    contenu = n.notes(n.eleve(1), n.eleve(2), n.eleve(9))
    identifiants = await ouvertes.logiciel()
    async with ouvertes.avec(identifiants) as logiciel:
        nom = f"{f.UAI}_E4.xml"
        reponse = await logiciel.post(DEPOT, params={"nom": nom}, headers=XML, content=contenu)
        assert reponse.status_code == 202, reponse.text
        depot = reponse.json()
        rendu = await fini(logiciel, depot["import_id"])
        assert rendu["etat"] == "TERMINE", rendu
        assert rendu["compte_rendu"]["compteurs"]["bulletins"] == 4
        assert (await logiciel.get(RECAPITULATIF)).status_code == 200
        encore = await logiciel.get(f"{DEPOT}/{depot['import_id']}/recu")
        assert encore.json()["recu"] == depot["recu"]
    async with ouvertes.anonyme() as passant:
        publiees = await passant.get("/.well-known/pilotage-recus.json")
    assert publiees.headers["cache-control"] == "public, max-age=3600"
    assert all("d" not in cle for cle in publiees.json()["keys"])
    lu = jwt.decode(depot["recu"], KeySet.import_key_set(publiees.json()), algorithms=["Ed25519"])
    assert lu.header == {"alg": "Ed25519", "kid": "1", "typ": "JWT"}
    assert {c: lu.claims[c] for c in ("iss", "sub", "jti", "nature", "octets", "sha256", "nom")} == {
        "iss": "pilotage",
        "sub": f.UAI,
        "jti": depot["import_id"],
        "nature": "BULLETINS",
        "octets": len(contenu),
        "sha256": hashlib.sha256(contenu).hexdigest(),
        "nom": nom,
    }
    actes = [acte[1:] for acte in await ouvertes.audit() if acte[0] == identifiants[0]]
    assert ("ecrire", "remontee", f"{f.UAI}/bulletins") in actes
    assert ("lire", "bulletins", f.UAI) in actes


async def test_a_receipt_that_was_changed_or_signed_by_another_is_no_receipt(ouvertes: Portes) -> None:
    async with ouvertes.personne("chef") as chef:
        recu = (await chef.post(DEPOT, headers=XML, content=n.notes())).json()["recu"]
        publiees = KeySet.import_key_set((await chef.get("/.well-known/pilotage-recus.json")).json())
    entete, corps, signature = recu.split(".")
    autre = Signataire("1:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY").publiques()
    for faux, cles in (
        (f"{entete}.{corps[:-4]}AAAA.{signature}", publiees),
        (recu, KeySet.import_key_set(autre)),
    ):
        with pytest.raises(BadSignatureError):
            jwt.decode(faux, cles, algorithms=["Ed25519"])


async def test_what_a_principal_deposits_is_a_dry_run_first(ouvertes: Portes) -> None:
    async with ouvertes.personne("chef") as chef:
        depot = (await chef.post(DEPOT, headers=XML, content=n.notes(n.eleve(1)))).json()
        assert (await fini(chef, depot["import_id"]))["etat"] == "ESSAI"
        avant = (await chef.get(RECAPITULATIF)).json()
        assert avant["classes"][0]["niveaux"]["IMPOSSIBLE"] == 2
        direct = await chef.post(DEPOT, params={"essai": False}, headers=XML, content=n.notes(n.eleve(1)))
        assert (await fini(chef, direct.json()["import_id"]))["etat"] == "TERMINE"
        apres = (await chef.get(RECAPITULATIF, params={"classe": "TG1"})).json()
    assert apres["classes"] == [
        {
            "classe": "TG1",
            "decoupage": 3,
            "attendues": [
                {"periode": 1, "libelle": "1er trimestre"},
                {"periode": 2, "libelle": "2e trimestre"},
            ],
            "effectif": 2,
            "niveaux": {"COMPLET": 1, "INCOMPLET": 0, "PARTIEL": 0, "IMPOSSIBLE": 1},
        }
    ]
    assert sorted((e["niveau"], len(e["motifs"])) for e in apres["eleves"]) == [
        ("COMPLET", 0),
        ("IMPOSSIBLE", 2),
    ]
    assert apres["dernier_envoi"]["id"] == direct.json()["import_id"]


async def test_bulletins_of_a_lycee_are_for_its_chef_and_its_software_only(ouvertes: Portes) -> None:
    plateforme = await ouvertes.plateforme()
    etrangers = [ouvertes.personne("autre"), ouvertes.personne("operateur"), ouvertes.avec(plateforme)]
    etrangers.append(ouvertes.avec(await ouvertes.logiciel(f.AUTRE_UAI)))
    for etranger in etrangers:
        async with etranger as client:
            assert (await client.post(DEPOT, headers=XML, content=n.notes())).status_code == 404
            assert (await client.get(RECAPITULATIF)).status_code == 404
    async with ouvertes.anonyme() as passant:
        assert (await passant.post(DEPOT, headers=XML, content=n.notes())).status_code == 401
        assert (await passant.get(RECAPITULATIF)).status_code == 401
    async with ouvertes.personne("chef") as chef:
        pdf = await chef.post(DEPOT, headers={"Content-Type": "application/pdf"}, content=b"%PDF")
        assert pdf.status_code == 415


async def test_the_page_shows_each_class_then_what_each_pupil_lacks_by_name(ouvertes: Portes) -> None:
    async with ouvertes.avec(await ouvertes.logiciel()) as logiciel:
        depot = (await logiciel.post(DEPOT, headers=XML, content=n.notes(n.eleve(1)))).json()
        await fini(logiciel, depot["import_id"])
    page = f"/lycees/{f.UAI}/bulletins"
    async with ouvertes.navigateur("chef") as navigateur:
        accueil = await navigateur.get(page)
        assert accueil.status_code == 200
        assert "Bulletins par classe" in accueil.text
        assert "1er trimestre, 2e trimestre" in accueil.text
        assert 'href="?classe=TG1#eleves"' in accueil.text
        sans_noms = await navigateur.get(page, params={"classe": "TG1"})
        assert "Noms indisponibles" in sans_noms.text
        assert "Le bulletin du 2e trimestre n’a pas été reçu." in sans_noms.text
        assert (await navigateur.get(f"/lycees/{f.AUTRE_UAI}/bulletins")).status_code == 404


async def test_the_page_deposits_a_file_by_hand(ouvertes: Portes) -> None:
    page = f"/lycees/{f.UAI}/bulletins"
    async with ouvertes.navigateur("chef") as navigateur:
        formulaire = (await navigateur.get(page)).text
        jeton = formulaire.partition('name="jeton" value="')[2].partition('"')[0]
        fichiers = {"fichier": ("notes.xml", n.notes(n.eleve(1)), "application/xml")}
        refuse = await navigateur.post(page, data={"jeton": "faux"}, files=fichiers)
        assert refuse.status_code == 403
        vide = {"fichier": ("notes.xml", b"", "application/xml")}
        assert "Le fichier est vide" in (await navigateur.post(page, data={"jeton": jeton}, files=vide)).text
        suite = await navigateur.post(page, data={"jeton": jeton}, files=fichiers, follow_redirects=False)
        assert suite.status_code == 303, suite.text


async def test_names_come_from_the_service_of_pupils(opened: World, tmp_path: Path, ouvertes: Portes) -> None:
    del tmp_path
    async with ouvertes.personne("chef") as chef:
        eleves = (await chef.get(RECAPITULATIF)).json()["eleves"]
    amont = FastAPI()

    @amont.post("/interne/v1/sessions/{session}/lycees/{uai}/eleves/recherche")
    async def recherche(session: int, uai: str) -> dict[str, Any]:
        lignes = [
            {"eleve_id": e["eleve_id"], "nom": f"ŒUVRARD{i}", "prenom": "Zoé"} for i, e in enumerate(eleves)
        ]
        return {"total": 2, "eleves": lignes, "suivant": None, "comptes": {}, "classes": []}

    async with en_ecoute(amont) as url, ouvertes.navigateur("chef") as navigateur:
        services = ouvertes.gateway.resources["moyens"].services
        services._clients["eleves"] = httpx.AsyncClient(base_url=url)
        page = (await navigateur.get(f"/lycees/{f.UAI}/bulletins", params={"classe": "TG1"})).text
    assert "ŒUVRARD0 Zoé" in page
    assert "ŒUVRARD1 Zoé" in page
    assert opened.session == 2026


async def test_what_is_sent_in_pieces_has_its_receipt_too(ouvertes: Portes) -> None:
    contenu = n.notes(n.eleve(1), n.eleve(2))
    annonce = {
        "nature": "BULLETINS",
        "octets": len(contenu),
        "sha256": hashlib.sha256(contenu).hexdigest(),
        "nom": "n.xml",
        "uai": f.UAI,
    }
    async with ouvertes.avec(await ouvertes.logiciel()) as logiciel:
        adresse = (await logiciel.post(f"{API}/televersements", json=annonce)).headers["location"]
        for debut in (0, 500):
            suite = contenu[debut : 500 if debut == 0 else None]
            entetes = {"Content-Type": "application/partial-upload", "Upload-Offset": str(debut)}
            recu = await logiciel.patch(adresse, content=suite, headers=entetes)
            assert recu.is_success, recu.text
        import_id = (await logiciel.get(adresse)).json()["import_id"]
        assert (await fini(logiciel, import_id))["compte_rendu"]["compteurs"]["bulletins"] == 4
        jws = (await logiciel.get(f"{DEPOT}/{import_id}/recu")).json()["recu"]
        publiees = KeySet.import_key_set((await logiciel.get("/.well-known/pilotage-recus.json")).json())
    assert jwt.decode(jws, publiees, algorithms=["Ed25519"]).claims["sha256"] == annonce["sha256"]
