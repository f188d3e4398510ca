"""Who is new in a list since one's last visit, and the views that one keeps, on real PostgreSQL."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.eleves import lignes
from services.eleves.vues import MAXIMUM
from shared.db import pupils
from shared.db.engine import writing
from shared.domaine.etat import replier
from tests.eleves.test_ordre import LE_LYCEE, LYCEE, _faits, chercher
from tests.kit.appels import Servi, servi
from tests.kit.services import World

LISTE = "inscrits_sans_voeu"
MIDI = datetime(2026, 2, 1, 12, tzinfo=UTC)
VUE = {"nom": "Mes boursiers", "liste": "tous", "filtres": {"boursier": True, "classe": ["T1"]}}


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    alea = random.Random(3)
    etats = {faits[0].eleve_id: replier(None, faits) for faits in (_faits(n, alea) for n in range(60))}
    async with servi(world, "eleves") as service:
        async with writing(service.running.engine) as tx:
            await pupils.charger(tx, sorted(etats))
            await lignes.ecrire(tx, {nom: etat for nom, etat in etats.items() if etat})
        yield service


async def visiter(eleves: Servi, le: datetime, acteur: str = "chef", **corps: Any) -> dict[str, Any]:
    adresse = f"{LE_LYCEE}/listes/{LISTE}/visites"
    corps = {"a_la_date": le.isoformat(), **corps}
    reponse = await eleves.client.post(adresse, json=corps, headers=eleves.jeton(acteur, LYCEE))
    assert reponse.status_code == 200
    lue: dict[str, Any] = reponse.json()
    return lue


async def comptes(eleves: Servi, acteur: str = "chef") -> dict[str, dict[str, Any]]:
    lus = await eleves.client.get(f"{LE_LYCEE}/listes", headers=eleves.jeton(acteur, LYCEE))
    return {liste["code"]: liste for liste in lus.json()["listes"]}


async def vider_les_voeux(eleves: Servi, combien: int) -> set[str]:
    """So many pupils come into the list."""
    async with writing(eleves.running.engine) as tx:
        rows = await tx.execute(
            text(
                "UPDATE eleve SET voeux = 0 WHERE eleve_id IN (SELECT eleve_id FROM eleve WHERE inscrit AND"
                " voeux > 0 AND statut <> 'DEMISSIONNAIRE' ORDER BY eleve_id LIMIT :n) RETURNING eleve_id::text"
            ),
            {"n": combien},
        )
        return set(rows.scalars())


async def marques(eleves: Servi, **corps: Any) -> set[str]:
    page = (await chercher(eleves, liste=LISTE, limite=200, **corps)).json()
    return {e["eleve_id"] for e in page["eleves"] if e["nouveau"]}


async def test_nobody_is_new_at_the_first_visit_then_those_who_came_since(eleves: Servi) -> None:
    avant = (await comptes(eleves))[LISTE]
    assert (avant["nouveaux"], avant["depuis"]) == (None, None)
    premiere = await visiter(eleves, MIDI)
    assert (premiere["nouveaux"], premiere["eleves"]) == (0, avant["eleves"])
    venus = await vider_les_voeux(eleves, 3)
    assert await marques(eleves) == venus
    assert (await comptes(eleves))[LISTE]["nouveaux"] == len(venus) == 3
    assert (await comptes(eleves))["tous"]["nouveaux"] is None
    encore = await visiter(eleves, MIDI + timedelta(hours=1))
    assert (encore["nouveaux"], datetime.fromisoformat(encore["depuis"])) == (3, MIDI)
    seuls = (await chercher(eleves, liste=LISTE, nouveaux=True)).json()
    assert ({e["eleve_id"] for e in seuls["eleves"]}, seuls["total"]) == (venus, 3)
    assert (await comptes(eleves, "adjoint"))[LISTE]["nouveaux"] is None


async def test_marks_last_as_long_as_the_visit_does(eleves: Servi) -> None:
    await visiter(eleves, MIDI)
    venus = await vider_les_voeux(eleves, 2)
    soir = MIDI + timedelta(hours=6)
    assert (await visiter(eleves, soir))["nouveaux"] == 2
    assert (await visiter(eleves, soir + timedelta(minutes=20)))["nouveaux"] == 2
    assert await marques(eleves) == venus
    lendemain = await visiter(eleves, soir + timedelta(days=1))
    assert (lendemain["nouveaux"], await marques(eleves)) == (0, set())


async def test_marking_all_as_seen_ends_the_marks_at_once(eleves: Servi) -> None:
    await visiter(eleves, MIDI)
    await vider_les_voeux(eleves, 4)
    vus = await visiter(eleves, MIDI + timedelta(minutes=1), tout_vu=True)
    assert (vus["nouveaux"], await marques(eleves)) == (0, set())
    assert (await comptes(eleves))[LISTE]["nouveaux"] == 0


async def test_a_visit_is_of_one_s_own_lycee_and_of_a_list_one_may_open(eleves: Servi) -> None:
    adresse = f"{LE_LYCEE}/listes/{LISTE}/visites"
    autre = await eleves.client.post(adresse, json={}, headers=eleves.jeton("b", "0690002B"))
    inconnue = f"{LE_LYCEE}/listes/rien/visites"
    nulle = await eleves.client.post(inconnue, json={}, headers=eleves.jeton("chef", LYCEE))
    assert (autre.status_code, nulle.status_code) == (404, 404)


async def garder(eleves: Servi, methode: str, suite: str = "", acteur: str = "chef", **options: Any) -> Any:
    entetes = {**eleves.jeton(acteur, LYCEE), **options.pop("entetes", {})}
    return await eleves.client.request(methode, f"{LE_LYCEE}/vues{suite}", headers=entetes, **options)


async def test_a_view_is_kept_renamed_and_deleted_by_its_owner_alone(eleves: Servi) -> None:
    creee = await garder(eleves, "POST", json=VUE)
    assert (creee.status_code, creee.headers["etag"]) == (201, '"1"')
    suite = f"/{creee.json()['id']}"
    renommee = {**VUE, "nom": "À revoir", "tri": "voeux", "descendant": True}
    version = {"If-Match": '"1"'}
    assert (await garder(eleves, "PUT", suite, "autre", json=renommee, entetes=version)).status_code == 404
    assert (await garder(eleves, "PUT", suite, json=renommee)).status_code == 428
    changee = await garder(eleves, "PUT", suite, json=renommee, entetes=version)
    assert (changee.status_code, changee.headers["etag"]) == (200, '"2"')
    perimee = await garder(eleves, "PUT", suite, json=VUE, entetes=version)
    assert (perimee.status_code, perimee.json()["code"]) == (412, "vue_modifiee_entre_temps")
    assert perimee.json()["actuel"]["nom"] == "À revoir"
    assert perimee.json()["propose"]["nom"] == "Mes boursiers"
    lues = (await garder(eleves, "GET")).json()
    assert [(v["nom"], v["filtres"], v["tri"], v["version"]) for v in lues["vues"]] == [
        ("À revoir", {"boursier": True, "classe": ["T1"]}, "voeux", 2)
    ]
    assert (await garder(eleves, "GET", acteur="autre")).json()["vues"] == []
    assert (await garder(eleves, "DELETE", suite, entetes=version)).status_code == 412
    assert (await garder(eleves, "DELETE", suite, entetes={"If-Match": '"2"'})).status_code == 204
    assert (await garder(eleves, "GET")).json()["vues"] == []


async def test_a_view_is_created_once_by_key_once_by_name_and_not_without_end(eleves: Servi) -> None:
    cle = {"Idempotency-Key": "k1"}
    deux = [await garder(eleves, "POST", json=VUE, entetes=cle) for _ in range(2)]
    assert deux[0].json()["id"] == deux[1].json()["id"]
    pris = await garder(eleves, "POST", json={**VUE, "nom": "mes BOURSIERS"})
    assert (pris.status_code, pris.json()["code"]) == (409, "nom_pris")
    for n in range(MAXIMUM - 1):
        assert (await garder(eleves, "POST", json={**VUE, "nom": f"vue {n}"})).status_code == 201
    trop = await garder(eleves, "POST", json={**VUE, "nom": "une de plus"})
    assert (trop.status_code, trop.json()["code"]) == (409, "trop_de_vues")
    sien = await garder(eleves, "POST", json={**VUE, "nom": "vue 0", "liste": "rien"}, acteur="autre")
    nom_cherche = await garder(eleves, "POST", json={**VUE, "q": "dupont"}, acteur="autre")
    assert (sien.status_code, nom_cherche.status_code) == (422, 422)
