"""Cordées through the service's HTTP, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.events.modeles import Dispositif
from shared.http.perimetre import Role
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import World

BASE = f"/interne/v1/sessions/2026/lycees/{LYCEE_A}/cordees"


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "eleves", jobs=False) as service:
        yield service


async def _lire(service: Servi, eleve_id: str) -> dict[str, Any]:
    reponse = await service.client.get(f"{BASE}/{eleve_id}", headers=service.jeton("chef", LYCEE_A))
    assert reponse.status_code == 200, reponse.text
    return dict(reponse.json())


async def _saisir(service: Servi, ids: list[str], etat: str = "PARTICIPE", **corps: Any) -> dict[str, Any]:
    vises = [{"eleve_id": i, "version": (await _lire(service, i))["version"]} for i in ids]
    reponse = await service.client.post(
        f"{BASE}/saisies",
        headers=service.jeton("chef", LYCEE_A),
        json={"eleves": vises, "etat": etat, **corps},
    )
    assert reponse.status_code == 200, reponse.text
    return dict(reponse.json())


async def test_a_local_entry_wins_over_every_import_until_it_is_withdrawn(
    world: World, eleves: Servi
) -> None:
    faits = Faits(world)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    assert (await _saisir(eleves, [qui], dispositif="PARCOURS_EXCELLENCE"))["faits"] == 1
    for version in (2, 3):
        await eleves.plier([faits.eleve(qui, version, classe=f"TG{version}")])
        dit = await _lire(eleves, qui)
        assert (dit["dispositif_libelle"], dit["source"]) == ("Parcours d’excellence", "LOCAL")
        assert dit["report"] == "AJOUTER"
    await eleves.plier([faits.eleve(qui, 4, cordees=True, dispositif=Dispositif.CORDEES)])
    assert (await _lire(eleves, qui))["report"] == "CHANGER"
    entetes = {**eleves.jeton("chef", LYCEE_A), "If-Match": '"1"'}
    vide = await eleves.client.post(f"{BASE}/{qui}/retrait", headers=entetes, json={"motif": " "})
    assert (vide.status_code, vide.json()["code"]) == (422, "motif_absent")
    retrait = await eleves.client.post(f"{BASE}/{qui}/retrait", headers=entetes, json={"motif": "erreur"})
    assert (retrait.json()["source"], retrait.json()["dispositif"]) == ("SIECLE", "CORDEES")
    assert [acte["motif"] for acte in (await _lire(eleves, qui))["historique"]] == ["erreur", None]
    dits = [e for e in await eleves.sortis() if e["type"] == "CordeesSaisies"]
    assert [(e["version"], e["source"], e.get("dispositif")) for e in dits] == [
        (1, "LOCAL", "PARCOURS_EXCELLENCE"),
        (2, "SIECLE", "CORDEES"),
    ]


async def test_a_classe_is_entered_at_once_and_the_discrepancies_listed(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un, deux, autre = (faits.eleve_id() for _ in range(3))
    await eleves.plier([faits.eleve(un), faits.eleve(deux, cordees=True), faits.eleve(autre, classe="TG9")])
    chef = eleves.jeton("chef", LYCEE_A)
    classe = (await eleves.client.get(BASE, params={"classe": "TG1"}, headers=chef)).json()
    assert {e["eleve_id"] for e in classe["eleves"]} == {un, deux}
    assert (await _saisir(eleves, [un, deux]))["faits"] == 2
    encore = await _saisir(eleves, [un, autre])
    assert [r["code"] for r in encore["resultats"]] == ["meme_saisie", None]
    tous = (await eleves.client.get(BASE, headers=chef)).json()
    assert {e["eleve_id"] for e in tous["eleves"] if e["a_reporter"]} == {un, autre}
    await _saisir(eleves, [deux], "NE_PARTICIPE_PAS")
    assert (await _lire(eleves, deux))["report"] == "RETIRER"


async def test_who_only_reads_enters_nothing(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    corps = {"eleves": [{"eleve_id": qui}], "etat": "PARTICIPE"}
    psyen = eleves.jeton("psyen", LYCEE_A, role=Role.PSYEN)
    assert (await eleves.client.get(f"{BASE}/{qui}", headers=psyen)).status_code == 200
    for entetes in (psyen, eleves.jeton("chef.b", LYCEE_B)):
        assert (await eleves.client.post(f"{BASE}/saisies", headers=entetes, json=corps)).status_code == 404
