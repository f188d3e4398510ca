"""A lycée's settings as its chef sees and corrects them, with the real eleves behind the door."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.registry import service
from shared.events import modeles as m
from shared.events import topics as t
from shared.service import create_app
from tests.eleves.test_referentiels import dit
from tests.gateway._amont import LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte, ouvrir
from tests.kit.appels import Servi
from tests.kit.login import en_ecoute, jeton_de
from tests.kit.services import World

PAGE = f"/lycees/{LYCEE_A}/etablissement"
API = f"/api/v1/sessions/2026/lycees/{LYCEE_A}/etablissement"


@pytest.fixture
async def eleves(world: World, tmp_path: Path) -> AsyncIterator[tuple[Porte, Servi]]:
    """The gateway before the real eleves, which knows the lycée by its SIECLE files."""
    settings = await world.settings("eleves")
    declare = replace(service("eleves"), settings=lambda: settings, publishes=False, projection=None)
    app = create_app(declare)
    async with en_ecoute(app) as url, ouvrir(world, tmp_path, eleves_url=url) as porte:
        servi = Servi("eleves", httpx.AsyncClient(), app.state.running)
        divisions = tuple(
            m.DivisionRemontee(code=c, libelle=f"TERMINALE {c}", mefs=("20210019110",))
            for c in ("TG1", "TG/2")
        )
        commun: dict[str, Any] = {"session": 2026, "version": 1, "uai": LYCEE_A}
        await servi.plier(
            [
                dit(world, t.STRUCTURE, m.StructureRemontee(**commun, divisions=divisions)),
                dit(world, t.STRUCTURE, m.LyceeDecrit(**commun, nom="LYCEE QUINET", telephone="0474000000")),
            ]
        )
        yield porte, servi
        await servi.client.aclose()


def texte(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def formulaire(page: httpx.Response, **champs: str) -> dict[str, str]:
    return {"jeton": jeton_de(page), **champs}


async def poster(navigateur: httpx.AsyncClient, onglet: str, **champs: str) -> httpx.Response:
    page = await navigateur.get(f"{PAGE}?onglet={onglet}")
    assert page.status_code == 200, page.text
    return await navigateur.post(f"{PAGE}/fiche", data=formulaire(page, **champs))


async def test_a_chef_corrects_his_coordinates_and_comes_back_to_siecle(eleves: tuple[Porte, Servi]) -> None:
    porte, _ = eleves
    async with porte.navigateur("chef.a") as chef:
        defaut = texte(await chef.get(PAGE))
        assert "Téléphone Source : SIECLE." in defaut
        fait = await poster(
            chef, "coordonnees", objet="COORDONNEES", **{"c.telephone": "0474112233"}, motif="standard"
        )
        assert "C’est enregistré" in texte(fait)
        assert "SIECLE dit « 0474000000 ». Saisi ici par" in texte(fait)
        assert 'value="04 74 11 22 33"' in fait.text
        refuse = await poster(
            chef, "coordonnees", objet="COORDONNEES", version="1",
            **{"c.telephone": "12", "c.commune": "Bourg"},
        )  # fmt: skip
        assert refuse.status_code == 422
        assert "Écrivez un numéro à dix chiffres" in texte(refuse)
        assert 'value="Bourg"' in refuse.text
        perime = await poster(
            chef, "coordonnees", objet="COORDONNEES", **{"c.telephone": "0474445566"}, version="9"
        )
        assert perime.status_code == 412
        assert "enregistré « 04 74 11 22 33 », vous aviez saisi « 0474445566 »" in texte(perime)
        retour = await poster(chef, "coordonnees", objet="COORDONNEES", retirer="telephone", version="1")
        assert 'value="0474000000"' in retour.text
        assert "04 74 11 22 33 valeur de SIECLE" in texte(await chef.get(f"{PAGE}?onglet=historique"))


async def test_classes_team_conseils_and_contacts_have_their_tabs(eleves: tuple[Porte, Servi]) -> None:
    porte, _ = eleves
    async with porte.navigateur("chef.a") as chef:
        pp = {"c.principal_1_nom": "Noether", "c.principal_1_prenom": "Emmy"}
        nomme = await poster(chef, "classes", objet="CLASSE", classe="TG/2", **pp)
        assert "TG/2 TERMINALE TG/2 Générale 0 Emmy Noether" in texte(nomme)
        equipe = await poster(
            chef, "equipe", objet="ENSEIGNEMENT", classe="TG1", detail="PHI",
            **{"c.libelle": "Philosophie", "c.enseignants": "Simone Weil"},
        )  # fmt: skip
        assert "Philosophie : Simone Weil" in texte(equipe)
        hors = await poster(
            chef, "conseils", objet="CONSEIL", classe="TG1", detail="2", **{"c.date": "2027-03-10"}
        )
        assert "Le 10/03/2027 n’est pas dans l’année scolaire 2025-2026." in texte(hors)
        contact = {"objet": "CONTACT", "detail": "c1", "c.fonction": "Infirmerie", "c.nom": "Mme Nightingale"}
        assert "Mme Nightingale, Infirmerie" in texte(await poster(chef, "contacts", **contact))
        retire = {
            "objet": "CONTACT",
            "detail": "c1",
            "action": "supprimer",
            "version": "1",
            "c.nom": "",
            "c.fonction": "",
        }
        assert "Aucun contact n’est enregistré." in texte(await poster(chef, "contacts", **retire))


async def test_a_pasted_calendar_is_shown_before_it_is_taken(eleves: tuple[Porte, Servi]) -> None:
    porte, _ = eleves
    async with porte.navigateur("chef.a") as chef:
        page = await chef.get(f"{PAGE}?onglet=conseils")
        tableau = {"texte": "TG1\t2\t10/03/2026\t17h30\tCDI\nTG9\t2\t10/03/2026\t\t"}
        essai = await chef.post(f"{PAGE}/conseils", data=formulaire(page, **tableau, action="essayer"))
        assert "1 conseil(s) à enregistrer, 0 inchangé(s), 1 ligne(s) refusée(s)" in texte(essai)
        assert "La classe « TG9 » n’est pas connue dans ce lycée." in texte(essai)
        fait = await chef.post(f"{PAGE}/conseils", data=formulaire(essai, **tableau, action="integrer"))
        assert "10/03/2026 à 17:30 CDI" in texte(fait)


async def test_the_api_says_the_same_and_every_access_is_audited(eleves: tuple[Porte, Servi]) -> None:
    porte, _ = eleves
    async with porte.programme("chef.a") as chef:
        lu = (await chef.get(API)).json()
        assert [c["classe"] for c in lu["classes"]] == ["TG/2", "TG1"]
        corps = {"objet": "COORDONNEES", "champs": {"site": "quinet.exemple.fr"}}
        fait = await chef.put(f"{API}/fiche", json=corps)
        assert (fait.status_code, fait.headers["ETag"]) == (200, '"1"')
        assert (await chef.put(f"{API}/fiche", json=corps)).status_code == 428
        assert (await chef.get(API.replace(LYCEE_A, LYCEE_B))).status_code == 404
    async with porte.programme("saio") as saio:
        assert (await saio.get(API)).status_code == 404
    actes = [(a["ressource"], a["acte"], a["objet"]) for a in await porte.audit()]
    assert actes == [
        ("etablissement", "lire", LYCEE_A),
        ("etablissement", "ecrire", f"{LYCEE_A}/COORDONNEES"),
        ("etablissement", "ecrire", f"{LYCEE_A}/COORDONNEES"),
    ]


async def test_a_form_that_is_not_ours_changes_nothing(eleves: tuple[Porte, Servi]) -> None:
    porte, _ = eleves
    async with porte.navigateur("chef.a") as chef:
        champs = {"objet": "COORDONNEES", "c.site": "faux.exemple.fr", "jeton": "x"}
        assert (await chef.post(f"{PAGE}/fiche", data=champs)).status_code == 403
        assert (await poster(chef, "coordonnees", objet="AUTRE", **{"c.site": "a.fr"})).status_code == 422
        assert "faux.exemple.fr" not in (await chef.get(PAGE)).text


async def test_a_professeur_principal_and_a_psyen_read_and_change_nothing(
    eleves: tuple[Porte, Servi],
) -> None:
    porte, _ = eleves
    for login in ("pp.a", "psyen"):
        async with porte.navigateur(login) as lecteur:
            page = await lecteur.get(f"{PAGE}?onglet=classes")
            assert "Seule la direction du lycée modifie ces paramètres." in texte(page)
            assert "Modifier" not in texte(page)
            assert (await lecteur.get("/calendrier")).status_code == 200
            assert (await lecteur.get(f"/lycees/{LYCEE_A}/scolarite")).status_code == 404
            champs = {"jeton": jeton_de(page), "objet": "COORDONNEES", "c.site": "a.fr"}
            assert (await lecteur.post(f"{PAGE}/fiche", data=champs)).status_code == 404
