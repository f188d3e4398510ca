"""The first page, the pages of lists and the views, as a browser without scripts uses them."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.gateway._amont import LYCEE_A, NOMS
from tests.gateway.conftest import Porte
from tests.gateway.test_site import texte
from tests.kit.login import jeton_de

ACCUEIL = f"/lycees/{LYCEE_A}"
SANS_VOEU, TOUS = f"{ACCUEIL}/listes/inscrits_sans_voeu", f"{ACCUEIL}/listes/tous"


async def chercher(
    navigateur: httpx.AsyncClient, adresse: str = TOUS, **saisie: str | list[str]
) -> httpx.Response:
    """Fill in the search form of the page and send it."""
    jeton = jeton_de(await navigateur.get(adresse))
    return await navigateur.post(adresse, data={"jeton": jeton, **saisie})


def formulaire(page: httpx.Response, bouton: str) -> tuple[str, dict[str, str]]:
    """Address and hidden fields of what the button that says so sends."""
    for bloc in re.findall(r"<form .*?</form>", page.text, re.DOTALL):
        if re.search(rf">\s*{bouton}", bloc):
            champs = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', bloc)
            action = re.search(r'action="([^"]+)"', bloc)
            assert action
            return unescape(action.group(1)), {n: unescape(v) for n, v in champs}
    raise AssertionError(bouton)


async def test_the_first_page_says_whom_to_see_what_is_due_and_every_list(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        lu = texte(await navigateur.get(ACCUEIL))
        assert "57 élèves à voir en priorité" in lu
        assert "Que des refus (9) : CAES à préparer avec l’élève." in lu
        assert lu.index("Avant l’admission En ce moment") < lu.index("Toute l’année")
        assert "Inscrits sans vœu 20" in lu
        ancienne = await navigateur.get(f"{ACCUEIL}?liste=tous&serie=STMG")
        assert f"{ancienne.url.path}?{ancienne.url.query.decode()}" == f"{TOUS}?serie=STMG"


async def test_the_queue_goes_on_and_narrows_without_a_name_in_an_address(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(ACCUEIL)
        suite = re.search(r'href="([^"]+)" rel="next"', page.text)
        assert suite
        assert "curseur=file-1" in suite.group(1)
        assert "Début de la file" in texte(await navigateur.get(unescape(suite.group(1))))
        saisie = {"jeton": jeton_de(page), "assigne": "Mme Faÿ", "classe": "TG2"}
        siens = await navigateur.post(ACCUEIL, data=saisie)
        assert porte.amont.recherches[-1]["assigne"] == "Mme Faÿ"
        assert porte.amont.recherches[-1]["filtres"] == {"classe": ["TG2"]}
        assert "assigne=" not in "".join(re.findall(r'href="[^"]*"', siens.text))
        sans = await navigateur.post(ACCUEIL, data={"jeton": jeton_de(page), "sans_suivi": "true"})
        assert sans.request.method == "GET"
        assert porte.amont.recherches[-1]["sans_suivi"] is True


async def test_a_list_has_its_reason_its_filters_and_its_empty_state(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        defaut = texte(await navigateur.get(SANS_VOEU))
        assert "n’ont aucun vœu, ou ont supprimé tous ceux" in defaut
        assert "Inscrits sans vœu : 20 élèves" in defaut
        filtree = texte(await chercher(navigateur, q="çelik", serie="PROFESSIONNELLE"))
        assert "ÇELIK" in filtree
        assert "GUEYE" not in filtree
        vide = texte(await chercher(navigateur, q="zzz"))
        assert "Aucun élève dans cette liste avec ces filtres." in vide
        assert "Sans filtre, elle en compte 130" in vide
        assert "Retirer le filtre Nom : « zzz »" in vide


async def test_filters_add_up_and_are_taken_off_one_by_one(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(
            f"{TOUS}?classe=TG2&classe=TG10&famille=BTS&boursier=true&sexe=F&tri=voeux"
        )
        filtres = {"classe": ["TG2", "TG10"], "famille": ["BTS"], "boursier": True, "sexe": "F"}
        assert porte.amont.recherches[-1]["filtres"] == filtres
        retraits = re.findall(r'<a href="([^"]+)" class="fr-tag', page.text)
        restes = [parse_qs(urlsplit(unescape(lien)).query) for lien in retraits]
        assert len(restes) == 5
        assert {
            "classe": ["TG10"],
            "famille": ["BTS"],
            "boursier": ["true"],
            "sexe": ["F"],
            "tri": ["voeux"],
        } in restes
        assert all(reste["tri"] == ["voeux"] for reste in restes)
        _, champs = formulaire(page, "Télécharger")
        assert (champs["famille"], champs["boursier"], champs["sexe"]) == ("BTS", "true", "F")
        assert page.text.index('value="TG2"') < page.text.index('value="TG10"')


async def test_those_who_are_new_are_marked_until_all_is_seen(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(SANS_VOEU)
        assert porte.amont.visites == [("inscrits_sans_voeu", False)]
        assert "2 nouveaux depuis votre visite du 13/03/2026 à 18:00." in texte(page)
        assert page.text.count(">Nouveau</span>") == 1
        await navigateur.get(f"{SANS_VOEU}?classe=TG2")
        await navigateur.get(f"{SANS_VOEU}?nouveaux=true")
        assert porte.amont.recherches[-1]["nouveaux"] is True
        assert len(porte.amont.visites) == 1
        adresse, champs = formulaire(page, "Tout marquer comme vu")
        await navigateur.post(adresse, data=champs)
        assert porte.amont.visites[1] == ("inscrits_sans_voeu", True)
        assert "2 nouveaux" in texte(await navigateur.get(ACCUEIL))


async def test_a_search_by_name_is_in_no_address(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await chercher(navigateur, q="e", tri="nom", classe=["TG1", "TG2"])
        assert not re.search(r"(href|action)=\"[^\"]*q=", page.text)
        vus = set(re.findall(r"/eleves/([0-9a-f-]{36})", page.text))
        adresse, suite = formulaire(page, "Page suivante")
        page = await navigateur.post(adresse, data=suite)
        vus.update(re.findall(r"/eleves/([0-9a-f-]{36})", page.text))
        adresse, tri = formulaire(page, "Vœux")
        assert (await navigateur.post(adresse, data=tri)).status_code == 200
    assert len(vus) == sum("E" in NOMS[n % len(NOMS)].upper() for n in range(130)) > 50
    dites = [(r["q"], r.get("tri"), r.get("curseur")) for r in porte.amont.recherches if "q" in r]
    assert dites == [("e", "nom", None), ("e", "nom", "nom-50"), ("e", "voeux", None)]


async def test_filters_without_a_name_have_an_address_to_come_back_to(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await chercher(navigateur, serie="STMG", q="", tri="classe", descendant="true", boursier="")
    assert (page.request.method, page.url.path) == ("GET", TOUS)
    assert dict(page.url.params) == {"serie": "STMG", "tri": "classe", "descendant": "true"}


async def test_a_search_that_is_not_from_our_page_is_refused(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        for adresse in (TOUS, ACCUEIL, f"{ACCUEIL}/vues", f"{TOUS}/vu"):
            page = await navigateur.post(adresse, data={"q": "a", "jeton": "faux"})
            assert (page.status_code, "Page expirée" in page.text) == (403, True), adresse
        assert (await chercher(navigateur, q="a\x00")).status_code == 422
        assert (await navigateur.get(f"{ACCUEIL}/listes/rien")).status_code == 404


async def test_a_long_list_goes_on_to_the_next_page(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        vus: set[str] = set()
        adresse: str | None = f"{TOUS}?tri=classe"
        while adresse:
            page = await navigateur.get(adresse)
            vus.update(re.findall(r"/eleves/([0-9a-f-]{36})", page.text))
            suite = re.search(r'href="([^"]+)" rel="next"', page.text)
            adresse = unescape(suite.group(1)) if suite else None
    assert len(vus) == 130


async def test_names_are_escaped(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await chercher(navigateur, q='"><script>alert(1)</script>')
        assert page.status_code == 200
    assert "<script>alert" not in page.text


async def test_a_view_is_kept_opened_renamed_and_deleted(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        page = await navigateur.get(f"{TOUS}?classe=TG2&boursier=true&tri=voeux&descendant=true")
        adresse, champs = formulaire(page, "Garder cette vue")
        gardee = await navigateur.post(adresse, data={**champs, "nom": "Boursiers de TG2"})
        assert "Vue « Boursiers de TG2 »" in texte(gardee)
        assert porte.amont.recherches[-1]["filtres"] == {"classe": ["TG2"], "boursier": True}
        (vue,) = porte.amont.vues.values()
        assert (vue["liste"], vue["tri"], vue["descendant"]) == ("tous", "voeux", True)
        reprise = await navigateur.post(adresse, data={**champs, "nom": "Boursiers de TG2"})
        assert (reprise.status_code, "Vous avez déjà une vue de ce nom" in reprise.text) == (409, True)
        assert (await navigateur.post(adresse, data={**champs, "nom": " "})).status_code == 422
        ouverte = await navigateur.get(f"{ACCUEIL}/vues/{vue['id']}")
        assert (ouverte.url.path, ouverte.url.params["tri"]) == (TOUS, "voeux")
        miennes = await navigateur.get(f"{ACCUEIL}/vues")
        adresse, champs = formulaire(miennes, "Renommer")
        assert "porte son nouveau nom" in texte(await navigateur.post(adresse, data={**champs, "nom": "TG2"}))
        assert vue["nom"] == "TG2"
        perimee = await navigateur.post(adresse, data={**champs, "nom": "autre"})
        assert (perimee.status_code, "modifiée entre-temps" in perimee.text) == (412, True)
        adresse, champs = formulaire(await navigateur.get(f"{ACCUEIL}/vues"), "Supprimer")
        assert "Aucune vue gardée." in texte(await navigateur.post(adresse, data=champs))


async def test_a_part_that_is_down_does_not_take_the_first_page_with_it(porte: Porte) -> None:
    async with porte.navigateur("chef.a") as navigateur:
        porte.amont.en_panne.add("ingest")
        lu = texte(await navigateur.get(ACCUEIL))
        assert "57 élèves à voir en priorité" in lu
        porte.amont.en_panne.add("eleves")
        lu = texte(await navigateur.get(ACCUEIL))
        assert "« À accompagner aujourd’hui » indisponible" in lu
        assert "Listes indisponibles" in lu
        assert "Liste indisponible" in texte(await navigateur.get(TOUS))
