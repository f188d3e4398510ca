"""From a SIECLE file to a principal's screen and spreadsheet, through every room, as its users do it."""

import asyncio
from typing import Any

import httpx
import python_calamine

from services.simulateur import LYCEE_A, LYCEE_B, Stade
from shared.events import topics as t
from tests.e2e.conftest import AVANT_LA_LIMITE, Chaine
from tests.kit.faults import differences, outbox_empty, records
from tests.kit.journal import attendre
from tests.kit.login import se_connecter

S = "/api/v1/sessions/2026"


async def test_the_line_goes_through_every_room(chargee: Chaine) -> None:
    async with await chargee.navigateur("proviseur-a") as a:
        await _indicators_are_the_truth_of_the_simulator(chargee, a)
        sans_voeu = await _the_list_is_the_truth_of_the_simulator(chargee, a)
        await _the_workbook_holds_the_same_pupils(chargee, a, sans_voeu)
        eleve_id, cible = await _an_avis_is_recorded_and_read_back(chargee, a)
    await _another_lycee_gets_404(chargee, eleve_id, cible)
    await _the_other_lycee_uploads_its_own_file(chargee)
    await _the_saio_compares_without_names(chargee)
    await _the_page_shows_it_all(chargee)
    for name in ("eleves", "indicators", "avenir", "exports"):
        assert not any((await differences(chargee.world, name)).values())
    for name in ("eleves", "avenir", "exports", "gateway"):
        await outbox_empty(chargee.world, name)
    await _no_name_travels_where_it_must_not(chargee)


async def _indicators_are_the_truth_of_the_simulator(chaine: Chaine, a: httpx.AsyncClient) -> None:
    reponse = (await a.get(f"{S}/lycees/{LYCEE_A}/indicateurs")).raise_for_status().json()
    verite = chaine.population.verite(LYCEE_A, Stade.AVANT, jusqu_au=AVANT_LA_LIMITE)
    for serie in reponse["series"]:
        attendu = verite.par_serie[serie["serie"]]
        found = {i["code"]: (i["numerateur"], i["denominateur"]) for i in serie["indicateurs"]}
        attendus = {
            "participation": (0, 0),
            "participation_actuelle": (attendu.inscrits, attendu.terminales),
            "sans_voeu": (attendu.sans_voeu, attendu.inscrits),
            "l1_pass": (attendu.un_l1_pass, attendu.inscrits),
            "que_l1_pass": (attendu.que_l1_pass, attendu.inscrits),
            "admis": (0, attendu.inscrits),
        }
        assert {code: found[code] for code in attendus} == attendus
    assert {serie["serie"] for serie in reponse["series"]} == {
        serie.value for serie, comptes in verite.par_serie.items() if comptes.terminales
    }


async def _the_list_is_the_truth_of_the_simulator(
    chaine: Chaine, a: httpx.AsyncClient
) -> list[dict[str, Any]]:
    verite = chaine.population.verite(LYCEE_A, Stade.AVANT, jusqu_au=AVANT_LA_LIMITE)
    page = (
        await a.get(f"{S}/lycees/{LYCEE_A}/eleves", params={"liste": "inscrits_sans_voeu", "limite": 200})
    ).json()
    assert page["total"] == len(page["eleves"]) == len(verite.inscrits_sans_voeu) > 0
    comptes = await _comptes(a, LYCEE_A)
    assert comptes["inscrits_sans_voeu"] == page["total"]
    assert comptes["non_inscrits"] == len(verite.non_inscrits) > 0
    assert comptes["tous"] == verite.total.terminales
    found: list[dict[str, Any]] = page["eleves"]
    return found


async def _comptes(client: httpx.AsyncClient, uai: str) -> dict[str, int]:
    lues = (await client.get(f"{S}/lycees/{uai}/listes")).json()["listes"]
    return {liste["code"]: liste["eleves"] for liste in lues}


async def _the_workbook_holds_the_same_pupils(
    chaine: Chaine, a: httpx.AsyncClient, sans_voeu: list[dict[str, Any]]
) -> None:
    url = f"{S}/lycees/{LYCEE_A}/exports"
    demande = (await a.post(url, json={"liste": "inscrits_sans_voeu"})).raise_for_status().json()

    async def ready() -> bool:
        return (await a.get(f"{url}/{demande['id']}")).json()["etat"] == "PRET"

    await attendre(ready)
    fichier = await a.get(f"{url}/{demande['id']}/fichier")
    path = chaine.dossier / "liste.xlsx"
    path.write_bytes(fichier.content)
    classeur = python_calamine.CalamineWorkbook.from_path(str(path))
    lignes = classeur.get_sheet_by_index(0).to_python()
    noms = {str(cellule) for ligne in lignes for cellule in ligne}
    assert all(eleve["nom"] in noms for eleve in sans_voeu)
    assert sum(ligne[0] not in ("", None) for ligne in lignes) >= len(sans_voeu)


async def _an_avis_is_recorded_and_read_back(chaine: Chaine, a: httpx.AsyncClient) -> tuple[str, str]:
    tous = (await a.get(f"{S}/lycees/{LYCEE_A}/eleves", params={"limite": 200})).json()["eleves"]
    eleve_id = next(eleve["eleve_id"] for eleve in tous if eleve["voeux"])
    dossier = (await a.get(f"{S}/eleves/{eleve_id}")).raise_for_status().json()
    cible = next(voeu["cle"] for voeu in dossier["voeux"] if voeu["etat"] != "SUPPRIME")
    url = f"{S}/eleves/{eleve_id}/avis/{cible}"
    rendu = await a.put(url, json={"capacite": "TRES_SATISFAISANTE"})
    assert rendu.status_code == 200, rendu.text
    assert (await a.get(url)).json()["capacite"] == "TRES_SATISFAISANTE"
    conflit = await a.put(url, json={"capacite": "PEU_DEMONTREE"}, headers={"If-Match": '"99"'})
    assert conflit.status_code == 412
    refuse = await a.put(f"{S}/eleves/{eleve_id}/avis/V-inconnu", json={"capacite": "SATISFAISANTE"})
    assert refuse.status_code == 409
    assert "vœu" in refuse.json()["title"]
    return eleve_id, cible


async def _another_lycee_gets_404(chaine: Chaine, eleve_id: str, cible: str) -> None:
    async with await chaine.navigateur("proviseur-b") as b:
        for url in (
            f"{S}/lycees/{LYCEE_A}/eleves",
            f"{S}/lycees/{LYCEE_A}/indicateurs",
            f"{S}/eleves/{eleve_id}",
            f"{S}/eleves/{eleve_id}/avis/{cible}",
        ):
            assert (await b.get(url)).status_code == 404, url
        ecrit = await b.put(f"{S}/eleves/{eleve_id}/avis/{cible}", json={"capacite": "SATISFAISANTE"})
        assert ecrit.status_code == 404
        exporte = await b.post(f"{S}/lycees/{LYCEE_A}/exports", json={"liste": "tous"})
        assert exporte.status_code == 404


async def _the_other_lycee_uploads_its_own_file(chaine: Chaine) -> None:
    """By HTTP; A's file is refused there, B's parked facts come out with B's pupils."""
    zip_a = chaine.dossier / "a" / "ExportXML_ElevesSansAdresses.zip"
    zip_b = chaine.population.ecrire_siecle(LYCEE_B, chaine.dossier / "b", version="3.0")
    async with await chaine.navigateur("proviseur-b") as b:
        refuse = await _televerser(b, zip_a.read_bytes())
        assert refuse["etat"] == "REFUSE"
        assert LYCEE_A in str(refuse["compte_rendu"])
        essai = await _televerser(b, zip_b.read_bytes())
        assert (essai["etat"], essai["questions"]) == ("ESSAI", [])
        integre = await b.post(f"{S}/imports/{essai['id']}/integrer")
        assert integre.status_code == 202, integre.text
        assert (await _fini(b, essai["id"]))["etat"] == "TERMINE"
        await chaine.a_jour()
        page = (await b.get(f"{S}/lycees/{LYCEE_B}/eleves", params={"liste": "inscrits_sans_voeu"})).json()
        comptes = await _comptes(b, LYCEE_B)
    verite = chaine.population.verite(LYCEE_B, Stade.AVANT, jusqu_au=AVANT_LA_LIMITE)
    assert page["total"] == len(verite.inscrits_sans_voeu)
    assert comptes["tous"] == verite.total.terminales


async def _televerser(client: httpx.AsyncClient, contenu: bytes) -> dict[str, Any]:
    depot = await client.post(
        f"{S}/lycees/{LYCEE_B}/remontees/siecle", content=contenu, headers={"Content-Type": "application/zip"}
    )
    assert depot.status_code == 202, depot.text
    return await _fini(client, depot.json()["import_id"])


async def _fini(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            etat: dict[str, Any] = (await client.get(f"{S}/imports/{import_id}")).json()
            if etat["etat"] in {"TERMINE", "REFUSE", "ESSAI"}:
                return etat
            await asyncio.sleep(0.2)


async def _the_saio_compares_without_names(chaine: Chaine) -> None:
    async with await chaine.navigateur("saio") as saio:
        academie = (await saio.get(f"{S}/academies/25/indicateurs")).raise_for_status()
        assert {lycee["uai"] for lycee in academie.json()["lycees"]} == {LYCEE_A, LYCEE_B}
        assert (await saio.get(f"{S}/lycees/{LYCEE_A}/eleves")).status_code == 404
        assert (await saio.get(f"{S}/academies/10/indicateurs")).status_code == 404


async def _the_page_shows_it_all(chaine: Chaine) -> None:
    async with httpx.AsyncClient(base_url=chaine.emetteur.public_url, follow_redirects=True) as navigateur:
        accueil = await se_connecter(navigateur, "proviseur-a")
        assert accueil.status_code == 200
        pilotage = await navigateur.get(f"/lycees/{LYCEE_A}/pilotage")
        sans_voeu = await navigateur.get(f"/lycees/{LYCEE_A}/listes/inscrits_sans_voeu")
        for page, mot in (
            (accueil, "À accompagner aujourd’hui"),
            (accueil, "Inscrits sans vœu"),
            (pilotage, "Taux de participation"),
            (sans_voeu, "Télécharger"),
        ):
            assert mot in page.text, mot


async def _no_name_travels_where_it_must_not(chaine: Chaine) -> None:
    """Names and INE are on siecle.identite only; logs of every process hold none."""
    identites = await records(chaine.world, t.IDENTITE)
    noms = {r.value.split(b'"nom":"')[1].split(b'"')[0] for r in identites}
    ines = {r.value.split(b'"ine":"')[1].split(b'"')[0] for r in identites if b'"ine":"' in r.value}
    pseudonymes = [topic for topic in t.CATALOGUE if topic.contrats and topic is not t.IDENTITE]
    valeurs = b"\n".join(r.value or b"" for r in await records(chaine.world, *pseudonymes))
    journaux = "\n".join(p.log.read_text(errors="replace") for p in chaine.fleet.processes if "run" in p.argv)
    assert len(ines) > 100
    for ine in ines:
        assert ine not in valeurs
        assert ine.decode() not in journaux
    for nom in {n for n in noms if len(n) > 6}:
        assert b'"' + nom + b'"' not in valeurs
        assert nom.decode() not in journaux
