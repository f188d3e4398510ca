"""The rubrique Pilotage: what a chef and a SAIO see, who sees nothing, and the targets."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte
from tests.gateway.test_site import texte

API = "/api/v1/sessions/2026"
PILOTAGE = f"/lycees/{LYCEE_A}/pilotage"


async def test_a_chef_sees_each_figure_defined_compared_and_leading_to_its_pupils(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(f"{PILOTAGE}?moment=avant&serie=GENERALE&courbe=sans_voeu")
    lu = texte(page)
    assert "Situation au 14/03/2026 à 18:05 · 812 faits pris en compte" in lu
    assert "Définition de « Taux d’élèves n’ayant formulé aucun vœu »" in lu
    assert f'href="/lycees/{LYCEE_A}/listes/inscrits_sans_voeu?serie=GENERALE"' in page.text
    assert "75,0 % 1 500 / 2 000" in lu
    assert "n.c. effectif masqué" in lu
    assert "4e sur 18" in lu
    assert "Relancer avant les vacances" in lu
    assert "Par série" in lu
    assert "TG1" in lu
    assert "<polyline" in page.text
    assert "05/03/2026 10,0 % 10 / 100" in lu
    assert "Ces chiffres ne sortent pas du lycée" in lu


async def test_intentions_lead_to_voeux_and_answers_by_famille(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        toutes, une = [texte(await navigateur.get(f"{PILOTAGE}?serie={serie}")) for serie in ("", "STMG")]
    assert "premier trimestre ou semestre" in toutes
    assert "BTS 20 80,0 % 16 / 20 40,0 % 8 / 20 30,0 % 6 / 20 2 0" in toutes
    assert "BTS 10 80,0 % 8 / 10" in une


async def test_a_past_day_is_said_and_a_day_to_come_is_today(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        passe = await navigateur.get(f"{PILOTAGE}?jour=2026-02-03")
        a_venir = await navigateur.get(f"{PILOTAGE}?jour=2099-01-01")
        faux = await navigateur.get(f"{PILOTAGE}?jour=hier")
    assert "Situation à la fin du 03/02/2026" in texte(passe)
    assert "data-vivre" not in passe.text
    for page in (a_venir, faux):
        assert page.status_code == 200
        assert "data-vivre" in page.text


async def test_an_open_page_learns_only_that_something_moved(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        premier = await navigateur.get(f"{PILOTAGE}/situation")
        encore = await navigateur.get(
            f"{PILOTAGE}/situation", headers={"If-None-Match": premier.headers["ETag"]}
        )
    assert (premier.status_code, encore.status_code) == (200, 304)


@pytest.mark.parametrize("chemin", [PILOTAGE, f"{PILOTAGE}/situation", f"{PILOTAGE}/tableur"])
async def test_foreign_lycees_do_not_exist(porte: Porte, chemin: str) -> None:
    for login in ("chef.b", "saio", "operateur", "pp.a"):
        async with porte.navigateur(login) as navigateur:
            assert (await navigateur.get(chemin)).status_code == 404, login
    async with porte.navigateur("psyen") as navigateur:
        assert (await navigateur.get(chemin)).status_code == 200


async def test_the_api_is_closed_outside_the_scope(porte: Porte) -> None:
    droits = {
        f"/lycees/{LYCEE_A}/indicateurs/courbe": {"chef.a", "psyen"},
        f"/lycees/{LYCEE_A}/intentions": {"chef.a", "psyen"},
        f"/academies/{ACADEMIE}/indicateurs": {"saio"},
        f"/academies/{ACADEMIE}/objectifs/sans_voeu/GENERALE": {"saio"},
    }
    for login in ("chef.a", "psyen", "pp.a", "saio"):
        async with porte.programme(login) as client:
            for route, ouverts in droits.items():
                attendu = 200 if login in ouverts else 404
                assert (await client.get(f"{API}{route}")).status_code == attendu, (login, route)
            assert (await client.get(f"{API}/nation/indicateurs")).status_code == 404
            assert (await client.get(f"{API}/lycees/{LYCEE_B}/indicateurs")).status_code == 404


async def test_the_workbook_of_a_chef_has_a_sheet_by_serie_and_rates_as_numbers(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        reponse = await navigateur.get(f"{PILOTAGE}/tableur")
    livre = CalamineWorkbook.from_filelike(BytesIO(reponse.content))
    assert livre.sheet_names[:2] == ["Ensemble", "Générale"]
    lignes = livre.get_sheet_by_name("Générale").to_python()
    assert lignes[1][:4] == ["Taux de participation", "Tous", 106, 117]
    assert lignes[1][4] == pytest.approx(106 / 117)
