"""Asking for a workbook over HTTP: made in the background, taken away, repeated, expired, after a crash."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from services.exports import atelier, store
from shared.db import lignes
from shared.domaine.complements_publies import complements_publies
from shared.domaine.etat import decoder
from shared.domaine.ligne import ligne
from shared.events.modeles import EtatVoeu
from shared.http.perimetre import Role
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits, a_jour, attendre, publier
from tests.kit.services import World

BASE = "/interne/v1/sessions/2026/lycees"


@pytest.fixture
async def exports(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "exports", export_poll_s=0.2) as service:
        yield service


def population(faits: Faits) -> list[Any]:
    """Of lycée A: one in each list and one who left; of lycée B: one without vœu."""
    sans, avec, retire, absent, sorti, ailleurs = (faits.eleve_id() for _ in range(6))
    return [
        *(faits.eleve(e) for e in (sans, avec, retire, absent)),
        faits.eleve(sorti, date_sortie=date(2026, 1, 10)),
        faits.eleve(ailleurs, uai=LYCEE_B),
        faits.identite(sans, nom="Sansvœu", ine="0000000001A"),
        faits.identite(avec, nom="Avecvœu"),
        faits.identite(retire, nom="Retiré"),
        faits.identite(absent, nom="Absent"),
        faits.identite(sorti, nom="Sorti"),
        faits.identite(ailleurs, nom="Ailleurs"),
        *(faits.dossier(e) for e in (sans, avec, retire, sorti, ailleurs)),
        faits.voeu(avec),
        faits.voeu(retire, etat=EtatVoeu.SUPPRIME),
    ]


async def demander(
    exports: Servi, liste: str = "inscrits_sans_voeu", acteur: str = "chef-a", **entetes: str
) -> dict[str, Any]:
    en_tetes = {**exports.jeton(acteur, LYCEE_A), **{k.replace("_", "-"): v for k, v in entetes.items()}}
    reponse = await exports.client.post(f"{BASE}/{LYCEE_A}/exports", json={"liste": liste}, headers=en_tetes)
    assert reponse.status_code == 202, reponse.text
    repondu: dict[str, Any] = reponse.json()
    return repondu


async def pret(exports: Servi, export_id: str) -> dict[str, Any]:
    etat: dict[str, Any] = {}

    async def fini() -> bool:
        lu = await exports.client.get(
            f"{BASE}/{LYCEE_A}/exports/{export_id}", headers=exports.jeton("chef-a", LYCEE_A)
        )
        etat.update(lu.json())
        return bool(etat["etat"] != "EN_COURS")

    await attendre(fini)
    return etat


async def fichier(exports: Servi, export_id: str) -> Any:
    return await exports.client.get(
        f"{BASE}/{LYCEE_A}/exports/{export_id}/fichier", headers=exports.jeton("chef-a", LYCEE_A)
    )


def noms(contenu: bytes) -> list[object]:
    lignes = CalamineWorkbook.from_filelike(BytesIO(contenu)).get_sheet_by_index(0).to_python()
    return [ligne[1] for ligne in lignes[5:]]


async def test_a_workbook_is_asked_for_made_announced_and_taken_away(exports: Servi, world: World) -> None:
    await exports.plier(population(Faits(world)))
    demande = await demander(exports)
    assert demande["etat"] == "EN_COURS"
    etat = await pret(exports, demande["id"])
    assert (etat["etat"], etat["lignes"], etat["liste"]) == ("PRET", 2, "inscrits_sans_voeu")

    reponse = await fichier(exports, demande["id"])
    assert reponse.headers["content-type"].endswith("spreadsheetml.sheet")
    assert reponse.headers["cache-control"] == "no-store"
    disposition = reponse.headers["content-disposition"]
    assert f"filename*=UTF-8''{quote(etat['nom'])}" in disposition
    assert 'filename="inscrits_sans_voeu_0750001a_session_2026_' in disposition
    assert hashlib.sha256(reponse.content).hexdigest() == etat["sha256"]
    assert len(reponse.content) == etat["taille"]
    assert noms(reponse.content) == ["Retiré", "Sansvœu"]

    (annonce,) = await exports.sortis()
    assert (annonce["type"], annonce["cle"], annonce["lignes"]) == ("ExportPret", demande["id"], 2)
    assert (annonce["uai"], annonce["liste"]) == (LYCEE_A, "inscrits_sans_voeu")


@pytest.mark.parametrize(
    ("liste", "attendus"),
    [("tous", ["Absent", "Avecvœu", "Retiré", "Sansvœu"]), ("non_inscrits", ["Absent"])],
)
async def test_each_list_has_its_pupils(
    exports: Servi, world: World, liste: str, attendus: list[str]
) -> None:
    await exports.plier(population(Faits(world)))
    demande = await demander(exports, liste)
    await pret(exports, demande["id"])
    assert noms((await fichier(exports, demande["id"])).content) == attendus


async def test_the_stored_rows_are_those_of_the_shared_definition(exports: Servi, world: World) -> None:
    await exports.plier(population(Faits(world)))
    async with exports.running.engine.connect() as connection:
        rows = (await connection.execute(text(f"SELECT etat, {lignes.NOMS} FROM projection_1.eleve"))).all()
    assert len(rows) == 6
    for row in rows:
        etat = decoder(row.etat)
        assert lignes.lire(row) == ligne(etat, complements_publies(etat))


async def test_a_foreign_chef_another_role_or_a_wrong_request_get_nothing(
    exports: Servi, world: World
) -> None:
    await exports.plier(population(Faits(world)))
    demande = await demander(exports)
    await pret(exports, demande["id"])
    chemin = f"{BASE}/{LYCEE_A}/exports/{demande['id']}"
    for jeton in (exports.jeton("chef-b", LYCEE_B), exports.jeton("saio", LYCEE_A, role=Role.SAIO)):
        for url in (chemin, f"{chemin}/fichier"):
            assert (await exports.client.get(url, headers=jeton)).status_code == 404
        corps = {"liste": "tous"}
        demandee = await exports.client.post(f"{BASE}/{LYCEE_A}/exports", json=corps, headers=jeton)
        assert demandee.status_code == 404
    autre = f"{BASE}/{LYCEE_B}/exports/{demande['id']}"
    assert (await exports.client.get(autre, headers=exports.jeton("b", LYCEE_B))).status_code == 404
    chef = exports.jeton("chef-a", LYCEE_A)
    for mauvais in ({"liste": "inconnue"}, {}, {"liste": "tous", "uai": LYCEE_B}):
        refusee = await exports.client.post(f"{BASE}/{LYCEE_A}/exports", json=mauvais, headers=chef)
        assert refusee.status_code == 422


async def test_the_same_key_asks_for_one_workbook(exports: Servi) -> None:
    une, deux = await asyncio.gather(
        demander(exports, Idempotency_Key="k-1"), demander(exports, Idempotency_Key="k-1")
    )
    assert une == deux
    refusee = await exports.client.post(
        f"{BASE}/{LYCEE_A}/exports",
        json={"liste": "tous"},
        headers={**exports.jeton("chef-a", LYCEE_A), "Idempotency-Key": "k-1"},
    )
    assert (refusee.status_code, refusee.json()["code"]) == (409, "cle_reutilisee")


async def en_cours(exports: Servi) -> str:
    """An export asked for and not made: its row as a crash leaves it."""
    demande = store.Demande("11111111-1111-4111-8111-111111111111", 2026, LYCEE_A, "tous")
    maintenant = datetime.now(UTC)
    async with exports.running.engine.begin() as tx:
        await store.creer(tx, demande, "chef-a", maintenant, maintenant + timedelta(hours=1))
    return demande.id


async def test_an_export_left_by_a_crash_is_made_by_who_starts_next(world: World) -> None:
    async with servi(world, "exports", export_poll_s=60) as mourant:
        await asyncio.sleep(0.2)
        export_id = await en_cours(mourant)
        refuse = await fichier(mourant, export_id)
        assert (refuse.status_code, refuse.json()["code"]) == (409, "export_en_cours")
        connection = await mourant.running.engine.connect()
        assert (await store.prendre(connection)) is not None
        raw = await connection.get_raw_connection()
        raw.driver_connection.terminate()  # type: ignore[union-attr]
    async with servi(world, "exports", export_poll_s=60) as suivant:
        assert (await pret(suivant, export_id))["etat"] == "PRET"


async def test_two_workers_never_make_the_same_export(exports: Servi) -> None:
    async with exports.running.engine.begin() as tx:
        maintenant = datetime.now(UTC)
        demande = store.Demande("11111111-1111-4111-8111-111111111111", 2026, LYCEE_A, "tous")
        await store.creer(tx, demande, "chef-a", maintenant, maintenant + timedelta(hours=1))
    await asyncio.gather(*(atelier.fabriquer_un(exports.running) for _ in range(4)))
    await pret(exports, demande.id)
    assert len(await exports.sortis()) == 1


async def test_an_export_that_cannot_be_made_fails_alone(exports: Servi, world: World) -> None:
    faits = Faits(world)
    await exports.plier([faits.eleve(faits.eleve_id())])
    async with exports.running.engine.begin() as tx:
        await tx.execute(text("UPDATE projection_1.eleve SET serie = 'INCONNUE'"))
    rate = await demander(exports, "tous")
    assert (await pret(exports, rate["id"]))["etat"] == "ECHEC"
    refuse = await fichier(exports, rate["id"])
    assert (refuse.status_code, refuse.json()["code"]) == (409, "export_echoue")
    assert (await pret(exports, (await demander(exports))["id"]))["etat"] == "PRET"
    assert [sorti["liste"] for sorti in await exports.sortis()] == ["inscrits_sans_voeu"]


async def test_an_expired_export_is_refused_then_deleted(exports: Servi) -> None:
    vieux, recent = (await demander(exports))["id"], (await demander(exports))["id"]
    await pret(exports, vieux)
    await pret(exports, recent)
    async with exports.running.engine.begin() as tx:
        await tx.execute(
            text(
                "UPDATE registre.export SET expire_le = now() - interval '1 second' WHERE id = CAST(:id AS uuid)"
            ),
            {"id": vieux},
        )
    refuse = await fichier(exports, vieux)
    assert (refuse.status_code, refuse.json()["code"]) == (410, "export_expire")
    async with exports.running.engine.begin() as tx:
        assert await store.purger(tx, datetime.now(UTC)) == 1
    assert (await fichier(exports, vieux)).status_code == 404
    assert (await fichier(exports, recent)).status_code == 200


async def test_the_list_comes_through_the_broker(opened: World) -> None:
    await publier(opened, population(Faits(opened)))
    async with servi(opened, "exports", kafka=True, export_poll_s=0.2) as exports:
        await a_jour(opened, "exports")
        demande = await demander(exports)
        await pret(exports, demande["id"])
        assert noms((await fichier(exports, demande["id"])).content) == ["Retiré", "Sansvœu"]
