"""Files in pieces through the real gateway and ingest: offsets, ends, refusals, and clients that hang."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.ingest.calendrier.domain import EtatSession
from services.ingest.calendrier.vie import changer
from services.ingest.televersements.service import Televersements
from shared.db.engine import writing
from shared.http.perimetre import Role
from tests.ingest._fichiers import AUTRE_UAI, UAI, eleve, fait, ine, ndjson, siecle
from tests.ingest._machines import API, Portes, portes
from tests.kit.journal import attendre
from tests.kit.services import World

ENVOIS = f"{API}/televersements"
MORCEAU = {"Content-Type": "application/partial-upload"}
FAITS = ndjson([fait("dossier", ine=ine(1)), fait("caes"), fait("bourse_signalee", commentaire="x")])


@pytest.fixture
async def les_portes(world: World, tmp_path: Path) -> AsyncIterator[Portes]:
    async with portes(world, tmp_path, body_timeout_s=0.5) as ouvertes:
        yield ouvertes


def annonce(contenu: bytes, **champs: Any) -> dict[str, Any]:
    somme = hashlib.sha256(contenu).hexdigest()
    return {"nature": "FAITS", "octets": len(contenu), "sha256": somme, "nom": "faits.ndjson", **champs}


async def annoncer(client: httpx.AsyncClient, contenu: bytes, **champs: Any) -> str:
    reponse = await client.post(ENVOIS, json=annonce(contenu, **champs))
    assert reponse.status_code == 201, reponse.text
    assert reponse.headers["upload-offset"] == "0"
    assert reponse.headers["upload-limit"].startswith("max-append-size=")
    return reponse.headers["location"]


async def morceau(client: httpx.AsyncClient, adresse: str, offset: int, contenu: Any) -> httpx.Response:
    entetes = {**MORCEAU, "Upload-Offset": str(offset)}
    return await client.patch(adresse, content=contenu, headers=entetes)


async def offset(client: httpx.AsyncClient, adresse: str) -> int:
    reponse = await client.head(adresse)
    assert (reponse.status_code, reponse.headers["cache-control"]) == (204, "no-store")
    return int(reponse.headers["upload-offset"])


async def fini(client: httpx.AsyncClient, adresse: str) -> dict[str, Any]:
    lu: dict[str, Any] = {}

    async def termine() -> bool:
        """The import is done."""
        lu.update((await client.get(adresse)).json())
        return lu["etat"] in {"TERMINE", "REFUSE"}

    await attendre(termine)
    return lu


async def test_a_feed_sent_in_pieces_is_the_import_that_it_would_be_whole(
    opened: World, tmp_path: Path
) -> None:
    async with portes(opened, tmp_path) as ouvertes, ouvertes.avec(await ouvertes.plateforme()) as machine:
        adresse = await annoncer(machine, FAITS)
        coupes = [0, 1, 100, 101, len(FAITS)]
        for debut, fin in itertools.pairwise(coupes):
            assert await offset(machine, adresse) == debut
            reponse = await morceau(machine, adresse, debut, FAITS[debut:fin])
            assert reponse.headers["upload-offset"] == str(fin)
        assert reponse.status_code == 202
        assert reponse.headers["upload-complete"] == "?1"
        recu = await fini(machine, reponse.headers["location"])
        assert (recu["etat"], recu["compte_rendu"]["compteurs"]["parques"]) == ("TERMINE", 3)
        assert (recu["nom_fichier"], recu["octets"]) == ("faits.ndjson", len(FAITS))
        encore = await morceau(machine, adresse, len(FAITS), b"")
        assert (encore.status_code, encore.json()) == (202, reponse.json()), "an answer lost is asked again"
        etat = (await machine.get(adresse)).json()
        assert (etat["etat"], etat["import_id"]) == ("RECU", recu["id"])
        assert list((tmp_path / "spool").iterdir()) == []
        acteur = (await machine.get("/api/v1/moi")).json()["acteur"]
        objet = f"FAITS/{hashlib.sha256(FAITS).hexdigest()[:16]}"
        assert (acteur, "ecrire", "faits", objet) in await ouvertes.audit()


async def test_the_same_file_announced_again_is_the_same_upload(les_portes: Portes) -> None:
    async with (
        les_portes.avec(await les_portes.plateforme()) as machine,
        les_portes.avec(await les_portes.plateforme()) as autre,
    ):
        adresse = await annoncer(machine, FAITS)
        await morceau(machine, adresse, 0, FAITS[:50])
        encore = await machine.post(ENVOIS, json=annonce(FAITS))
        assert (encore.status_code, encore.headers["location"]) == (200, adresse)
        assert encore.headers["upload-offset"] == "50"
        assert await annoncer(autre, FAITS) != adresse
        for methode in ("GET", "HEAD", "DELETE"):
            assert (await autre.request(methode, adresse)).status_code == 404
        assert (await morceau(autre, adresse, 50, b"x")).status_code == 404
        assert await offset(machine, adresse) == 50


async def test_what_does_not_fit_is_refused_and_harms_nothing(les_portes: Portes) -> None:
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        adresse = await annoncer(machine, FAITS)
        await morceau(machine, adresse, 0, FAITS[:50])
        for faux in (0, 49, 51, len(FAITS)):
            reponse = await morceau(machine, adresse, faux, FAITS[faux:])
            assert (reponse.status_code, reponse.json()["expected-offset"]) == (409, 50)
        trop = await morceau(machine, adresse, 50, FAITS[50:] + b"x" * 100_000)
        assert trop.status_code == 400
        genre = {"Content-Type": "text/plain", "Upload-Offset": "50"}
        assert (await machine.patch(adresse, content=b"x", headers=genre)).status_code == 415
        assert (await machine.patch(adresse, content=b"x", headers=MORCEAU)).status_code == 422
        repris = await offset(machine, adresse)
        assert (await morceau(machine, adresse, repris, FAITS[repris:])).status_code == 202


async def test_a_file_that_is_not_the_announced_one_is_not_taken(les_portes: Portes, tmp_path: Path) -> None:
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        adresse = await annoncer(machine, FAITS)
        await morceau(machine, adresse, 0, FAITS[:-1])
        faux = await morceau(machine, adresse, len(FAITS) - 1, b"x")
        assert (faux.status_code, faux.json()["code"]) == (422, "somme")
        assert (await morceau(machine, adresse, len(FAITS), b"")).status_code == 410
        assert (await machine.get(adresse)).json()["etat"] == "REFUSE"
    async with les_portes.ingest.engine.connect() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM registre.import"))).scalar() == 0
    assert list((tmp_path / "spool").iterdir()) == []


async def test_an_upload_may_be_cancelled_and_ends_by_itself(les_portes: Portes, tmp_path: Path) -> None:
    envois: Televersements = les_portes.ingest.resources["televersements"]
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        annulee, oubliee = await annoncer(machine, FAITS), await annoncer(machine, FAITS + b"\n")
        for adresse in (annulee, oubliee):
            await morceau(machine, adresse, 0, FAITS[:50])
        assert (await machine.delete(annulee)).status_code == 204
        assert (await morceau(machine, annulee, 50, b"x")).status_code == 410
        assert len(list((tmp_path / "spool").iterdir())) == 1
        async with les_portes.ingest.engine.begin() as tx:
            await tx.execute(text("UPDATE registre.televersement SET expire_le = now()"))
        assert await envois.perimer() == 1
        assert (await morceau(machine, oubliee, 50, b"x")).status_code == 410
        assert list((tmp_path / "spool").iterdir()) == []


async def test_nobody_announces_what_he_may_not_deposit(les_portes: Portes) -> None:
    cas: list[tuple[Any, dict[str, Any], int]] = [
        (Role.PLATEFORME, {"nature": "SIECLE", "uai": UAI}, 404),
        (Role.PLATEFORME, {"uai": UAI}, 404),
        (Role.LOGICIEL, {}, 404),
        (Role.LOGICIEL, {"nature": "SIECLE"}, 404),
        (Role.LOGICIEL, {"nature": "SIECLE", "uai": AUTRE_UAI}, 404),
        (Role.LOGICIEL, {"nature": "SIECLE", "uai": UAI}, 201),
        (Role.LOGICIEL, {"nature": "SIECLE", "uai": UAI, "octets": 1 << 30}, 413),
        (Role.PLATEFORME, {"octets": 0}, 422),
        (Role.PLATEFORME, {"sha256": "x"}, 422),
        (Role.PLATEFORME, {"octets": 1 << 39}, 413),
    ]
    async with (
        les_portes.avec(await les_portes.plateforme()) as plateforme,
        les_portes.avec(await les_portes.logiciel()) as logiciel,
        les_portes.anonyme() as anonyme,
    ):
        clients = {Role.PLATEFORME: plateforme, Role.LOGICIEL: logiciel}
        for role, champs, attendu in cas:
            reponse = await clients[role].post(ENVOIS, json=annonce(FAITS, **champs))
            assert reponse.status_code == attendu, (role, champs, reponse.text)
        assert (await anonyme.post(ENVOIS, json=annonce(FAITS))).status_code == 401


async def test_so_many_uploads_are_open_at_once_and_no_more(world: World, tmp_path: Path) -> None:
    async with (
        portes(world, tmp_path, ingest={"televersements_max": 2}) as ouvertes,
        ouvertes.avec(await ouvertes.plateforme()) as machine,
    ):
        reponses = await asyncio.gather(
            *(machine.post(ENVOIS, json=annonce(FAITS + b"\n" * n)) for n in range(4))
        )
        assert sorted(r.status_code for r in reponses) == [201, 201, 429, 429]


async def test_a_file_of_a_lycee_s_software_becomes_its_import(opened: World, tmp_path: Path) -> None:
    contenu = siecle(eleve(1), eleve(2))
    async with portes(opened, tmp_path) as ouvertes, ouvertes.avec(await ouvertes.logiciel()) as machine:
        adresse = await annoncer(machine, contenu, nature="SIECLE", uai=UAI, nom="e.xml")
        reponse = await morceau(machine, adresse, 0, contenu)
        recu = await fini(machine, reponse.headers["location"])
        assert (recu["etat"], recu["uai"], recu["total"]) == ("TERMINE", UAI, 4)


async def envoyer_et_se_taire(
    url: str, adresse: str, jeton: str, contenu: bytes, annonces: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that says less than it announced, and holds the line."""
    hote, _, port = url.removeprefix("http://").partition(":")
    lecteur, ecrivain = await asyncio.open_connection(hote, int(port))
    entetes = (
        f"PATCH {adresse} HTTP/1.1\r\nHost: x\r\nAuthorization: {jeton}\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/partial-upload\r\nContent-Length: {annonces}\r\n\r\n"
    )
    ecrivain.write(entetes.encode() + contenu)
    await ecrivain.drain()
    return lecteur, ecrivain


async def test_a_client_that_hangs_is_dropped_and_goes_on_from_what_was_kept(les_portes: Portes) -> None:
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        adresse = await annoncer(machine, FAITS)
        lecteur, ecrivain = await envoyer_et_se_taire(
            les_portes.url, adresse, machine.headers["Authorization"], FAITS[:60], len(FAITS)
        )
        assert b" 408 " in await asyncio.wait_for(lecteur.readline(), 10)
        ecrivain.close()
        assert await offset(machine, adresse) == 60
        assert (await morceau(machine, adresse, 60, FAITS[60:])).status_code == 202


async def test_a_client_that_vanishes_goes_on_from_what_was_kept(les_portes: Portes, tmp_path: Path) -> None:
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        adresse = await annoncer(machine, FAITS)
        _, ecrivain = await envoyer_et_se_taire(
            les_portes.url, adresse, machine.headers["Authorization"], FAITS[:60], len(FAITS)
        )

        async def venus() -> bool:
            """The bytes have come as far as the file."""
            return [f.stat().st_size for f in (tmp_path / "spool").glob("*.televersement")] == [60]

        await attendre(venus, 10)
        ecrivain.close()

        async def garde() -> bool:
            """The bytes received before the end are kept."""
            return await offset(machine, adresse) == 60

        await attendre(garde, 10)
        assert (await morceau(machine, adresse, 60, FAITS[60:])).status_code == 202


async def test_a_second_writer_takes_the_place_of_one_that_hangs(world: World, tmp_path: Path) -> None:
    async with (
        portes(world, tmp_path, body_timeout_s=60) as ouvertes,
        ouvertes.avec(await ouvertes.plateforme()) as machine,
    ):
        adresse = await annoncer(machine, FAITS)
        jeton = machine.headers["Authorization"]
        _, ecrivain = await envoyer_et_se_taire(ouvertes.url, adresse, jeton, FAITS[:60], len(FAITS))

        async def venus() -> bool:
            """The first writer's bytes have come as far as the file."""
            return [f.stat().st_size for f in (tmp_path / "spool").glob("*.televersement")] == [60]

        await attendre(venus, 10)

        async def repris() -> bool:
            """The new writer is told where the first one stood, and goes on from there."""
            reponse = await morceau(machine, adresse, 0, FAITS)
            return reponse.status_code == 409 and reponse.json().get("expected-offset") == 60

        await attendre(repris, 10)
        assert (await morceau(machine, adresse, 60, FAITS[60:])).status_code == 202
        ecrivain.close()


async def test_a_file_sent_whole_by_a_client_that_hangs_is_dropped_at_the_door(les_portes: Portes) -> None:
    async with les_portes.avec(await les_portes.logiciel()) as machine:
        hote, _, port = les_portes.url.removeprefix("http://").partition(":")
        lecteur, ecrivain = await asyncio.open_connection(hote, int(port))
        entetes = (
            f"POST {API}/lycees/{UAI}/remontees/siecle HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\n"
            f"Authorization: {machine.headers['Authorization']}\r\nContent-Length: 1000\r\n\r\n<BEE"
        )
        ecrivain.write(entetes.encode())
        await ecrivain.drain()
        assert b" 408 " in await asyncio.wait_for(lecteur.readline(), 10)
        ecrivain.close()


async def test_two_writers_at_once_leave_the_file_whole(les_portes: Portes) -> None:
    """Whoever wins, every byte is written once at its place, and the sum says so."""
    contenu = FAITS + b" " * 3_000_000 + b"\n"
    async with les_portes.avec(await les_portes.plateforme()) as machine:
        adresse = await annoncer(machine, contenu)
        for _ in range(200):
            repris = await offset(machine, adresse)
            fin = repris + 400_000
            essais = [morceau(machine, adresse, repris, contenu[repris:fin]) for _ in range(3)]
            reponses = await asyncio.gather(*essais)
            assert {r.status_code for r in reponses} <= {202, 204, 409}
            if any(r.status_code == 202 for r in reponses):
                break
        else:
            pytest.fail("the upload never came to its end")


async def test_a_closed_session_takes_no_file_but_still_revokes(les_portes: Portes) -> None:
    identifiants = await les_portes.logiciel()
    async with les_portes.personne("chef") as chef, les_portes.avec(identifiants) as machine:
        adresse = await annoncer(machine, siecle(), nature="SIECLE", uai=UAI)
        async with writing(les_portes.ingest.engine) as tx:
            for etat in (EtatSession.OUVERTE, EtatSession.CLOSE):
                await changer(tx, les_portes.ingest.settings, etat, par="test", motif="fin")
        tard = await morceau(machine, adresse, 0, siecle())
        assert (tard.status_code, tard.json()["code"]) == (409, "session_close")
        assert (await chef.delete(f"{API}/lycees/{UAI}/logiciels/{identifiants[0]}")).status_code == 204
        assert (await machine.get("/api/v1/moi")).status_code == 401
