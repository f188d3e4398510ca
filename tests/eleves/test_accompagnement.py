"""Actions d'accompagnement on real PostgreSQL: who sees, what is refused, what two people write at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from shared.http.perimetre import Perimetre
from tests.eleves._accompagnement import (
    AILLEURS,
    CHEF,
    DEMAIN,
    EQUIPE,
    HIER,
    PP1,
    PP2,
    PSYEN,
    SAIO,
    UAI,
    VOISIN,
    Maison,
    action,
    peupler,
)
from tests.kit.appels import servi
from tests.kit.services import World

ACTIONS = f"/lycees/{UAI}/actions"


@pytest.fixture
async def maison(world: World) -> AsyncIterator[Maison]:
    async with servi(world, "eleves") as service:
        yield await peupler(service, world)


async def suivi(maison: Maison, nom: str) -> tuple[Any, ...]:
    async with maison.servi.running.engine.connect() as connection:
        row = await connection.execute(
            text(
                "SELECT suivi_actions, suivi_assigne, suivi_echeance::date FROM projection_1.eleve"
                " WHERE eleve_id = CAST(:id AS uuid)"
            ),
            {"id": maison.eleves[nom]},
        )
        return tuple(row.one())


async def test_an_action_says_what_became_of_each_pupil_named(maison: Maison) -> None:
    inconnu = maison.faits.eleve_id()
    reponse = await maison.creer(CHEF, "a", "parti", "etranger", inconnu, "a")
    assert reponse.status_code == 201, reponse.text
    rapport = {ligne["eleve_id"]: ligne for ligne in reponse.json()["rapport"]}
    assert {nom: rapport[maison.eleves[nom]]["resultat"] for nom in ("a", "parti", "etranger")} == {
        "a": "ajoute",
        "parti": "sorti",
        "etranger": "introuvable",
    }
    assert rapport[inconnu]["resultat"] == "introuvable"
    assert rapport[maison.eleves["etranger"]]["nom"] is None
    assert [eleve["nom"] for eleve in reponse.json()["action"]["eleves"]] == ["NOM-a"]
    assert reponse.headers["etag"] == '"1"'

    encore = (await maison.creer(CHEF, "a", "b")).json()["rapport"]
    assert [ligne["resultat"] for ligne in encore] == ["deja_suivi", "ajoute"]
    refuse = await maison.creer(CHEF, "parti", "etranger")
    assert (refuse.status_code, refuse.json()["code"]) == (409, "aucun_eleve")
    assert len(refuse.json()["rapport"]) == 2


async def test_a_pupil_is_followed_until_the_action_ends_for_him(maison: Maison) -> None:
    assert (await suivi(maison, "a"))[0] == 0
    lue = (await maison.creer(CHEF, "a", "b")).json()["action"]
    actions, assigne, echeance = await suivi(maison, "a")
    assert (actions, assigne, echeance.isoformat()) == (1, "Mme Thiéry (professeur principal)", DEMAIN)
    une = f"{ACTIONS}/{lue['id']}"
    issues = {"issues": [{"eleve_id": maison.eleves["a"], "issue": "REGLE", "precision": "Deux vœux saisis"}]}
    reponse = await maison.appeler(CHEF, "POST", f"{une}/issues", issues, if_match='"1"')
    assert reponse.status_code == 200, reponse.text
    assert ((await suivi(maison, "a"))[0], (await suivi(maison, "b"))[0]) == (0, 1)
    close = await maison.appeler(CHEF, "POST", f"{une}/cloture", {"etat": "FAITE"}, if_match='"2"')
    assert close.json()["action"]["etat"] == "FAITE"
    assert (await suivi(maison, "b"))[0] == 0
    fermee = await maison.appeler(CHEF, "PUT", une, action(), if_match='"3"')
    assert (fermee.status_code, fermee.json()["code"]) == (409, "action_close")
    rouverte = await maison.appeler(CHEF, "POST", f"{une}/reouverture", if_match='"3"')
    assert [e["issue"] for e in rouverte.json()["action"]["eleves"]] == ["REGLE", None]
    assert (await suivi(maison, "b"))[0] == 1
    detail = (await maison.appeler(CHEF, "GET", une)).json()
    assert [ligne["acte"] for ligne in detail["historique"]] == ["rouverte", "close", "issues", "creee"]


async def test_a_pupil_taken_off_or_gone_is_followed_no_more(maison: Maison) -> None:
    lue = (await maison.creer(CHEF, "a", "b")).json()["action"]
    une = f"{ACTIONS}/{lue['id']}/eleves"
    corps = {"retirer": [maison.eleves["b"]], "ajouter": [maison.eleves["c"], maison.eleves["a"]]}
    reponse = await maison.appeler(CHEF, "POST", une, corps, if_match='"1"')
    sorts = {ligne["eleve_id"]: ligne["resultat"] for ligne in reponse.json()["rapport"]}
    assert sorts == {
        maison.eleves["b"]: "retire",
        maison.eleves["c"]: "ajoute",
        maison.eleves["a"]: "deja",
    }
    assert ((await suivi(maison, "b"))[0], (await suivi(maison, "c"))[0]) == (0, 1)
    await maison.servi.plier([maison.faits.eleve(maison.eleves["a"], version=2, uai=AILLEURS)])
    assert (await suivi(maison, "a"))[0] == 0
    vue = (await maison.appeler(CHEF, "GET", ACTIONS)).json()["actions"][0]
    assert [(e["nom"], e["ici"]) for e in vue["eleves"]] == [("NOM-c", True), (None, False)]


async def test_giving_up_wants_a_reason(maison: Maison) -> None:
    lue = (await maison.creer(CHEF, "a")).json()["action"]
    une = f"{ACTIONS}/{lue['id']}/cloture"
    for corps in ({"etat": "ABANDONNEE"}, {"etat": "OUVERTE"}):
        assert (await maison.appeler(CHEF, "POST", une, corps, if_match='"1"')).status_code == 422
    corps = {"etat": "ABANDONNEE", "motif": "Réorienté"}
    reponse = await maison.appeler(CHEF, "POST", une, corps, if_match='"1"')
    assert (reponse.json()["action"]["etat"], reponse.json()["action"]["motif"]) == (
        "ABANDONNEE",
        "Réorienté",
    )


async def test_two_people_at_once_see_each_other(maison: Maison) -> None:
    lue = (await maison.creer(CHEF, "a")).json()["action"]
    une = f"{ACTIONS}/{lue['id']}"
    assert (await maison.appeler(CHEF, "PUT", une, action())).status_code == 428
    reponses = await asyncio.gather(
        *(
            maison.appeler(qui, "PUT", une, action(titre=titre), if_match='"1"')
            for qui, titre in ((CHEF, "Appeler la famille"), (PSYEN, "Voir l’élève"))
        )
    )
    perdue, gagnee = sorted(reponses, key=lambda r: -r.status_code)
    assert (perdue.status_code, gagnee.status_code) == (412, 200)
    conflit = perdue.json()
    assert {conflit["actuel"]["titre"], conflit["propose"]["titre"]} == {"Appeler la famille", "Voir l’élève"}
    assert conflit["actuel"]["titre"] == gagnee.json()["action"]["titre"]
    assert conflit["actuel"]["version"] == 2


async def test_a_command_sent_twice_is_done_once(maison: Maison) -> None:
    envois = [await maison.creer(CHEF, "a", entetes={"idempotency_key": "clic-1"}) for _ in range(2)]
    assert envois[0].json() == envois[1].json()
    assert len((await maison.appeler(CHEF, "GET", ACTIONS)).json()["actions"]) == 1
    autre = await maison.creer(CHEF, "b", entetes={"idempotency_key": "clic-1"})
    assert (autre.status_code, autre.json()["code"]) == (409, "cle_reutilisee")
    async with maison.servi.running.engine.connect() as connection:
        gardes = (await connection.execute(text("SELECT reponse::text FROM mechanism.idempotency"))).scalars()
        assert "NOM-" not in "".join(gardes)


async def test_the_board_counts_by_person_and_puts_what_is_late_first(maison: Maison) -> None:
    await maison.creer(CHEF, "a", titre="Demain")
    await maison.creer(CHEF, "b", titre="Hier", echeance=HIER, fonction="PSYEN", assigne=None)
    tableau = (await maison.appeler(CHEF, "GET", ACTIONS)).json()
    assert [(un["titre"], un["en_retard"]) for un in tableau["actions"]] == [
        ("Hier", True),
        ("Demain", False),
    ]
    assert (tableau["comptes"]["ouvertes"], tableau["comptes"]["en_retard"]) == (2, 1)
    cles = {un["libelle"]: un["cle"] for un in tableau["personnes"]}
    psyen = cles["Psychologue de l’éducation nationale"]
    filtre = (await maison.appeler(CHEF, "GET", f"{ACTIONS}?assigne={psyen}&etat=OUVERTE")).json()
    assert [un["titre"] for un in filtre["actions"]] == ["Hier"]
    assert "Thi" not in cles["Mme Thiéry (professeur principal)"]
    page = (await maison.appeler(CHEF, "GET", f"{ACTIONS}?limite=1")).json()
    suite = await maison.appeler(CHEF, "GET", f"{ACTIONS}?limite=1&curseur={page['suivant']}")
    assert [un["titre"] for un in suite.json()["actions"]] == ["Demain"]
    assert suite.json()["suivant"] is None
    classe = await maison.appeler(CHEF, "GET", f"{ACTIONS}?classe=TG2")
    assert classe.json()["actions"] == []


async def test_a_professeur_principal_keeps_to_his_classes(maison: Maison) -> None:
    refus = await maison.creer(PP1, "c")
    assert (refus.status_code, refus.json()["rapport"][0]["resultat"]) == (409, "introuvable")
    mixte = (await maison.creer(CHEF, "a", "c")).json()["action"]
    await maison.creer(CHEF, "c", titre="Pour TG2 seulement")
    vues = (await maison.appeler(PP1, "GET", ACTIONS)).json()
    (vue,) = vues["actions"]
    assert ([e["nom"] for e in vue["eleves"]], vue["autres"], vue["modifiable"]) == (["NOM-a"], 1, False)
    assert vues["comptes"]["ouvertes"] == 1
    assert vues["classes"] == ["TG1"]
    une = f"{ACTIONS}/{mixte['id']}"
    assert (await maison.appeler(PP1, "PUT", une, action(), if_match='"1"')).json()[
        "code"
    ] == "autres_classes"
    autre = {"issues": [{"eleve_id": maison.eleves["c"], "issue": "REGLE"}]}
    assert (await maison.appeler(PP1, "POST", f"{une}/issues", autre, if_match='"1"')).status_code == 404
    sien = {"issues": [{"eleve_id": maison.eleves["a"], "issue": "A_SUIVRE"}]}
    assert (await maison.appeler(PP1, "POST", f"{une}/issues", sien, if_match='"1"')).status_code == 200
    seule = (await maison.appeler(PP2, "GET", ACTIONS)).json()["actions"]
    assert {un["titre"] for un in seule} == {"Relancer avant la fin des vœux", "Pour TG2 seulement"}


STRANGERS: tuple[Perimetre, ...] = (VOISIN, SAIO)


async def test_what_is_of_another_lycee_does_not_exist(maison: Maison) -> None:
    lue = (await maison.creer(CHEF, "a")).json()["action"]
    une = f"{ACTIONS}/{lue['id']}"
    corps: dict[str, Any] = {
        "PUT": action(),
        "issues": {"issues": [{"eleve_id": maison.eleves["a"], "issue": "REGLE"}]},
        "eleves": {"retirer": [maison.eleves["a"]]},
        "cloture": {"etat": "FAITE"},
        "commentaires": {"texte": "…"},
    }
    demandes = [("GET", ACTIONS, None), ("GET", une, None), ("PUT", une, corps["PUT"])]
    demandes += [
        ("POST", f"{une}/{suite}", corps.get(suite))
        for suite in ("issues", "eleves", "cloture", "reouverture", "commentaires")
    ]
    demandes.append(("POST", f"{ACTIONS}/apercu", {"eleves": [maison.eleves["a"]]}))
    for qui in STRANGERS:
        for methode, chemin, contenu in demandes:
            reponse = await maison.appeler(qui, methode, chemin, contenu, if_match='"1"')
            assert (reponse.status_code, qui.acteur, chemin) == (404, qui.acteur, chemin)
        assert (await maison.creer(qui, "a")).status_code == 404
    reponse = await maison.appeler(PP2, "GET", une)
    assert reponse.status_code == 404


async def test_a_comment_is_read_by_those_who_see_the_action(maison: Maison) -> None:
    lue = (await maison.creer(CHEF, "a")).json()["action"]
    une = f"{ACTIONS}/{lue['id']}"
    ecrit = await maison.appeler(
        PP1, "POST", f"{une}/commentaires", {"texte": "Vu ce matin.\nRevient lundi."}
    )
    assert ecrit.status_code == 201, ecrit.text
    lus = (await maison.appeler(PSYEN, "GET", une)).json()["commentaires"]
    assert [(un["texte"], un["auteur_nom"]) for un in lus] == [
        ("Vu ce matin.\nRevient lundi.", "Personne pp1")
    ]


async def test_the_dossier_shows_actions_and_dates_without_any_free_text(maison: Maison) -> None:
    await maison.creer(CHEF, "a", "c", titre="TITRE LIBRE")
    await maison.note(CHEF, "a", texte="TEXTE SECRET")
    reponse = await maison.appeler(PP1, "GET", f"/eleves/{maison.eleves['a']}")
    assert reponse.status_code == 200, reponse.text
    (une,) = reponse.json()["accompagnement"]
    assert (une["titre"], une["eleves"]) == ("TITRE LIBRE", 2)
    assert "TEXTE SECRET" not in reponse.text
    assert "TITRE LIBRE" not in str(reponse.json()["chronologie"])


async def test_everybody_of_the_lycee_may_start_an_action_for_his_pupils(maison: Maison) -> None:
    for nom, qui in EQUIPE.items():
        reponse = await maison.creer(qui, "c" if nom == "pp2" else "a")
        assert (reponse.status_code, nom) == (201, nom)
