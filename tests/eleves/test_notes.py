"""Notes d'entretien and a SAIO's proposals: who reads what, and what never leaves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from services.eleves.accompagnement.notes.domain import LECTEURS, Visibilite, au_choix, lisibles
from services.eleves.accompagnement.propositions.domain import PASSAGES, EtatProposition
from shared.http.perimetre import Role
from tests.eleves._accompagnement import (
    ACADEMIE,
    ADJOINT,
    AILLEURS,
    CHEF,
    CONFRERE,
    DEMAIN,
    EQUIPE,
    PP1,
    PP2,
    PSYEN,
    SAIO,
    UAI,
    VOISIN,
    Maison,
    personne,
    peupler,
)
from tests.kit.appels import servi
from tests.kit.services import World

PROPOSITIONS = f"/academies/{ACADEMIE}/propositions"


@pytest.fixture
async def maison(world: World) -> AsyncIterator[Maison]:
    async with servi(world, "eleves") as service:
        yield await peupler(service, world)


def notes(maison: Maison, nom: str = "a") -> str:
    return f"/lycees/{UAI}/eleves/{maison.eleves[nom]}/notes"


LECTURES: dict[tuple[str, str], set[str]] = {
    ("chef", "EQUIPE"): {"chef", "adjoint", "psyen", "confrere", "pp1"},
    ("chef", "DIRECTION_PSYEN"): {"chef", "adjoint", "psyen", "confrere"},
    ("pp1", "EQUIPE"): {"chef", "adjoint", "psyen", "confrere", "pp1"},
    ("pp1", "DIRECTION_PSYEN"): {"chef", "adjoint", "psyen", "confrere", "pp1"},
    ("psyen", "EQUIPE"): {"chef", "adjoint", "psyen", "confrere", "pp1"},
    ("psyen", "DIRECTION_PSYEN"): {"chef", "adjoint", "psyen", "confrere"},
    ("psyen", "PSYEN"): {"psyen", "confrere"},
}
"""(author, whom he chose) → who reads it; the pupil is in TG1, pp2 has TG2."""


async def test_a_note_is_read_by_those_whom_its_author_chose(maison: Maison) -> None:
    ecrites: dict[str, tuple[str, str]] = {}
    for auteur, visibilite in LECTURES:
        reponse = await maison.note(
            EQUIPE[auteur], "a", visibilite=visibilite, texte=f"{auteur} {visibilite}"
        )
        assert reponse.status_code == 201, reponse.text
        ecrites[reponse.json()["id"]] = (auteur, visibilite)
    for lecteur, qui in EQUIPE.items():
        reponse = await maison.appeler(qui, "GET", notes(maison))
        attendues = {cle for cle, lecteurs in LECTURES.items() if lecteur in lecteurs}
        if lecteur == "pp2":
            assert reponse.status_code == 404
            continue
        lues = {ecrites[note["id"]] for note in reponse.json()["notes"]}
        assert (lecteur, lues) == (lecteur, attendues)
        siennes = {ecrites[note["id"]][0] for note in reponse.json()["notes"] if note["sienne"]}
        assert siennes <= {lecteur}
    for qui in (VOISIN, SAIO):
        assert (await maison.appeler(qui, "GET", notes(maison))).status_code == 404


async def test_only_a_psyen_hides_a_note_from_the_direction(maison: Maison) -> None:
    for qui in (CHEF, ADJOINT, PP1):
        refus = await maison.note(qui, "a", visibilite="PSYEN")
        assert (refus.status_code, refus.json()["code"]) == (422, "visibilite_refusee")
    assert (await maison.note(CHEF, "a", jour=DEMAIN)).json()["code"] == "date_a_venir"
    assert (await maison.note(PP2, "a")).status_code == 404
    assert [v for v in Visibilite if Role.SAIO in LECTEURS[v]] == []
    for role in Role:
        assert set(lisibles(role)) <= {v for v in Visibilite if role in LECTEURS[v]}
        assert Visibilite.PSYEN not in au_choix(role) or role is Role.PSYEN


async def test_a_note_is_changed_and_taken_away_by_its_author_alone(maison: Maison) -> None:
    note = (await maison.note(PP1, "a")).json()
    une = f"{notes(maison)}/{note['id']}"
    corps = {"jour": note["jour"], "texte": "Va mieux.", "visibilite": "DIRECTION_PSYEN"}
    for qui in (CHEF, PSYEN):
        assert (await maison.appeler(qui, "PUT", une, corps, if_match='"1"')).status_code == 403
        assert (await maison.appeler(qui, "DELETE", une, if_match='"1"')).status_code == 403
        assert (await maison.appeler(qui, "GET", f"{une}/historique")).status_code == 403
    assert (await maison.appeler(PP1, "PUT", une, corps)).status_code == 428
    change = await maison.appeler(PP1, "PUT", une, corps, if_match='"1"')
    assert (change.status_code, change.json()["version"]) == (200, 2)
    perimee = await maison.appeler(PP1, "PUT", une, {**corps, "texte": "Autre."}, if_match='"1"')
    assert perimee.status_code == 412
    assert (perimee.json()["actuel"]["texte"], perimee.json()["propose"]["texte"]) == ("Va mieux.", "Autre.")
    histoire = (await maison.appeler(PP1, "GET", f"{une}/historique")).json()["historique"]
    assert [ligne["texte"] for ligne in histoire] == ["Va mieux.", "A besoin d’aide."]
    assert (await maison.appeler(PP1, "DELETE", une, if_match='"2"')).status_code == 204
    assert (await maison.appeler(PP1, "GET", notes(maison))).json()["notes"] == []
    async with maison.servi.running.engine.connect() as connection:
        textes = await connection.execute(text("SELECT texte FROM registre.note_historique"))
        assert set(textes.scalars()) == {None}


async def test_the_text_of_a_note_is_in_no_event_log_or_remembered_answer(
    maison: Maison, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "MOT-TRES-SECRET"
    corps = {"jour": DEMAIN, "texte": secret, "visibilite": "EQUIPE"}
    assert (await maison.appeler(CHEF, "POST", notes(maison), corps)).status_code == 422
    reponse = await maison.appeler(
        CHEF, "POST", notes(maison), {**corps, "jour": "2026-01-05"}, idempotency_key="n1"
    )
    encore = await maison.appeler(
        CHEF, "POST", notes(maison), {**corps, "jour": "2026-01-05"}, idempotency_key="n1"
    )
    assert (reponse.status_code, encore.json()["id"]) == (201, reponse.json()["id"])
    dossier = await maison.appeler(CHEF, "GET", f"/eleves/{maison.eleves['a']}")
    assert "Note d’entretien du 05/01/2026" in dossier.text
    assert secret not in dossier.text
    assert secret not in str(await maison.servi.sortis())
    async with maison.servi.running.engine.connect() as connection:
        gardes = (await connection.execute(text("SELECT reponse::text FROM mechanism.idempotency"))).scalars()
        assert secret not in "".join(gardes)
    sorties = capsys.readouterr()
    assert secret not in sorties.out + sorties.err


async def test_notes_stay_in_the_lycee_where_they_were_written(maison: Maison) -> None:
    await maison.note(PSYEN, "a")
    await maison.servi.plier([maison.faits.eleve(maison.eleves["a"], version=2, uai=AILLEURS)])
    assert (await maison.appeler(CHEF, "GET", notes(maison))).status_code == 404
    ailleurs = f"/lycees/{AILLEURS}/eleves/{maison.eleves['a']}/notes"
    assert (await maison.appeler(VOISIN, "GET", ailleurs)).json()["notes"] == []
    assert (await maison.appeler(CONFRERE, "GET", ailleurs)).status_code == 404


def proposition(**champs: Any) -> dict[str, Any]:
    return {
        "lycees": [UAI],
        "liste": "inscrits_sans_voeu",
        "phrase": "Merci de voir ces élèves avant la fin des vœux.",
        "echeance": DEMAIN,
        **champs,
    }


async def proposer(maison: Maison, **champs: Any) -> dict[str, Any]:
    reponse = await maison.appeler(SAIO, "POST", PROPOSITIONS, proposition(**champs))
    assert reponse.status_code == 201, reponse.text
    found: dict[str, Any] = reponse.json()
    return found


async def test_a_saio_proposes_and_follows_counts(maison: Maison) -> None:
    rapport = (await proposer(maison, lycees=[UAI, AILLEURS, "0690085T"], liste="non_inscrits"))["rapport"]
    assert [ligne["id"] is not None for ligne in rapport] == [True, True, False]
    (recue,) = (await maison.appeler(CHEF, "GET", f"/lycees/{UAI}/propositions")).json()["propositions"]
    assert (recue["phrase"], recue["etat"], recue["liste"]) == (
        "Merci de voir ces élèves avant la fin des vœux.",
        "PROPOSEE",
        "non_inscrits",
    )
    visee = (await maison.appeler(CHEF, "GET", f"/lycees/{UAI}/propositions/{recue['id']}")).json()
    assert ([un["nom"] for un in visee["vises"]], visee["total"]) == (["NOM-a", "NOM-b", "NOM-c"], 3)
    creee = await maison.creer(CHEF, "a", "b", proposition_id=recue["id"])
    assert creee.json()["action"]["du_saio"] is True
    issues = {"issues": [{"eleve_id": maison.eleves["a"], "issue": "REGLE"}]}
    une = f"/lycees/{UAI}/actions/{creee.json()['action']['id']}"
    await maison.appeler(CHEF, "POST", f"{une}/issues", issues, if_match='"1"')
    reponse = await maison.appeler(SAIO, "GET", PROPOSITIONS)
    suivie = next(p for p in reponse.json()["propositions"] if p["uai"] == UAI)
    compte = {nom: suivie[nom] for nom in ("etat", "actions", "faites", "eleves", "regles")}
    assert compte == {"etat": "ACCEPTEE", "actions": 1, "faites": 0, "eleves": 2, "regles": 1}
    assert "NOM-" not in reponse.text
    assert not any(eleve in reponse.text for eleve in maison.eleves.values())
    assert (await maison.appeler(SAIO, "GET", f"/lycees/{UAI}/actions")).status_code == 404


async def test_a_chef_answers_declines_and_changes_his_mind(maison: Maison) -> None:
    await proposer(maison)
    (recue,) = (await maison.appeler(CHEF, "GET", f"/lycees/{UAI}/propositions")).json()["propositions"]
    une = f"/lycees/{UAI}/propositions/{recue['id']}/reponse"
    decline = {"etat": "DECLINEE", "phrase": "Déjà fait en décembre."}
    assert (await maison.appeler(CHEF, "POST", une, decline)).status_code == 428
    assert (await maison.appeler(CHEF, "POST", une, decline, if_match='"1"')).json()["etat"] == "DECLINEE"
    perdue = await maison.appeler(ADJOINT, "POST", une, {**decline, "phrase": "Non."}, if_match='"1"')
    assert (perdue.status_code, perdue.json()["actuel"]["reponse"]) == (412, "Déjà fait en décembre.")
    retrait = f"{PROPOSITIONS}/{recue['id']}/retrait"
    assert (await maison.appeler(SAIO, "POST", retrait, if_match='"2"')).json()[
        "code"
    ] == "proposition_reglee"
    assert (await maison.creer(CHEF, "a", proposition_id=recue["id"])).status_code == 201
    accepter = await maison.appeler(CHEF, "POST", une, {**decline, "etat": "ACCEPTEE"}, if_match='"3"')
    assert accepter.status_code == 422


async def test_what_the_saio_takes_back_is_over(maison: Maison) -> None:
    cree = (await proposer(maison))["rapport"][0]["id"]
    retrait = f"{PROPOSITIONS}/{cree}/retrait"
    assert (await maison.appeler(SAIO, "POST", retrait, if_match='"1"')).json()["etat"] == "RETIREE"
    refus = await maison.creer(CHEF, "a", proposition_id=cree)
    assert (refus.status_code, refus.json()["code"]) == (409, "proposition_reglee")
    assert PASSAGES[EtatProposition.RETIREE] == frozenset()
    assert set(PASSAGES) == set(EtatProposition)


async def test_proposals_are_between_a_saio_and_a_direction(maison: Maison) -> None:
    cree = (await proposer(maison))["rapport"][0]["id"]
    ailleurs = personne("saio-2", Role.SAIO, academies=("10",))
    assert (await maison.appeler(ailleurs, "GET", PROPOSITIONS)).status_code == 404
    assert (await maison.appeler(CHEF, "POST", PROPOSITIONS, proposition())).status_code == 404
    for qui in (PP1, PSYEN, VOISIN, SAIO):
        assert (await maison.appeler(qui, "GET", f"/lycees/{UAI}/propositions")).status_code == 404
    for qui in (PP1, PSYEN):
        assert (await maison.creer(qui, "a", proposition_id=cree)).status_code == 404
    assert (await maison.appeler(CHEF, "GET", f"/lycees/{UAI}/actions")).json()["actions"] == []
