"""Corrections, tasks and the closing of a remontée through the one public door, with the real ingest behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli.registry import service
from services.ingest.imports import Imports
from shared.service import create_app
from tests.gateway._amont import ACADEMIE, LYCEE_A, LYCEE_B
from tests.gateway.conftest import Porte, ouvrir
from tests.ingest._fichiers import eleve, siecle
from tests.ingest.conftest import Atelier
from tests.kit.login import en_ecoute
from tests.kit.services import World

API = "/api/v1/sessions/2026"
A, B = f"{API}/lycees/{LYCEE_A}", f"{API}/lycees/{LYCEE_B}"
AJOUT = {
    "nom": "NOM9", "prenom": "Prénom9", "naissance": "2008-05-07", "sexe": "F", "mef": "20210019110",
    "date_entree": "2026-01-05", "motif": "arrivée",
}  # fmt: skip


@pytest.fixture
async def ingest(world: World, tmp_path: Path) -> AsyncIterator[tuple[Porte, Atelier]]:
    """The gateway before the real ingest, and a way to integrate files."""
    settings = await world.settings("ingest", spool_dir=tmp_path / "spool")
    declare = replace(service("ingest"), settings=lambda: settings, jobs=(), publishes=False, projection=None)
    app = create_app(declare)
    async with en_ecoute(app) as url, ouvrir(world, tmp_path, ingest_url=url) as porte:
        yield porte, Atelier(Imports(settings, app.state.running.engine))


async def remonter(atelier: Atelier, *eleves: str, uai: str = LYCEE_A) -> list[str]:
    integre = await atelier.siecle(siecle(*eleves, uai=uai))
    return [v["cle"] for v in integre.valeurs("EleveRemonte")]


@asynccontextmanager
async def programmes(porte: Porte, *logins: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    if not logins:
        yield []
        return
    async with porte.programme(logins[0]) as un, programmes(porte, *logins[1:]) as autres:
        yield [un, *autres]


async def test_a_chef_corrects_adds_and_signs_out_his_pupils(ingest: tuple[Porte, Atelier]) -> None:
    porte, atelier = ingest
    (eleve_id,) = await remonter(atelier, eleve(1))
    async with porte.programme("chef.a") as chef:
        url = f"{A}/scolarites/{eleve_id}"
        lu = await chef.get(url)
        assert (lu.status_code, lu.headers["ETag"]) == (200, '"0"')
        correction = {"champs": {"classe": "TG7"}, "motif": "erreur"}
        assert (await chef.put(f"{url}/corrections", json=correction)).status_code == 428
        fait = await chef.put(f"{url}/corrections", json=correction, headers={"If-Match": '"0"'})
        assert (fait.status_code, fait.headers["ETag"]) == (200, '"1"')
        tardif = await chef.put(f"{url}/corrections", json=correction, headers={"If-Match": '"0"'})
        assert (tardif.status_code, tardif.json()["propose"]) == (412, {"classe": "TG7"})
        retrait = {"champs": ["classe"], "motif": "m"}
        assert (
            await chef.post(f"{url}/corrections/retrait", json=retrait, headers={"If-Match": '"1"'})
        ).status_code == 200
        sortie = {"date": "2026-01-10", "motif": "parti"}
        assert (await chef.put(f"{url}/sortie", json=sortie, headers={"If-Match": '"2"'})).status_code == 200
        annule = await chef.post(f"{url}/sortie/annulation", json={"motif": "m"}, headers={"If-Match": '"3"'})
        assert annule.json()["sortie"] is None
        ajoute = await chef.post(f"{A}/scolarites", json=AJOUT)
        assert ajoute.status_code == 201, ajoute.text
        liste = (await chef.get(f"{A}/saisies-locales")).json()
        assert [s["eleve_id"] for s in liste["saisies"]] == [ajoute.json()["eleve_id"]]
    traces = [(t["acte"], t["objet"]) for t in await porte.audit() if t["ressource"] == "scolarite"]
    assert ("ecrire", f"{LYCEE_A}/scolarites/{eleve_id}/corrections") in traces
    assert "NOM9" not in str(await porte.audit())


@pytest.mark.parametrize("login", ["chef.b", "saio", "egare"])
async def test_others_get_404_for_every_address(ingest: tuple[Porte, Atelier], login: str) -> None:
    porte, atelier = ingest
    (eleve_id,) = await remonter(atelier, eleve(1))
    motif, choix = {"motif": "m"}, {"choix": "CHEZ_NOUS"}
    demandes: list[tuple[str, str, Any]] = [
        ("GET", f"{A}/saisies-locales", None),
        ("POST", f"{A}/scolarites", AJOUT),
        ("GET", f"{A}/scolarites/{eleve_id}", None),
        ("PUT", f"{A}/scolarites/{eleve_id}/corrections", {"champs": {"classe": "X"}, **motif}),
        ("POST", f"{A}/scolarites/{eleve_id}/corrections/retrait", {"champs": ["classe"], **motif}),
        ("PUT", f"{A}/scolarites/{eleve_id}/sortie", {"date": "2026-01-10", **motif}),
        ("POST", f"{A}/scolarites/{eleve_id}/sortie/annulation", motif),
        ("GET", f"{A}/taches", None),
        ("POST", f"{A}/taches/{eleve_id}/reponse", choix),
        ("GET", f"{API}/taches", None),
        ("POST", f"{API}/taches/{eleve_id}/resolution", choix),
        ("GET", f"{A}/remontee", None),
        ("POST", f"{A}/remontee/cloturer", {"confirme": True, "presents": 1}),
        ("POST", f"{A}/remontee/rouvrir", motif),
        ("GET", f"{A}/remontee/ecarts", None),
    ]
    async with porte.programme(login) as client:
        statuts = {
            (methode, url): (await client.request(methode, url, json=corps)).status_code
            for methode, url, corps in demandes
        }
    assert set(statuts.values()) == {404}, statuts
    assert not [t for t in await porte.audit() if t["acte"] == "ecrire"]


async def test_two_lycees_answer_and_the_operator_settles(ingest: tuple[Porte, Atelier]) -> None:
    porte, atelier = ingest
    await remonter(atelier, eleve(1))
    await remonter(atelier, eleve(1), uai=LYCEE_B)
    async with programmes(porte, "chef.a", "chef.b", "saio", "operateur") as (a, b, saio, operateur):
        (tache,) = (await a.get(f"{A}/taches")).json()["taches"]
        for client, lycee in ((a, A), (b, B)):
            repondu = await client.post(f"{lycee}/taches/{tache['id']}/reponse", json={"choix": "CHEZ_NOUS"})
            assert repondu.status_code == 200, repondu.text
        (vue,) = (await saio.get(f"{API}/academies/{ACADEMIE}/taches")).json()["taches"]
        assert (vue["etat"], vue["ine"]) == ("ESCALADEE", None)
        assert (await saio.get(f"{API}/academies/25/taches")).status_code == 404
        (attend,) = (await operateur.get(f"{API}/taches")).json()["taches"]
        resolution = {"choix": "CHEZ_NOUS", "uai": LYCEE_B}
        fini = await operateur.post(f"{API}/taches/{attend['id']}/resolution", json=resolution)
        assert (fini.status_code, fini.json()["resolution"]["uai"]) == (200, LYCEE_B)
        assert (await a.get(f"{A}/taches")).json() == {"taches": []}
        assert len((await a.get(f"{A}/taches", params={"toutes": True})).json()["taches"]) == 1


async def test_a_remontee_is_previewed_closed_once_and_reopened_by_the_operator(
    ingest: tuple[Porte, Atelier],
) -> None:
    porte, atelier = ingest
    await remonter(atelier, eleve(1), eleve(2))
    async with programmes(porte, "chef.a", "operateur") as (chef, operateur):
        bilan = (await chef.get(f"{A}/remontee")).json()
        assert (bilan["close"], bilan["presents"], bilan["par_serie"]) == (False, 2, {"GENERALE": 2})
        clos = await chef.post(f"{A}/remontee/cloturer", json={"confirme": True, "presents": 2})
        assert (clos.status_code, clos.json()["fige"]["presents"]) == (200, 2)
        assert (await chef.get(f"{A}/remontee/ecarts")).json()["ecarts"] == []
        assert (await chef.post(f"{A}/remontee/rouvrir", json={"motif": "m"})).status_code == 404
        rouvert = await operateur.post(f"{A}/remontee/rouvrir", json={"motif": "m"})
        assert (rouvert.status_code, rouvert.json()["close"]) == (200, False)
