"""The pages of accompagnement as people use them, without a script, before the real service eleves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B
from tests.gateway._maison import Maison, maison_ouverte
from tests.kit.login import jeton_de
from tests.kit.services import World

ICI = f"/lycees/{LYCEE_A}/accompagnement"
SAISIE = {
    "etape": "creer",
    "titre": "Relancer avant la fin des vœux",
    "genre": "RELANCE",
    "fonction": "PROFESSEUR_PRINCIPAL",
    "assigne": "Mme Thiéry",
    "echeance": "2099-06-01",
}
_CHAMP = re.compile(r'name="(version|cle|proposition_id)" value="([^"]*)"')


@pytest.fixture
async def maison(world: World, tmp_path: Path) -> AsyncIterator[Maison]:
    async with maison_ouverte(world, tmp_path, ("eleves",)) as maison:
        yield maison


def caches(page: httpx.Response) -> dict[str, str]:
    return {**dict(_CHAMP.findall(page.text)), "jeton": jeton_de(page)}


async def commencer(maison: Maison, navigateur: httpx.AsyncClient, *noms: str) -> httpx.Response:
    """From the board (any page has the token) to the page of a new action."""
    tableau = await navigateur.get(ICI)
    ids = [maison.eleves[nom] for nom in noms]
    formulaire = await navigateur.post(f"{ICI}/nouvelle", data={"jeton": jeton_de(tableau), "eleve_id": ids})
    assert formulaire.status_code == 200, formulaire.text
    return await navigateur.post(f"{ICI}/nouvelle", data={**SAISIE, **caches(formulaire), "eleve_id": ids})


async def test_an_action_goes_from_a_choice_of_pupils_to_its_end_and_back(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef:
        vide = await chef.get(ICI)
        assert "Aucune action à faire." in vide.text
        page = await commencer(maison, chef, "sien", "classe")
        assert "L’action est créée" in page.text
        assert "suivi par <strong>Mme Thiéry (professeur principal)</strong>" in page.text
        adresse = str(page.url).partition("?")[0]
        issues = {f"issue-{maison.eleves['sien']}": "REGLE", f"precision-{maison.eleves['sien']}": "Fait"}
        page = await chef.post(f"{adresse}/issues", data={**caches(page), **issues})
        assert "Les suites sont enregistrées" in page.text
        refus = await chef.post(f"{adresse}/cloture", data={**caches(page), "etat": "ABANDONNEE"})
        assert refus.status_code == 422
        assert "pourquoi l’action est abandonnée" in refus.text
        page = await chef.post(f"{adresse}/cloture", data={**caches(page), "etat": "FAITE"})
        assert "Rouvrir l’action" in page.text
        page = await chef.post(f"{adresse}/reouverture", data=caches(page))
        assert "L’action est rouverte" in page.text
        page = await chef.post(f"{adresse}/commentaires", data={**caches(page), "texte": "Vu <b>hier</b>"})
        assert "Vu &lt;b&gt;hier&lt;/b&gt;" in page.text
        retire = {**caches(page), "eleve_id": maison.eleves["classe"]}
        page = await chef.post(f"{adresse}/eleves", data=retire)
        assert "NOM-classe" not in page.text
        formulaire = await chef.post(
            f"{ICI}/nouvelle", data={**caches(page), "eleve_id": maison.eleves["classe"]}
        )
        choix = re.search(r'<option value="([0-9a-f-]{36}\.\d+)">', formulaire.text)
        assert choix is not None
        ajout = {"etape": "ajouter", "eleve_id": maison.eleves["classe"], "action": choix[1]}
        page = await chef.post(f"{ICI}/nouvelle", data={**caches(formulaire), **ajout})
        assert "NOM-classe" in page.text
        tableau = await chef.get(ICI)
        assert "Relancer avant la fin des vœux" in tableau.text
        assert "NOM-" not in str(tableau.url)
        dossier = await chef.get(f"/lycees/{LYCEE_A}/eleves/{maison.eleves['sien']}")
        assert "suivi par Mme Thiéry (professeur principal)" in dossier.text


async def test_a_conflict_keeps_what_was_typed_and_shows_what_stands(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef, maison.porte.navigateur("psyen") as psyen:
        page = await commencer(maison, chef, "sien")
        adresse = str(page.url).partition("?")[0]
        autre = await psyen.get(adresse)
        sienne = {**SAISIE, "titre": "Voir l’élève"}
        await psyen.post(f"{adresse}/modifier", data={**caches(autre), **sienne})
        mienne = {**SAISIE, "titre": "Appeler la famille"}
        conflit = await chef.post(f"{adresse}/modifier", data={**caches(page), **mienne})
        assert conflit.status_code == 412
        assert "modifiée entre-temps" in conflit.text
        assert conflit.text.count("Voir l’élève") >= 1
        assert 'value="Appeler la famille"' in conflit.text
        impose = await chef.post(f"{adresse}/modifier", data={**caches(conflit), **mienne})
        assert '<h1 class="p-titre">Appeler la famille</h1>' in impose.text


async def test_a_form_that_is_wrong_comes_back_whole(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef:
        jeton = {"jeton": jeton_de(await chef.get(ICI))}
        ids = [maison.eleves["sien"], maison.eleves["lycee"]]
        page = await chef.post(f"{ICI}/nouvelle", data={**jeton, "eleve_id": ids})
        assert "N’existe pas, ou n’est pas dans votre périmètre." in page.text
        assert "NOM-lycee" not in page.text
        manque = {**SAISIE, **caches(page), "eleve_id": ids, "titre": "", "consigne": "Appeler d’abord"}
        page = await chef.post(f"{ICI}/nouvelle", data=manque)
        assert page.status_code == 422
        assert "Donnez un titre" in page.text
        assert "Appeler d’abord" in page.text
        seuls = {**jeton, "eleve_id": maison.eleves["lycee"]}
        assert "Créer l’action" not in (await chef.post(f"{ICI}/nouvelle", data=seuls)).text
        assert "Aucun élève n’est choisi." in (await chef.get(f"{ICI}/nouvelle")).text
        faux = await chef.post(f"{ICI}/nouvelle", data={"jeton": "x", "eleve_id": ids})
        assert faux.status_code == 403


async def test_pupils_are_ticked_in_a_list(maison: Maison) -> None:
    async with maison.porte.navigateur("chef.a") as chef:
        liste = await chef.get(f"/lycees/{LYCEE_A}/listes/tous")
        coches = re.findall(r'form="choisis" name="eleve_id" value="([^"]+)"', liste.text)
        assert set(coches) == {maison.eleves["sien"], maison.eleves["classe"]}
        page = await chef.post(f"{ICI}/nouvelle", data={**caches(liste), "eleve_id": coches})
        assert page.text.count('name="eleve_id"') == len(coches)
        assert "Créer l’action" in page.text


async def test_a_note_is_written_in_the_dossier_and_corrected_by_its_author(maison: Maison) -> None:
    dossier = f"/lycees/{LYCEE_A}/eleves/{maison.eleves['sien']}"
    async with maison.porte.navigateur("psyen") as psyen, maison.porte.navigateur("chef.a") as chef:
        page = await psyen.get(dossier)
        note = {"jour": "2026-01-05", "texte": "Anxieux.", "visibilite": "DIRECTION_PSYEN"}
        page = await psyen.post(f"{dossier}/notes", data={"jeton": jeton_de(page), **note})
        assert "Entretien du 05/01/2026" in page.text
        assert "Anxieux." in page.text
        lu = await chef.get(dossier)
        assert "Anxieux." in lu.text
        assert "modifier ou effacer" not in lu.text
        lien = re.search(rf"{dossier}/notes/[0-9a-f-]+", page.text)
        assert lien is not None
        fiche = await psyen.get(lien[0])
        change = {**caches(fiche), **note, "visibilite": "PSYEN"}
        page = await psyen.post(lien[0], data=change)
        assert "psychologues de l’éducation nationale seulement" in page.text
        assert "Anxieux." not in (await chef.get(dossier)).text
        assert (await chef.get(lien[0])).status_code == 404
        fiche = await psyen.get(lien[0])
        sans = await psyen.post(lien[0], data={**caches(fiche), "action": "effacer"})
        assert sans.status_code == 422
        page = await psyen.post(lien[0], data={**caches(fiche), "action": "effacer", "confirme": "oui"})
        assert "Aucune note que vous puissiez lire." in page.text
        tard = {"jeton": jeton_de(page), **note, "jour": "2099-01-01"}
        refus = await psyen.post(f"{dossier}/notes", data=tard)
        assert refus.status_code == 422
        assert "Anxieux." in refus.text
    async with maison.porte.navigateur("pp.a") as professeur:
        assert "Anxieux." not in (await professeur.get(dossier)).text
        autre = await professeur.get(f"/lycees/{LYCEE_A}/eleves/{maison.eleves['classe']}")
        assert autre.status_code == 404


async def test_a_saio_proposes_the_chef_accepts_and_the_saio_counts(maison: Maison) -> None:
    adresse = f"/academies/{ACADEMIE}/accompagnement"
    async with maison.porte.navigateur("saio") as saio, maison.porte.navigateur("chef.a") as chef:
        page = await saio.get(adresse)
        assert "Aucune proposition pour l’instant." in page.text
        envoi: dict[str, Any] = {
            "lycees": [LYCEE_A, LYCEE_B],
            "liste": "tous",
            "genre": "ENTRETIEN",
            "echeance": "2099-06-01",
            "phrase": "Merci de les voir.",
        }
        sans = await saio.post(adresse, data={**caches(page), **envoi, "lycees": []})
        assert (sans.status_code, "Choisissez au moins un lycée." in sans.text) == (422, True)
        page = await saio.post(adresse, data={**caches(page), **envoi})
        assert page.text.count("Sans réponse") == 2
        tableau = await chef.get(ICI)
        lien = re.search(rf"{ICI}/propositions/[0-9a-f-]+", tableau.text)
        assert lien is not None
        proposee = await chef.get(lien[0])
        assert "Merci de les voir." in proposee.text
        assert "NOM-sien" in proposee.text
        ids = re.findall(r'name="eleve_id" value="([^"]+)"', proposee.text)
        debut = {**caches(proposee), "genre": "ENTRETIEN", "eleve_id": ids}
        formulaire = await chef.post(f"{ICI}/nouvelle", data=debut)
        page = await chef.post(f"{ICI}/nouvelle", data={**SAISIE, **caches(formulaire), "eleve_id": ids})
        assert "sur proposition du SAIO" in page.text
        suivi = await saio.get(adresse)
        assert "Acceptée" in suivi.text
        assert "NOM-" not in suivi.text
        assert (await saio.get(ICI)).status_code == 404
        assert (await chef.get(adresse)).status_code == 404
    async with maison.porte.navigateur("chef.b") as voisin:
        recue = re.search(
            rf"/lycees/{LYCEE_B}/accompagnement/propositions/[0-9a-f-]+",
            (await voisin.get(f"/lycees/{LYCEE_B}/accompagnement")).text,
        )
        assert recue is not None
        page = await voisin.get(recue[0])
        decline = {**caches(page), "phrase": "Déjà vus.", "action": "decliner"}
        page = await voisin.post(f"{recue[0]}/reponse", data=decline)
        assert "La proposition est déclinée" in page.text
        assert (await voisin.get(lien[0])).status_code == 404


async def test_a_frozen_session_takes_no_action_and_still_shows_them(maison: Maison) -> None:
    maison.porte.amont.vie = "GELEE"
    async with maison.porte.navigateur("chef.a") as chef:
        page = await commencer(maison, chef, "sien")
        assert page.status_code == 409
        assert "est gelée" in page.text
        assert (await chef.get(ICI)).status_code == 200
