"""The pages, as a browser without scripts uses them."""

import re
from html import unescape

import httpx
import pytest

from tests.gateway._amont import LYCEE_A, eleve_id
from tests.gateway.conftest import Porte
from tests.kit.login import jeton_de

ELEVE = eleve_id(LYCEE_A, 1)
DOSSIER = f"/lycees/{LYCEE_A}/eleves/{ELEVE}"
SANS_VOEU = eleve_id(LYCEE_A, 0)


def texte(page: httpx.Response) -> str:
    """What is read, without tags and runs of spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_a_visitor_is_sent_to_log_in_and_comes_back_where_he_was_going(porte: Porte) -> None:
    async with porte.client() as navigateur:
        depart = await navigateur.get(DOSSIER)
        assert depart.headers["location"] == f"/connexion?retour=%2Flycees%2F{LYCEE_A}%2Feleves%2F{ELEVE}"


@pytest.mark.parametrize(
    ("login", "titre"),
    [
        ("chef.a", "Lycée général et technologique Edgar Quinet, Bourg-en-Bresse"),
        ("saio", "Académie de Lyon"),
        ("operateur", "État des services"),
    ],
)
async def test_everybody_lands_on_his_own_first_page(porte: Porte, login: str, titre: str) -> None:
    async with porte.navigateur(login) as navigateur:
        assert f'<h1 class="p-titre">{titre}</h1>' in unescape((await navigateur.get("/")).text)


async def test_rates_stand_beside_their_figures_and_nobody_to_count_is_a_dash(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        lu = texte(await navigateur.get(f"/lycees/{LYCEE_A}/pilotage"))
    assert "90,6 % 106 / 117" in lu
    assert "— 0 / 0" in lu
    assert "Situation au 14/03/2026 à 18:05" in lu


async def test_a_chef_gives_an_avis_and_finds_it_again(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        jeton = jeton_de(await navigateur.get(DOSSIER))
        saisie = {"jeton": jeton, "capacite": "TRES_SATISFAISANTE", "action": "enregistrer", "version": ""}
        page = await navigateur.post(f"{DOSSIER}/avis/V2/S1", data=saisie)
        assert page.status_code == 200
        assert "C’est enregistré" in texte(page)
        relu = await navigateur.get(DOSSIER)
        assert re.search(r'value="TRES_SATISFAISANTE" checked', relu.text)
        efface = await navigateur.post(
            f"{DOSSIER}/avis/V2/S1", data={"jeton": jeton, "action": "effacer", "version": "1"}
        )
        assert "checked" not in efface.text
    assert porte.amont.avis[ELEVE, "V2/S1"]["capacite"] is None


async def test_two_people_writing_the_same_avis_see_both_values(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as premier, porte.navigateur("chef.a") as second:
        jeton, autre = jeton_de(await premier.get(DOSSIER)), jeton_de(await second.get(DOSSIER))
        await premier.post(f"{DOSSIER}/avis/V1", data={"jeton": jeton, "capacite": "SATISFAISANTE"})
        conflit = await second.post(f"{DOSSIER}/avis/V1", data={"jeton": autre, "capacite": "PEU_DEMONTREE"})
        assert conflit.status_code == 412
        lu = texte(conflit)
        assert "Valeur enregistrée : Satisfaisante" in lu
        assert "Votre choix : Peu démontrée" in lu
        assert porte.amont.avis[ELEVE, "V1"]["capacite"] == "SATISFAISANTE"
        version = re.search(r'avis/V1">.*?name="version" value="(\d+)"', conflit.text, re.DOTALL)
        assert version
        impose = {"jeton": autre, "capacite": "PEU_DEMONTREE", "version": version.group(1)}
        assert (await second.post(f"{DOSSIER}/avis/V1", data=impose)).status_code == 200
        assert porte.amont.avis[ELEVE, "V1"]["capacite"] == "PEU_DEMONTREE"


async def test_saving_without_a_choice_says_what_to_do(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        jeton = jeton_de(await navigateur.get(DOSSIER))
        page = await navigateur.post(f"{DOSSIER}/avis/V1", data={"jeton": jeton, "action": "enregistrer"})
        assert page.status_code == 422
        assert "Choisissez l’un des quatre niveaux" in texte(page)
    assert porte.amont.avis == {}


async def test_a_pupil_without_a_wish_has_a_dossier_that_says_so(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        lu = texte(await navigateur.get(f"/lycees/{LYCEE_A}/eleves/{SANS_VOEU}"))
    assert "Aucun vœu pour l’instant." in lu


async def test_the_list_is_downloaded_in_three_steps(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        jeton = jeton_de(await navigateur.get("/"))
        page = await navigateur.post(
            f"/lycees/{LYCEE_A}/exports", data={"jeton": jeton, "liste": "inscrits_sans_voeu"}
        )
        assert "Le tableur est prêt" in texte(page)
        lien = re.search(r'href="(/lycees/[^"]+/fichier)"', page.text)
        assert lien
        assert (await navigateur.get(lien.group(1))).content.startswith(b"PK")


async def test_a_siecle_file_is_deposited_and_its_account_shown(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        jeton = jeton_de(await navigateur.get(f"/lycees/{LYCEE_A}/siecle"))
        bon = {"fichier_siecle": ("eleves.xml", b"<BEE_ELEVES/>")}
        page = await navigateur.post(f"/lycees/{LYCEE_A}/siecle", data={"jeton": jeton}, files=bon)
        lu = texte(page)
        assert "Remontée terminée" in lu
        assert "L’INE n’est pas valide." in lu
        mauvais = {"fichier_siecle": ("photo.xml", b"GIF89a")}
        refus = await navigateur.post(f"/lycees/{LYCEE_A}/siecle", data={"jeton": jeton}, files=mauvais)
        assert refus.status_code == 422
        assert "n’est pas un export « Élèves » de SIECLE" in texte(refus)


async def test_a_part_that_is_down_does_not_take_the_page_with_it(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        porte.amont.en_panne.add("indicators")
        assert "Indicateurs indisponibles" in texte(await navigateur.get(f"/lycees/{LYCEE_A}/pilotage"))
        porte.amont.en_panne.add("avenir")
        dossier = texte(await navigateur.get(DOSSIER))
        assert "Avis indisponibles" in dossier
        assert "Licence - Droit" in dossier


async def test_the_saio_compares_lycees_for_one_serie_in_the_order_he_wants(porte: Porte) -> None:
    async with porte.navigateur("saio") as navigateur:
        page = await navigateur.get("/academies/10?serie=GENERALE&tri=vivier&ordre=desc")
        lu = texte(page)
    assert lu.index("Edgar Quinet") < lu.index("Georges Brassens")
    assert "90,6 % 106 / 117" in lu
    assert "ŒUVRARD" not in lu.upper()


async def test_the_operator_sees_which_service_is_not_ready(porte: Porte) -> None:
    porte.amont.en_panne.add("avenir")
    async with porte.navigateur("operateur") as navigateur:
        lu = texte(await navigateur.get("/services"))
    assert "avenir Fiche Avenir Pas prêt" in lu
    assert "eleves Dossiers des élèves Prêt" in lu


async def test_an_address_that_leads_nowhere_is_said_in_french(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get("/nulle/part")
        assert page.status_code == 404
        assert "Page introuvable" in texte(page)
