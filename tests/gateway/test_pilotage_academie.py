"""The SAIO's side of the rubrique Pilotage, the operator's, and the targets."""

from datetime import date
from html import unescape

import pytest
from fastapi.routing import APIRoute

from services.gateway import contrats_indicateurs as ci
from services.gateway import vues_academie as va
from services.gateway.api import PREFIXE
from services.gateway.app import SERVICE
from services.gateway.openapi import decrire
from services.gateway.pages_indicateurs_courbe import jours
from services.gateway.pages_objectifs import Essai, champs, lire
from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte
from tests.gateway.test_site import texte
from tests.kit.login import jeton_de

API = "/api/v1/sessions/2026"
ICI = f"/academies/{ACADEMIE}"
OBJECTIFS = f"{ICI}/objectifs"
UN = f"{OBJECTIFS}/sans_voeu/GENERALE"


def _figure(n: int | None, base: int | None) -> ci.Indicateur:
    return ci.Indicateur(code="x", numerateur=n, denominateur=base)


def _ligne(uai: str, n: int | None, base: int | None) -> va.Ligne:
    return va.ligne(uai, ci.Bloc(serie="STMG", libelle="STMG", vivier=base, indicateurs=(_figure(n, base),)))


@pytest.mark.parametrize(
    ("n", "base", "dit"),
    [
        (9, 12, ("75,0\u202f%", "9 / 12", False)),
        (0, 0, ("—", "0 / 0", False)),
        (None, 12, ("n.c.", "n.c. / 12", True)),
        (None, None, ("n.c.", "", True)),
    ],
)
def test_a_figure_is_said_with_what_it_is_taken_on(
    n: int | None, base: int | None, dit: tuple[str, str, bool]
) -> None:
    vue = va.cellule(_figure(n, base))
    assert (vue.taux, vue.fraction, vue.retenu) == dit


def test_what_is_withheld_is_last_in_both_orders() -> None:
    lignes = [_ligne("0690023A", None, 40), _ligne("0690024B", 10, 40), _ligne("0690025C", 30, 40)]
    montant = [une.code for une in va.triees(lignes, "x", descendant=False)]
    descendant = [une.code for une in va.triees(lignes, "x", descendant=True)]
    assert montant == ["0690024B", "0690025C", "0690023A"]
    assert descendant == ["0690025C", "0690024B", "0690023A"]


def test_quartiles_are_of_shown_rates_of_enough_lycees() -> None:
    cinq = [_ligne(f"069002{n}A", 10 * n, 100) for n in range(1, 6)]
    assert va.quartiles([*cinq, _ligne("0690029A", None, 50)], "x") == (0.2, 0.3, 0.4)
    assert va.quartiles(cinq[1:], "x") is None


def test_a_csv_opens_in_a_french_spreadsheet_and_runs_no_formula() -> None:
    lu = va.en_csv([("UAI", "Taux"), ("=1+1", 0.25), ('a;"b"', "n.c.")]).decode("utf-8")
    assert lu == '\ufeffUAI;Taux\r\n\'=1+1;0,2500\r\n"a;""b""";n.c.\r\n'


def test_days_of_a_curve_are_few_and_end_with_the_last() -> None:
    voulus = jours(date(2025, 12, 1), date(2026, 7, 1))
    assert (voulus[0], voulus[-1], len(voulus)) == (date(2025, 12, 1), date(2026, 7, 1), 12)
    assert jours(date(2026, 3, 1), date(2026, 3, 1)) == [date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("texte_saisi", "cible"), [("92,5", 0.925), ("0", 0), ("100 %", 1), ("7.25", 0.0725)]
)
def test_a_target_is_read_as_people_write_it(texte_saisi: str, cible: float) -> None:
    lue = lire({"cible": texte_saisi, "continuum": "+2", "note": " Relancer "}, retirer=False)
    assert lue == ci.SaisieObjectif(cible=cible, continuum=2, note="Relancer")
    objectif = ci.Objectif(version=1, cible=cible, continuum=2, note="Relancer")
    assert lire(champs(objectif), retirer=False) == lue


@pytest.mark.parametrize("saisi", ["", "beaucoup", "101", "-3", "1e2", "٣"])
def test_what_is_no_percentage_is_refused_beside_its_field(saisi: str) -> None:
    lue = lire({"cible": saisi, "continuum": "4", "note": ""}, retirer=False)
    assert isinstance(lue, Essai)
    assert set(lue.erreurs) == {"cible", "continuum"}


async def test_a_saio_sorts_filters_and_reads_why_a_figure_is_withheld(porte: Porte) -> None:
    porte.amont.objectifs["sans_voeu", "STMG"] = [
        {"indicateur": "sans_voeu", "serie": "STMG", "version": 1, "cible": 0.025, "continuum": -2}
    ]
    async with porte.navigateur("saio") as navigateur:
        page = await navigateur.get(f"{ICI}?serie=STMG&tri=vivier&ordre=desc")
        cherche = texte(await navigateur.get(f"{ICI}?q=quinet+bourg"))
        personne = texte(await navigateur.get(f"{ICI}?q=zzz"))
        series = texte(await navigateur.get(f"{ICI}?serie=TOUTES"))
        passe = texte(await navigateur.get(f"{ICI}?jour=2026-02-03"))
    lu = texte(page)
    assert 'aria-sort="descending"' in page.text
    assert lu.index("Georges Brassens") < lu.index("Edgar Quinet")
    assert "Non communiqué : moins de 5 élèves" in unescape(page.text)
    assert "effectif est trop petit" in lu
    assert "Objectif de l’académie" in lu
    assert "2,5 % −2" in lu
    assert "Ain (1)" in lu
    assert "France" in lu
    assert ("Edgar Quinet" in cherche, "Georges Brassens" in cherche) == (True, False)
    assert "Aucun lycée ne correspond" in personne
    assert "6 lignes" in series
    assert "Situation à la fin du 03/02/2026" in passe


async def test_the_table_is_taken_away_as_it_is_filtered_a_lycee_has_its_margins_an_indicator_its_curve(
    porte: Porte,
) -> None:
    async with porte.navigateur("saio") as navigateur:
        csv = await navigateur.get(f"{ICI}/tableur.csv?serie=STMG&q=quinet")
        xlsx = await navigateur.get(f"{ICI}/tableur.xlsx")
        autre = await navigateur.get(f"{ICI}/tableur.exe")
        sien = texte(await navigateur.get(f"{ICI}/lycees/{LYCEE_A}"))
        inconnu = await navigateur.get(f"{ICI}/lycees/0750001A")
        courbe = await navigateur.get(f"{ICI}/courbe?courbe=sans_voeu&serie=GENERALE&jour=2026-03-14")
        porte.amont.en_panne.add("indicators")
        panne = texte(await navigateur.get(ICI))
    lignes = csv.content.decode("utf-8-sig").splitlines()
    assert csv.content.startswith(b"\xef\xbb\xbf")
    assert lignes[0].startswith("UAI;Lycée;Commune;Département;Série;Élèves;Taux de participation (n)")
    assert lignes[1].startswith(f"{LYCEE_A};")
    assert ";n.c.;" in lignes[1]
    assert not any(LYCEE_B in une for une in lignes)
    assert xlsx.content.startswith(b"PK")
    assert autre.status_code == 404
    assert "Indicateurs indisponibles" in panne
    assert "Aucun nom d’élève n’est visible hors du lycée" in sien
    assert "90,6 % 106 / 117" in sien
    assert inconnu.status_code == 404
    assert "<polyline" in courbe.text
    assert "14/03/2026" in texte(courbe)


async def test_a_target_is_set_undone_compared_when_two_write_and_taken_back(porte: Porte) -> None:
    async with porte.navigateur("saio") as navigateur:
        assert "Aucun objectif n’a encore été fixé" in texte(await navigateur.get(UN))
        jeton = jeton_de(await navigateur.get(UN))
        saisie = {"jeton": jeton, "cible": "2,5", "continuum": "-3", "note": "Relancer", "version": "0"}
        pose = texte(await navigateur.post(UN, data=saisie))
        assert "C’est enregistré" in pose
        assert "Annuler cette modification" in pose
        perime = await navigateur.post(UN, data={**saisie, "version": "9", "note": "La mienne"})
        assert perime.status_code == 412
        assert "Quelqu’un a modifié cet objectif entre-temps" in texte(perime)
        assert texte(perime).count("La mienne") == 2
        assert 'name="version" value="1"' in perime.text
        assert (await navigateur.post(UN, data=saisie)).status_code == 428
        faux = await navigateur.post(UN, data={**saisie, "cible": "beaucoup"})
        assert (faux.status_code, "entre 0 et 100" in texte(faux)) == (422, True)
        await navigateur.post(UN, data={**saisie, "version": "1", "cible": "3"})
        rendu = await navigateur.post(UN, data={**saisie, "version": "2"})
        assert "Rétablir" in texte(rendu)
        assert "2,5 %" in texte(await navigateur.get(f"{OBJECTIFS}?serie=GENERALE"))
        await navigateur.post(UN, data={**saisie, "version": "3", "action": "retirer"})
        assert "retiré" in texte(await navigateur.get(UN))
        assert (await navigateur.post(UN, data={**saisie, "jeton": "x"})).status_code == 403
    versions = [un["cible"] for un in porte.amont.objectifs["sans_voeu", "GENERALE"]]
    assert versions == [0.025, 0.03, 0.025, None]
    actes = [acte for acte in await porte.audit() if acte["ressource"] == "objectifs"]
    assert len(actes) == 6


PAGES = (
    ICI,
    f"{ICI}/situation",
    f"{ICI}/courbe",
    f"{ICI}/lycees/{LYCEE_A}",
    f"{ICI}/tableur.csv",
    OBJECTIFS,
    UN,
)


async def test_each_page_is_for_its_own_reader_and_does_not_exist_for_others(porte: Porte) -> None:
    for login in ("saio", "chef.a", "psyen", "operateur"):
        async with porte.navigateur(login) as navigateur:
            for chemin in PAGES:
                attendu = 200 if login == "saio" else 404
                assert (await navigateur.get(chemin)).status_code == attendu, (login, chemin)
                ailleurs = chemin.replace(ICI, "/academies/25")
                assert (await navigateur.get(ailleurs)).status_code == 404, (login, ailleurs)
            attendu = 200 if login == "operateur" else 404
            for chemin in ("/nation", "/nation/tableur.csv"):
                assert (await navigateur.get(chemin)).status_code == attendu, (login, chemin)


async def test_the_api_sets_a_target_with_its_version(porte: Porte) -> None:
    adresse = f"{API}{OBJECTIFS}/sans_voeu/GENERALE"
    saisie = {"cible": 0.02, "continuum": -1, "note": ""}
    async with porte.programme("saio") as client:
        pose = await client.put(adresse, json=saisie)
        assert (pose.status_code, pose.headers["ETag"]) == (200, '"1"')
        assert (await client.put(adresse, json=saisie)).status_code == 428
        conflit = await client.put(adresse, json=saisie, headers={"If-Match": '"7"'})
        assert conflit.status_code == 412
        assert (conflit.json()["actuel"]["version"], conflit.json()["propose"]) == (1, saisie)
        assert (await client.put(adresse, json={**saisie, "cible": 2})).status_code == 422
        assert (await client.put(adresse.replace("/10/", "/25/"), json=saisie)).status_code == 404
    async with porte.programme("operateur") as client:
        assert (await client.put(adresse, json=saisie)).status_code == 404
        assert len((await client.get(f"{API}/nation/indicateurs")).json()["academies"]) == 2
    porte.amont.vie = "ARCHIVEE"
    async with porte.programme("chef.a") as client:
        assert (await client.put(adresse, json=saisie)).status_code == 404


async def test_the_operator_compares_academies_and_is_told_when_indicators_are_down(porte: Porte) -> None:
    async with porte.navigateur("operateur") as navigateur:
        lu = texte(await navigateur.get("/nation?tri=vivier&ordre=desc"))
        porte.amont.en_panne.add("indicators")
        panne = await navigateur.get("/nation")
    assert lu.index("Lyon") < lu.index("Paris")
    assert "Auvergne-Rhône-Alpes" in lu
    assert "France" in lu
    assert panne.status_code == 200
    assert "Indicateurs indisponibles" in texte(panne)


def test_every_route_of_the_api_is_described() -> None:
    routes = {
        route.path_format
        for router in SERVICE.routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith(PREFIXE) and route.include_in_schema
    }
    assert routes == set(decrire()["paths"])
