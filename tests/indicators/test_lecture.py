"""What the chef reads of his lycée and the SAIO of an académie, on a real database."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.indicators.instantane import Instantanes
from services.indicators.mesures import COLONNES, RANGS
from shared.db.engine import writing
from shared.http.perimetre import Perimetre, Role, signer
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import SERVICE_TOKEN_KEY, World

S = "/interne/v1/sessions/2026"
ACADEMIE = "75"


@pytest.fixture
async def service(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "indicators", jobs=False) as un:
        yield un


async def _cellules(service: Servi, table: str, *lignes: dict[str, Any]) -> None:
    """Rows of ``cellule`` or ``mouvement``; measures by code."""
    async with writing(service.running.engine) as tx:
        for ligne in lignes:
            cles = {c: v for c, v in ligne.items() if c not in RANGS}
            siennes = {COLONNES[RANGS[c]]: v for c, v in ligne.items() if c in RANGS}
            champs = {"session": 2026, "academie": ACADEMIE, **cles, **siennes}
            noms = ", ".join(champs)
            await tx.execute(
                text(f"INSERT INTO {table} ({noms}) VALUES ({', '.join(f':{c}' for c in champs)})"), champs
            )


def _lycee(uai: str, serie: str = "GENERALE", **mesures: Any) -> dict[str, Any]:
    tous = {"vivier": 60, "vivier_initial": 60, "inscrits": 55, "participants_initiaux": 55, "sans_voeu": 6}
    dits = {**tous, "l1_pass": 20, **mesures}
    confirmes = dits["inscrits"] - dits["sans_voeu"]
    return {
        "uai": uai,
        "serie": serie,
        "confirmes": confirmes,
        "sans_voeu_confirme": dits["sans_voeu"],
        **dits,
    }


def _saio(service: Servi, *academies: str, nation: bool = False) -> dict[str, str]:
    qui = Perimetre(acteur="saio-1", nom="Mme Saio", role=Role.SAIO, academies=academies, nation=nation)
    return {"Authorization": f"Bearer {signer(qui, SERVICE_TOKEN_KEY, service.name)}"}


def _un(bloc: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(un for un in bloc["indicateurs"] if un["code"] == code)
    return found


async def test_a_chef_reads_his_figures_by_part_beside_those_of_others(service: Servi, world: World) -> None:
    faits = Faits(world)
    ids = [faits.eleve_id() for _ in range(3)]
    await service.plier([f for i in ids for f in (faits.eleve(i), faits.dossier(i))] + [faits.voeu(ids[0])])
    page = (
        await service.client.get(f"{S}/lycees/{LYCEE_A}/indicateurs", headers=service.jeton("c", LYCEE_A))
    ).json()
    (generale,) = page["series"]
    sans_voeu = _un(generale, "sans_voeu")
    assert (sans_voeu["numerateur"], sans_voeu["denominateur"]) == (2, 3)
    assert page["faits"] == 7
    assert page["situation_au"]
    parts = {un["dimension"]: un["modalites"] for un in generale["declinaisons"]}
    assert set(parts) == {"classe", "specialites", "sexe", "boursier", "cordees"}
    assert all(sum(un["figures"]["sans_voeu"][0] for un in siennes) == 2 for siennes in parts.values())
    assert sans_voeu["nation"] == [None, None], "it would be his own figures"
    assert _un(page["ensemble"], "sans_voeu")["definition"]
    assert _un(generale, "admis")["taux"] == 0


async def test_a_chef_sees_where_he_stands_among_others(service: Servi) -> None:
    academies = ("10", "09", "04", "14")
    autres = [_lycee(f"069{i:04d}Z", sans_voeu=7 + i, academie=academies[i % 4]) for i in range(8)]
    await _cellules(service, "cellule", *autres, _lycee(LYCEE_A, sans_voeu=12))
    page = (
        await service.client.get(f"{S}/lycees/{LYCEE_A}/indicateurs", headers=service.jeton("c", LYCEE_A))
    ).json()
    vu = _un(page["series"][0], "sans_voeu")
    assert vu["nation"] == [sum(range(7, 15)) + 12, 9 * 55]
    assert vu["place"] == [3, 9]
    assert vu["quartiles_nation"][1:] == [pytest.approx(11 / 55), pytest.approx(12 / 55), 9]
    assert vu["quartiles_academie"] is None, "one lycée has no quartiles"


async def test_a_lycee_without_pupils_has_no_figures_and_a_foreign_one_does_not_exist(service: Servi) -> None:
    page = (
        await service.client.get(f"{S}/lycees/{LYCEE_A}/indicateurs", headers=service.jeton("c", LYCEE_A))
    ).json()
    assert page["series"] == []
    intentions = await service.client.get(
        f"{S}/lycees/{LYCEE_A}/intentions", headers=service.jeton("c", LYCEE_A)
    )
    assert intentions.json()["lignes"] == []
    assert _un(page["ensemble"], "participation")["taux"] is None
    for route in ("indicateurs", "courbe", "intentions"):
        refus = await service.client.get(f"{S}/lycees/{LYCEE_B}/{route}", headers=service.jeton("c", LYCEE_A))
        assert refus.status_code == 404


async def test_a_past_day_a_curve_and_last_session_are_read_as_they_were_known(service: Servi) -> None:
    lundi = date(2026, 3, 2)
    jours = [lundi + timedelta(days=n) for n in range(3)]
    await _cellules(
        service,
        "mouvement",
        *(
            {"uai": LYCEE_A, "serie": "STL", "jour": j, "vivier": 10, "inscrits": 8, "sans_voeu": 1}
            for j in jours
        ),
        {"session": 2025, "uai": LYCEE_A, "serie": "STL", "jour": lundi, "inscrits": 7, "sans_voeu": 4},
        {"session": 2025, "uai": LYCEE_A, "serie": "STL", "jour": jours[2], "inscrits": 9},
    )
    acces = service.jeton("c", LYCEE_A)
    page = (
        await service.client.get(
            f"{S}/lycees/{LYCEE_A}/indicateurs?jour={jours[1]}&jour_precedent={jours[1]}", headers=acces
        )
    ).json()
    lu = _un(page["series"][0], "sans_voeu")
    assert (lu["numerateur"], lu["denominateur"], lu["precedente"]) == (2, 16, [4, 7])
    courbe = (await service.client.get(f"{S}/lycees/{LYCEE_A}/courbe", headers=acces)).json()
    points = [(p["jour"], p["figures"]["sans_voeu"]) for p in courbe["series"][0]["points"]]
    assert points == [(str(jours[n]), [n + 1, 8 * (n + 1)]) for n in range(3)]


async def test_a_saio_reads_lycees_by_serie_without_small_numbers(service: Servi) -> None:
    lignes = [_lycee(f"075{i:04d}Z", sans_voeu=5 + i) for i in range(6)]
    petit = _lycee("0759999Z", vivier=4, inscrits=4, sans_voeu=1, l1_pass=2)
    await _cellules(service, "cellule", *lignes, petit, _lycee("0750005Z", "STL", sans_voeu=0))
    adresse = f"{S}/academies/{ACADEMIE}/indicateurs"
    page = (await service.client.get(f"{adresse}?serie=GENERALE", headers=_saio(service, ACADEMIE))).json()
    lycees = {un["uai"]: un["series"][0] for un in page["lycees"]}
    assert lycees["0759999Z"]["vivier"] is None
    assert _un(lycees["0759999Z"], "sans_voeu")["numerateur"] is None
    retenus = [uai for uai, bloc in lycees.items() if _un(bloc, "sans_voeu")["numerateur"] is None]
    assert len(retenus) >= 3, "one alone would be the total less the others"
    generale = next(un for un in page["series"] if un["serie"] == "GENERALE")
    assert _un(generale, "sans_voeu")["numerateur"] == sum(range(5, 11)) + 1
    toutes = (await service.client.get(adresse, headers=_saio(service, ACADEMIE))).json()
    stl = next(un for un in toutes["lycees"] if un["uai"] == "0750005Z")["ensemble"]
    assert _un(stl, "sans_voeu")["numerateur"] == 10, "over the série that is shown"
    assert (await service.client.get(adresse, headers=_saio(service, "10"))).status_code == 404
    assert (await service.client.get(adresse, headers=service.jeton("c", LYCEE_A))).status_code == 404
    nation = await service.client.get(f"{S}/nation/indicateurs", headers=_saio(service, nation=True))
    assert [un["lieu"] for un in nation.json()["academies"]] == [f"academie {ACADEMIE}"]
    assert (
        await service.client.get(f"{S}/nation/indicateurs", headers=_saio(service, "75"))
    ).status_code == 404


async def test_a_target_is_set_seen_by_the_lycee_changed_and_taken_back(service: Servi) -> None:
    await _cellules(service, "cellule", _lycee(LYCEE_A))
    adresse = f"{S}/academies/{ACADEMIE}/objectifs/sans_voeu/GENERALE"
    acces = _saio(service, ACADEMIE)
    mis = await service.client.put(
        adresse, json={"cible": 0.02, "continuum": -3, "note": " Relancer "}, headers=acces
    )
    assert (mis.status_code, mis.json()["version"], mis.json()["auteur"]) == (200, 1, "Mme Saio")
    page = (
        await service.client.get(f"{S}/lycees/{LYCEE_A}/indicateurs", headers=service.jeton("c", LYCEE_A))
    ).json()
    vu = _un(page["series"][0], "sans_voeu")["objectif"]
    assert (vu["cible"], vu["continuum"], vu["note"]) == (0.02, -3, "Relancer")
    sans = await service.client.put(adresse, json={"cible": 0.03}, headers=acces)
    perime = await service.client.put(adresse, json={"cible": 0.03}, headers={**acces, "If-Match": '"9"'})
    assert (sans.status_code, perime.status_code) == (428, 412)
    assert perime.json()["actuel"]["cible"] == 0.02
    retire = await service.client.put(adresse, json={"cible": None}, headers={**acces, "If-Match": '"1"'})
    assert retire.json()["cible"] is None
    page = (
        await service.client.get(f"{S}/lycees/{LYCEE_A}/indicateurs", headers=service.jeton("c", LYCEE_A))
    ).json()
    assert _un(page["series"][0], "sans_voeu")["objectif"] is None
    versions = (await service.client.get(adresse, headers=acces)).json()["versions"]
    assert [(v["version"], v["cible"]) for v in versions] == [(2, None), (1, 0.02)]
    inconnu = await service.client.put(
        adresse.replace("sans_voeu", "age"), json={"cible": 0.1}, headers=acces
    )
    assert inconnu.status_code == 422
    autre = await service.client.put(adresse, json={"cible": 0.1}, headers=_saio(service, "10"))
    assert autre.status_code == 404


async def test_figures_are_read_again_once_facts_were_counted(service: Servi, world: World) -> None:
    faits = Faits(world)
    tenus = Instantanes(service.running.engine)
    assert not (await tenus.lire(2026)).series
    assert not await tenus.rafraichir(2026)
    await service.plier([faits.eleve(faits.eleve_id())])
    assert not (await tenus.lire(2026)).series, "as it was read"
    assert await tenus.rafraichir(2026)
    assert list((await tenus.lire(2026)).series) == ["GENERALE"]
