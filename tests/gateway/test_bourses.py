"""Bourses and Cordées as a chef sees and decides them, with the real eleves behind the door."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest

from services.cli.registry import service
from shared.service import create_app
from tests.eleves.test_bourses import signal
from tests.gateway._amont import LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte, ouvrir
from tests.kit.appels import Servi
from tests.kit.journal import Faits
from tests.kit.login import en_ecoute, jeton_de
from tests.kit.services import World

PAGE, CORDEES = f"/lycees/{LYCEE_A}/bourses", f"/lycees/{LYCEE_A}/cordees"
API = f"/api/v1/sessions/2026/lycees/{LYCEE_A}"


@pytest.fixture
async def lycee(world: World, tmp_path: Path) -> AsyncIterator[tuple[Porte, Servi]]:
    settings = await world.settings("eleves")
    declare = replace(service("eleves"), settings=lambda: settings, publishes=False, projection=None)
    app = create_app(declare)
    async with en_ecoute(app) as url, ouvrir(world, tmp_path, eleves_url=url) as porte:
        servi = Servi("eleves", httpx.AsyncClient(), app.state.running)
        yield porte, servi
        await servi.client.aclose()


async def peupler(world: World, servi: Servi) -> tuple[str, str, str]:
    """One who signalled, one known of SIECLE, one who only told the chef."""
    faits = Faits(world)
    signale, connu, muet = (faits.eleve_id() for _ in range(3))
    for n, qui in enumerate((signale, connu, muet)):
        codes = ("BL",) if qui == connu else ()
        await servi.plier(
            [
                faits.identite(qui, nom=f"ÉLÈVE{n}"),
                faits.eleve(qui, uai=LYCEE_A, academie="10", codes_bourse=codes),
            ]
        )
    await servi.plier([signal(world, signale)])
    return signale, connu, muet


def texte(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_a_chef_certifies_several_after_confirming(world: World, lycee: tuple[Porte, Servi]) -> None:
    porte, servi = lycee
    signale, connu, muet = await peupler(world, servi)
    async with porte.navigateur("chef.a") as chef:
        page = await chef.get(PAGE)
        assert "À certifier 1" in texte(page)
        assert "ÉLÈVE0" in texte(page)
        jeton = {"jeton": jeton_de(page)}
        rien = await chef.post(PAGE, data={**jeton, "action": "certifier"})
        assert rien.status_code == 422
        assert "cochez au moins un élève" in texte(rien)
        choix = {**jeton, "action": "certifier", "eleve": [signale, connu], f"echelon-{signale}": "3"}
        confirmer = await chef.post(PAGE, data=choix)
        assert "Rien n’est encore enregistré" in texte(confirmer)
        fait = await chef.post(
            PAGE, data={**choix, f"echelon-{connu}": "2", "piece_vue": "true", "confirme": "oui", "cle": "un"}
        )
        assert "1 élève enregistré, 1 refusé" in texte(fait)
        assert "SIECLE connaît déjà cette bourse" in texte(fait)
        assert "Certifiée , échelon 3" in texte(await chef.get(f"{PAGE}?onglet=certifiees"))
        dossier = await chef.get(f"/lycees/{LYCEE_A}/eleves/{muet}")
        assert "Certifier la bourse" in texte(dossier)
        un = {**jeton, "action": "certifier", "eleve": muet, f"echelon-{muet}": "6", "piece_vue": "true"}
        revenu = await chef.post(PAGE, data={**un, "confirme": "oui", "retour": "dossier", "cle": "deux"})
        assert "Certifiée , échelon 6" in texte(revenu)
        assert revenu.url.path == f"/lycees/{LYCEE_A}/eleves/{muet}"
        annuler = {**jeton, "action": "annuler", "eleve": muet, f"version-{muet}": "1"}
        assert "Rien n’a encore été acquitté" in texte(await chef.post(PAGE, data=annuler))
        annule = await chef.post(PAGE, data={**annuler, "confirme": "oui", "cle": "trois"})
        assert "1 élève enregistré" in texte(annule)
    objets = {un["objet"] for un in await porte.audit() if un["ressource"] == "bourse"}
    assert f"{LYCEE_A}/bourses/certifications/{signale}" in objets
    assert f"{LYCEE_A}/bourses/annulations/{muet}" in objets


async def test_a_classe_of_cordees_is_entered_and_reported(world: World, lycee: tuple[Porte, Servi]) -> None:
    porte, servi = lycee
    un, deux, _ = await peupler(world, servi)
    async with porte.navigateur("chef.a") as chef:
        page = await chef.get(CORDEES, params={"classe": "TG1", "cocher": "tous"})
        assert page.text.count(" checked>") == 3
        jeton = {"jeton": jeton_de(page)}
        choix = {**jeton, "classe": "TG1", "eleve": [un, deux], "choix": "PARCOURS_EXCELLENCE"}
        assert "pour 2 élèves" in texte(await chef.post(CORDEES, data=choix))
        fait = await chef.post(CORDEES, data={**choix, "confirme": "oui", "cle": "a"})
        assert "2 élèves enregistrés" in texte(fait)
        listes = texte(await chef.get(f"{CORDEES}?onglet=a_reporter"))
        assert "À reporter dans SIECLE 2" in listes
        assert "à ajouter dans SIECLE" in listes
        retrait = {
            **jeton,
            "eleve": un,
            f"version-{un}": "1",
            "choix": "RETIRER",
            "confirme": "oui",
            "cle": "b",
        }
        assert "Dites pourquoi" in texte(await chef.post(CORDEES, data=retrait))
        assert "1 élève enregistré" in texte(await chef.post(CORDEES, data={**retrait, "motif": "erreur"}))
        assert "saisie retirée — erreur" in texte(await chef.get(f"/lycees/{LYCEE_A}/eleves/{un}"))


async def test_the_api_says_the_version_and_hides_from_others(
    world: World, lycee: tuple[Porte, Servi]
) -> None:
    porte, servi = lycee
    signale, _, _ = await peupler(world, servi)
    corps = {"decision": "CERTIFIER", "echelon": 1, "piece_vue": True}
    async with porte.programme("chef.a") as chef:
        fait = await chef.put(f"{API}/bourses/{signale}", json=corps)
        assert (fait.status_code, fait.headers["ETag"]) == (200, '"1"')
        perime = await chef.put(f"{API}/bourses/{signale}", json=corps, headers={"If-Match": '"9"'})
        assert (perime.status_code, perime.json()["actuel"]["echelon"]) == (412, 1)
        dossier = (await chef.get(f"/api/v1/sessions/2026/eleves/{signale}")).json()
        assert (dossier["bourse"]["etat"], dossier["cordees"]["participe"]) == ("CERTIFIEE", False)
    async with porte.programme("chef.b") as autre:
        assert (await autre.get(f"{API}/bourses")).status_code == 404
        ailleurs = API.replace(LYCEE_A, LYCEE_B)
        assert (await autre.put(f"{ailleurs}/bourses/{signale}", json=corps)).status_code == 404


async def test_an_adjoint_without_the_delegation_reads_and_is_told_what_to_ask(
    world: World, lycee: tuple[Porte, Servi]
) -> None:
    porte, servi = lycee
    signale, _, _ = await peupler(world, servi)
    async with porte.navigateur("adjoint.a") as adjoint:
        page = await adjoint.get(PAGE)
        assert "donnez-lui votre identifiant" in texte(page)
        assert "Certifier les élèves cochés" not in texte(page)
        envoi = {"jeton": jeton_de(page), "action": "certifier", "eleve": signale, "confirme": "oui"}
        refuse = await adjoint.post(PAGE, data={**envoi, f"echelon-{signale}": "1", "piece_vue": "true"})
        assert (refuse.status_code, "demandez-lui de vous la donner" in texte(refuse)) == (409, True)
