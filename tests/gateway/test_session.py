"""A session at the public door: dates for all, its life and référentiels for the operator, a freeze for everybody."""

import pytest

from services.gateway import ouverture
from tests.gateway._amont import LYCEE_A, eleve_id
from tests.gateway.conftest import Porte

API = "/api/v1/sessions/2026"
SAISIE = {"etapes": {"VOEUX_LIMITE": "2026-03-12T23:59:00+01:00"}, "motif": "arrêté"}
AVIS = f"{API}/eleves/{eleve_id(LYCEE_A, 1)}/avis/V1"


async def test_everybody_of_the_house_reads_the_dates_and_only_the_operator_sets_them(porte: Porte) -> None:
    async with porte.programme("operateur") as client:
        pose = await client.put(f"{API}/calendrier", json=SAISIE)
        assert (pose.status_code, pose.json()["modifiees"]) == (200, ["VOEUX_LIMITE"])
        refus = await client.put(f"{API}/calendrier", json={"etapes": {}})
        assert (refus.status_code, refus.json()["phrases"]) == (422, ["Il manque une étape."])
    for login in ("chef.a", "saio"):
        async with porte.programme(login) as client:
            lu = await client.get(f"{API}/calendrier", params={"a_la_date": "2026-02-01T12:00:00Z"})
            assert (lu.json()["etapes"]["VOEUX_LIMITE"], lu.json()["phase"]) == (
                "2026-03-12T23:59:00+01:00",
                "VOEUX",
            )
            assert (await client.put(f"{API}/calendrier", json=SAISIE)).status_code == 404
            assert (await client.get(f"{API}/calendrier/histoire")).status_code == 404
            assert (await client.post(f"{API}/vie", json={"etat": "GELEE"})).status_code == 404
            assert (await client.get(f"{API}/referentiels")).status_code == 404
    traces = [(t["ressource"], t["acte"], t["objet"]) for t in await porte.audit()]
    assert traces[0] == ("calendrier", "ecrire", "calendrier")


async def test_a_frozen_session_refuses_an_avis_and_takes_it_when_it_is_open_again(
    porte: Porte, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ouverture, "_MEMOIRE_S", 0.0)
    async with porte.programme("operateur") as operateur, porte.programme("chef.a") as chef:
        assert (
            await operateur.post(f"{API}/vie", json={"etat": "GELEE", "motif": "contrôle"})
        ).status_code == 200
        assert (await chef.get(f"{API}/vie")).json()["etat"] == "GELEE"
        refus = await chef.put(AVIS, json={"capacite": "SATISFAISANTE"})
        assert (refus.status_code, refus.json()["code"]) == (409, "session_gelee")
        assert "gelée" in refus.json()["title"]
        assert (await chef.get(f"{API}/eleves/{eleve_id(LYCEE_A, 1)}")).status_code == 200
        await operateur.post(f"{API}/vie", json={"etat": "OUVERTE"})
        assert (await chef.put(AVIS, json={"capacite": "SATISFAISANTE"})).status_code == 200
        assert (await operateur.post(f"{API}/vie", json={"etat": "PURGEE"})).status_code == 422


async def test_when_the_state_cannot_be_asked_commands_go_on(
    porte: Porte, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ouverture, "_MEMOIRE_S", 0.0)
    porte.amont.en_panne.add("ingest")
    async with porte.programme("chef.a") as chef:
        assert (await chef.put(AVIS, json={"capacite": "SATISFAISANTE"})).status_code == 200


async def test_the_operator_deposits_a_referentiel_through_the_door(porte: Porte) -> None:
    async with porte.programme("operateur") as client:
        depot = await client.post(
            f"{API}/referentiels/formations", content=b"a;b\n", headers={"Content-Type": "text/csv"}
        )
        assert depot.status_code == 202
        assert porte.amont.fichiers == [b"a;b\n"]
        genre = {"Content-Type": "image/png"}
        autre = await client.post(f"{API}/referentiels/formations", content=b"x", headers=genre)
        assert autre.status_code == 415
        assert (await client.post(f"{API}/referentiels/autre", content=b"x")).status_code == 422
        vus = (await client.get(f"{API}/referentiels")).json()["referentiels"]
        assert vus == [{"objet": "formation", "version": 3, "lignes": 14252}]
