"""Every list of the catalogue on the site, before the real service of pupils."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from shared.domaine.catalogue import LISTES
from tests.gateway._amont import LYCEE_A
from tests.gateway._maison import Maison, maison_ouverte
from tests.kit.services import World

PAGE = f"/lycees/{LYCEE_A}"


@pytest.fixture
async def maison(world: World, tmp_path: Path) -> AsyncIterator[Maison]:
    async with maison_ouverte(world, tmp_path, ("eleves",)) as ouverte:
        yield ouverte


def texte(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_every_list_opens_says_what_it_is_and_sorts_by_each_heading(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef:
        for code, liste in LISTES.items():
            page = await chef.get(f"{PAGE}/listes/{code}")
            assert page.status_code == 200, code
            lu = texte(page.text)
            assert liste.definition in lu
            assert liste.pourquoi in lu
            assert f"{liste.titre} :" in lu or "Aucun élève dans cette liste" in lu
        tous = await chef.get(f"{PAGE}/listes/tous")
        tris = [unescape(lien) for lien in re.findall(r'href="([^"]+tri=[^"]+)"', tous.text)]
        assert len(tris) > 5
        for lien in tris:
            assert "NOM-sien" in (await chef.get(lien)).text, lien


async def test_the_menu_counts_every_list_and_filters_narrow(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef:
        page = await chef.get(f"{PAGE}/listes/tous")
        menu = texte(page.text.partition("Changer de liste")[2].partition("</details>")[0])
        assert "Tous les élèves 2 " in menu
        assert "Un seul vœu 2 " in menu
        assert "Fiche de dialogue non rendue — " in menu
        for filtre, restent in (
            ("classe=TG1", 1),
            ("famille=LICENCE", 2),
            ("famille=BTS", 0),
            ("boursier=true", 0),
        ):
            filtree = (await chef.get(f"{PAGE}/listes/tous?{filtre}")).text
            assert len(set(re.findall(r">NOM-\w+ Zoé<", filtree))) == restent, filtre
        assert (await chef.get(f"{PAGE}/listes/inconnue")).status_code == 404


async def test_a_professeur_principal_sees_his_classes_and_no_reserved_list(maison: Maison) -> None:
    async with maison.porte.navigateur("pp.a") as pp:
        page = await pp.get(f"{PAGE}/listes/tous")
        accueil = await pp.get(PAGE)
        assert "boursiers_a_certifier" not in accueil.text
        assert "NOM-sien" in page.text
        assert "NOM-classe" not in page.text
        assert "boursiers_a_certifier" not in page.text
        assert (await pp.get(f"{PAGE}/listes/boursiers_a_certifier")).status_code == 404
