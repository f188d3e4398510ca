"""The avis of a chef: what is accepted, refused, in conflict, repeated, and what it leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text

from shared.events.modeles import EtatVoeu
from shared.http.perimetre import Role
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, Faits
from tests.kit.services import World

TRES = {"capacite": "TRES_SATISFAISANTE"}
PEU = {"capacite": "PEU_DEMONTREE"}


@pytest.fixture
async def avenir(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "avenir") as service:
        yield service


@pytest.fixture
def faits(world: World) -> Faits:
    return Faits(world)


@pytest.fixture
async def eleve(avenir: Servi, faits: Faits) -> str:
    """A pupil of lycée A with two vœux; nothing waits in the outbox yet."""
    eleve_id = faits.eleve_id()
    await avenir.plier(
        [
            faits.eleve(eleve_id),
            faits.dossier(eleve_id),
            faits.voeu(eleve_id, "v1"),
            faits.voeu(eleve_id, "v2"),
        ]
    )
    await vider(avenir)
    return eleve_id


async def vider(avenir: Servi) -> None:
    async with avenir.running.engine.begin() as tx:
        await tx.execute(text("DELETE FROM mechanism.outbox"))


def url(eleve_id: str, cible: str = "") -> str:
    return f"/interne/v1/sessions/2026/eleves/{eleve_id}/avis" + (f"/{cible}" if cible else "")


async def rendre(
    avenir: Servi, eleve_id: str, cible: str, corps: dict[str, Any], acteur: str = "chef-a", **entetes: str
) -> Response:
    en_tetes = {**avenir.jeton(acteur, LYCEE_A), **{k.replace("_", "-"): v for k, v in entetes.items()}}
    return await avenir.client.put(url(eleve_id, cible), json=corps, headers=en_tetes)


async def lire(avenir: Servi, eleve_id: str) -> dict[str, Any]:
    reponse = await avenir.client.get(url(eleve_id), headers=avenir.jeton("chef-a", LYCEE_A))
    assert reponse.status_code == 200, reponse.text
    lu: dict[str, Any] = reponse.json()
    return lu


async def historique(avenir: Servi) -> list[tuple[Any, ...]]:
    async with avenir.running.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT cible, version, avant->>'capacite', apres->>'capacite', auteur"
                " FROM registre.avis_historique ORDER BY le, cible, version"
            )
        )
        return [tuple(row) for row in rows]


async def test_an_avis_is_written_read_traced_and_published(avenir: Servi, eleve: str) -> None:
    reponse = await rendre(avenir, eleve, "v1", TRES)
    assert reponse.status_code == 200, reponse.text
    assert reponse.headers["etag"] == '"1"'
    assert reponse.json()["formation_id"] == "F-v1"

    lu = await lire(avenir, eleve)
    assert [(a["cible"], a["capacite"], a["version"], a["auteur"]) for a in lu["avis"]] == [
        ("v1", "TRES_SATISFAISANTE", 1, "chef-a")
    ]
    assert [(c["cible"], c["avis"] and c["avis"]["version"]) for c in lu["cibles"]] == [
        ("v1", 1),
        ("v2", None),
    ]
    assert lu["fiche"] == {"avis_rendus": 1, "cibles": 2}
    assert await historique(avenir) == [("v1", 1, None, "TRES_SATISFAISANTE", "chef-a")]

    avis, fiche = await avenir.sortis()
    assert (avis["type"], avis["cle"], avis["capacite"]) == ("AvisRendu", f"{eleve}/v1", "TRES_SATISFAISANTE")
    assert (fiche["type"], fiche["cle"], fiche["version"]) == ("FicheAvancee", eleve, 2)
    assert (fiche["avis_rendus"], fiche["cibles"]) == (1, 2)


async def test_an_avis_on_a_sous_voeu_has_its_own_key(avenir: Servi, faits: Faits, eleve: str) -> None:
    await avenir.plier(
        [faits.voeu(eleve, "v3", sous_voeu_id="s1"), faits.voeu(eleve, "v3", sous_voeu_id="s2")]
    )
    await vider(avenir)
    reponse = await rendre(avenir, eleve, "v3/s2", PEU)
    assert reponse.status_code == 200, reponse.text
    assert (reponse.json()["voeu_id"], reponse.json()["sous_voeu_id"]) == ("v3", "s2")
    assert (await avenir.sortis())[0]["cle"] == f"{eleve}/v3/s2"


async def test_a_formation_that_was_not_asked_for_is_refused_with_a_sentence(
    avenir: Servi, eleve: str
) -> None:
    reponse = await rendre(avenir, eleve, "v9", TRES)
    assert (reponse.status_code, reponse.json()["code"]) == (409, "formation_non_demandee")
    assert "n’a pas demandé cette formation" in reponse.json()["title"]
    assert (await lire(avenir, eleve))["avis"] == []
    assert await avenir.sortis() == []


async def test_a_withdrawn_voeu_keeps_its_avis_and_takes_no_other(
    avenir: Servi, faits: Faits, eleve: str
) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    await vider(avenir)
    await avenir.plier([faits.voeu(eleve, "v1", version=2, etat=EtatVoeu.SUPPRIME)])
    reponse = await rendre(avenir, eleve, "v1", PEU, if_match='"1"')
    assert (reponse.status_code, reponse.json()["code"]) == (409, "voeu_retire")
    lu = await lire(avenir, eleve)
    assert [(a["cible"], a["orphelin"]) for a in lu["avis"]] == [("v1", True)]
    assert [c["cible"] for c in lu["cibles"]] == ["v2"]
    (fiche,) = await avenir.sortis()
    assert (fiche["avis_rendus"], fiche["cibles"], fiche["version"]) == (0, 1, 3)

    await avenir.plier([faits.voeu(eleve, "v1", version=3)])
    assert (await lire(avenir, eleve))["fiche"] == {"avis_rendus": 1, "cibles": 2}


async def test_a_pupil_who_left_takes_no_avis(avenir: Servi, faits: Faits, eleve: str) -> None:
    await avenir.plier([faits.eleve(eleve, version=2, date_sortie="2026-02-01")])
    assert (await rendre(avenir, eleve, "v1", TRES)).json()["code"] == "eleve_sorti"


async def test_a_stale_version_shows_theirs_and_mine(avenir: Servi, eleve: str) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    autre = await rendre(avenir, eleve, "v1", {"capacite": "SATISFAISANTE"}, "adjoint", if_match='"1"')
    assert autre.headers["etag"] == '"2"'
    perime = await rendre(avenir, eleve, "v1", PEU, if_match='"1"')
    assert perime.status_code == 412
    probleme = perime.json()
    assert (probleme["actuel"]["capacite"], probleme["actuel"]["version"]) == ("SATISFAISANTE", 2)
    assert probleme["actuel"]["auteur"] == "adjoint"
    assert probleme["propose"] == {"cible": "v1", "capacite": "PEU_DEMONTREE"}
    assert (await lire(avenir, eleve))["avis"][0]["capacite"] == "SATISFAISANTE"


@pytest.mark.parametrize("if_match", ['"2"', '"autre"', "*"])
async def test_a_version_is_not_guessed_where_there_is_no_avis(
    avenir: Servi, eleve: str, if_match: str
) -> None:
    assert (await rendre(avenir, eleve, "v1", TRES, if_match=if_match)).status_code == 412


async def test_the_version_must_be_said_once_there_is_an_avis(avenir: Servi, eleve: str) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    assert (await rendre(avenir, eleve, "v1", PEU)).status_code == 428


async def test_saying_the_same_again_changes_nothing(avenir: Servi, eleve: str) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    encore = await rendre(avenir, eleve, "v1", TRES)
    assert (encore.status_code, encore.headers["etag"]) == (200, '"1"')
    assert len(await historique(avenir)) == 1
    assert len(await avenir.sortis()) == 2


async def test_an_erased_avis_no_longer_counts_and_keeps_its_history(avenir: Servi, eleve: str) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    efface = await rendre(avenir, eleve, "v1", {"capacite": None}, if_match='"1"')
    assert (efface.status_code, efface.json()["version"]) == (200, 2)
    assert (await lire(avenir, eleve))["fiche"] == {"avis_rendus": 0, "cibles": 2}
    assert [ligne[1:4] for ligne in await historique(avenir)] == [
        (1, None, "TRES_SATISFAISANTE"),
        (2, "TRES_SATISFAISANTE", None),
    ]


async def test_the_same_key_and_body_answer_alike_and_act_once(avenir: Servi, eleve: str) -> None:
    une = await rendre(avenir, eleve, "v1", TRES, Idempotency_Key="k-1")
    deux = await rendre(avenir, eleve, "v1", TRES, Idempotency_Key="k-1")
    assert (deux.status_code, deux.json(), deux.headers["etag"]) == (200, une.json(), '"1"')
    autre = await rendre(avenir, eleve, "v1", PEU, Idempotency_Key="k-1")
    assert (autre.status_code, autre.json()["code"]) == (409, "cle_reutilisee")
    assert len(await historique(avenir)) == 1


async def test_a_key_replayed_after_another_change_still_answers_what_it_did(
    avenir: Servi, eleve: str
) -> None:
    await rendre(avenir, eleve, "v1", TRES, Idempotency_Key="k-1")
    await rendre(avenir, eleve, "v1", PEU, if_match='"1"')
    rejoue = await rendre(avenir, eleve, "v1", TRES, Idempotency_Key="k-1")
    assert (rejoue.json()["version"], rejoue.json()["capacite"]) == (1, "TRES_SATISFAISANTE")
    assert (await lire(avenir, eleve))["avis"][0]["capacite"] == "PEU_DEMONTREE"


async def test_a_refused_command_frees_its_key(avenir: Servi, faits: Faits, eleve: str) -> None:
    assert (await rendre(avenir, eleve, "v9", TRES, Idempotency_Key="k-1")).status_code == 409
    await avenir.plier([faits.voeu(eleve, "v9")])
    assert (await rendre(avenir, eleve, "v9", TRES, Idempotency_Key="k-1")).status_code == 200


async def test_a_foreign_chef_gets_404_and_changes_nothing(avenir: Servi, eleve: str) -> None:
    etranger = avenir.jeton("chef-b", LYCEE_B)
    assert (await avenir.client.get(url(eleve), headers=etranger)).status_code == 404
    assert (await avenir.client.put(url(eleve, "v1"), json=TRES, headers=etranger)).status_code == 404
    autre_session = url(eleve).replace("2026", "2025")
    assert (
        await avenir.client.get(autre_session, headers=avenir.jeton("chef-a", LYCEE_A))
    ).status_code == 404
    assert (await lire(avenir, eleve))["avis"] == []


async def test_only_a_chef_writes_and_only_known_fields_and_levels(avenir: Servi, eleve: str) -> None:
    saio = avenir.jeton("saio", LYCEE_A, role=Role.SAIO)
    assert (await avenir.client.put(url(eleve, "v1"), json=TRES, headers=saio)).status_code == 403
    assert (await avenir.client.put(url(eleve, "v1"), json=TRES)).status_code == 401
    for corps in ({}, {"capacite": "BONNE"}, {**TRES, "auteur": "un autre"}):
        assert (await rendre(avenir, eleve, "v1", corps)).status_code == 422


async def test_of_two_writers_at_once_one_wins_and_nothing_is_lost(avenir: Servi, eleve: str) -> None:
    await rendre(avenir, eleve, "v1", TRES)
    reponses = await asyncio.gather(
        *(
            rendre(avenir, eleve, "v1", corps, f"chef-{rang}", if_match='"1"')
            for rang, corps in enumerate(
                [PEU, {"capacite": "SATISFAISANTE"}, {"capacite": "ASSEZ_SATISFAISANTE"}]
            )
        )
    )
    assert sorted(reponse.status_code for reponse in reponses) == [200, 412, 412]
    gagnant = next(reponse for reponse in reponses if reponse.status_code == 200).json()
    assert (await lire(avenir, eleve))["avis"][0]["capacite"] == gagnant["capacite"]
    assert [ligne[1] for ligne in await historique(avenir)] == [1, 2]


async def test_a_command_and_voeux_arriving_together_count_every_avis(
    avenir: Servi, faits: Faits, eleve: str
) -> None:
    await asyncio.gather(
        rendre(avenir, eleve, "v1", TRES),
        rendre(avenir, eleve, "v2", PEU),
        *(avenir.plier([faits.voeu(eleve, f"w{n}")]) for n in range(5)),
    )
    fiches = [sorti for sorti in await avenir.sortis() if sorti["type"] == "FicheAvancee"]
    derniere = max(fiches, key=lambda fiche: fiche["version"])
    assert (derniere["avis_rendus"], derniere["cibles"]) == (2, 7)
    assert len({fiche["version"] for fiche in fiches}) == len(fiches)
