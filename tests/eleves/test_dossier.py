"""The dossier of a pupil over HTTP: who sees it, what it holds, and what changes of lycée leave of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.eleves.projection import Projection
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.http.perimetre import Perimetre, Role, signer
from shared.kafka.rebuild import rebuild
from shared.kafka.verify import verify
from shared.nomenclatures.series import Serie
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, QUAND, Faits, a_jour, publier
from tests.kit.services import SERVICE_TOKEN_KEY, World


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "eleves") as service:
        yield service


async def lire(eleves: Servi, eleve_id: str, uai: str = LYCEE_A, session: int = 2026) -> Any:
    return await eleves.client.get(
        f"/interne/v1/sessions/{session}/eleves/{eleve_id}", headers=eleves.jeton("chef", uai)
    )


def _bulletin(world: World, eleve_id: str, version: int = 1, **champs: Any) -> Evenement:
    base: dict[str, Any] = {
        "annee": 2026,
        "periode": 1,
        "decoupage": 3,
        "uai": LYCEE_A,
        "classe": "TG1",
        "notes": (
            m.NoteRemontee(
                matiere="030100", libelle="Philosophie", etat="S", moyenne=13.5, rang=4, effectif=31,
                appreciation="De bons débuts.",
            ),
            m.NoteRemontee(matiere="061300", libelle="Mathématiques", etat="A"),
        ),
    }  # fmt: skip
    donnees = m.BulletinRemonte(session=2026, eleve_id=UUID(eleve_id), version=version, **{**base, **champs})
    cle = f"{eleve_id}/{donnees.annee}-{donnees.periode}"
    return evenement(t.BULLETIN, donnees, cle=cle, version=version, time=QUAND, prefixe=world.prefix)


def _fusion(world: World, perdant: str, survivant: str) -> Evenement:
    donnees = m.IdentiteFusionnee(session=2026, eleve_id=UUID(perdant), version=1, survivant=UUID(survivant))
    return evenement(
        t.ELEVE,
        donnees,
        cle=f"{perdant}/fusion",
        version=1,
        time=QUAND,
        prefixe=world.prefix,
        type_="IdentiteFusionnee",
    )


def _phrases(dossier: dict[str, Any], genre: str) -> list[str]:
    return [moment["phrase"] for moment in dossier["chronologie"] if moment["genre"] == genre]


async def test_a_change_of_lycee_takes_the_whole_dossier_along(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    await eleves.plier([faits.eleve(un), faits.identite(un), faits.dossier(un), faits.voeu(un)])
    await eleves.plier([faits.eleve(un, 2, classe="TG2"), _bulletin(world, un)])
    assert (await lire(eleves, un)).json()["classe"] == "TG2"
    assert (await lire(eleves, un, LYCEE_B)).status_code == 404

    await eleves.plier([faits.eleve(un, 3, uai=LYCEE_B, classe="T4", serie=Serie.STMG)])
    assert (await lire(eleves, un, LYCEE_A)).status_code == 404
    dossier = (await lire(eleves, un, LYCEE_B)).json()
    assert (dossier["classe"], dossier["serie"], len(dossier["voeux"])) == ("T4", "STMG", 1)
    assert dossier["statut"] == "AVEC_VOEUX"
    assert _phrases(dossier, "scolarite")[:3] == [
        f"Changement de lycée : lycée {LYCEE_A} → lycée {LYCEE_B}, classe T4.",
        "Changement de série : Générale → STMG.",
        "Changement de classe : TG1 → TG2.",
    ]
    (recu,) = [bulletin for bulletin in dossier["bulletins"] if bulletin["etat"] == "REMONTE"]
    assert (recu["uai"], recu["classe"]) == (LYCEE_A, "TG1")


async def test_a_pupil_who_left_is_still_shown_and_may_come_back(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    await eleves.plier([faits.eleve(un), faits.dossier(un), faits.eleve(un, 2, date_sortie=date(2026, 2, 1))])
    parti = (await lire(eleves, un)).json()
    assert (parti["sorti_le"], parti["statut"]) == ("2026-02-01", "INSCRIT")
    assert not [b for b in parti["bulletins"] if b["etat"] == "MANQUANT"]
    await eleves.plier([faits.eleve(un, 3)])
    revenu = (await lire(eleves, un)).json()
    assert revenu["sorti_le"] is None
    assert _phrases(revenu, "scolarite")[0].startswith("Retour")


async def test_two_sessions_of_one_person_never_meet(world: World, eleves: Servi) -> None:
    """A re-candidate has another id in each session, and an id says nothing in the other one."""
    faits, suivants = Faits(world), Faits(replace(world, session=2027), graine=2)
    un, redoublant = faits.eleve_id(), suivants.eleve_id()
    await eleves.plier([faits.eleve(un), faits.dossier(un), suivants.eleve(redoublant, classe="TG9")])
    assert (await lire(eleves, un)).json()["statut"] == "INSCRIT"
    suite = (await lire(eleves, redoublant, session=2027)).json()
    assert (suite["classe"], suite["statut"]) == ("TG9", "NON_INSCRIT")
    assert (await lire(eleves, un, session=2027)).status_code == 404
    assert (await lire(eleves, redoublant)).status_code == 404


async def test_a_merged_pupil_leads_to_the_one_he_is(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un, double, troisieme = (faits.eleve_id() for _ in range(3))
    await eleves.plier([faits.eleve(un), faits.eleve(double), faits.voeu(double), _bulletin(world, double)])
    await eleves.plier([_fusion(world, double, un), _fusion(world, troisieme, double)])
    await eleves.plier([faits.voeu(double, version=2), _bulletin(world, double, 2)])
    for ancien in (un, double, troisieme):
        trouve = await lire(eleves, ancien)
        assert (trouve.status_code, trouve.json()["eleve_id"]) == (200, un)
        assert trouve.json()["voeux"] == []
        assert (await lire(eleves, ancien, LYCEE_B)).status_code == 404


async def test_bulletins_say_what_is_there_and_why_the_rest_is_not(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    vide = (m.NoteRemontee(matiere="030100", etat="A"),)
    await eleves.plier(
        [
            faits.eleve(un),
            faits.dossier(un, bulletins_saisis=("T2",)),
            _bulletin(world, un, 2),
            _bulletin(world, un, 1, notes=()),
            _bulletin(world, un, periode=3, notes=vide),
            _bulletin(
                world, un, annee=2025, periode=3, origine=m.OrigineBulletin.SAISI, saisi_par_eleve=True
            ),
        ]
    )
    bulletins = (await lire(eleves, un)).json()["bulletins"]
    etats = [(b["annee"], b["code"], b["etat"]) for b in bulletins]
    assert etats == [
        (2026, "T3", "VIDE"),
        (2026, "T2", "SAISI"),
        (2026, "T1", "REMONTE"),
        (2025, "T3", "SAISI"),
    ]
    premier = bulletins[2]
    assert [(n["matiere"], n["etat"], n["moyenne"]) for n in premier["matieres"]] == [
        ("Philosophie", "S", 13.5),
        ("Mathématiques", "A", None),
    ]
    assert premier["raison"] == "À noter : absence dans 1 matière."
    assert bulletins[0]["raison"] == "Bulletin reçu sans aucune note : absence dans 1 matière."


async def test_a_pupil_without_any_bulletin_lacks_two_trimestres(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    await eleves.plier([faits.eleve(un)])
    manquants = (await lire(eleves, un)).json()["bulletins"]
    assert [(b["code"], b["etat"]) for b in manquants] == [("T2", "MANQUANT"), ("T1", "MANQUANT")]
    await eleves.plier([_bulletin(world, un, decoupage=2)])
    assert [b["code"] for b in (await lire(eleves, un)).json()["bulletins"]] == ["S1"]


async def test_a_professeur_principal_opens_the_dossiers_of_his_classes_alone(
    world: World, eleves: Servi
) -> None:
    faits = Faits(world)
    sien, autre = faits.eleve_id(), faits.eleve_id()
    await eleves.plier([faits.eleve(sien, classe="TG1"), faits.eleve(autre, classe="TG2")])
    perimetre = Perimetre(
        acteur="pp", role=Role.PROFESSEUR_PRINCIPAL, lycees=(LYCEE_A,), classes=(f"{LYCEE_A}/TG1",)
    )
    entetes = {"Authorization": f"Bearer {signer(perimetre, SERVICE_TOKEN_KEY, 'eleves')}"}
    for eleve_id, attendu in ((sien, 200), (autre, 404)):
        adresse = f"/interne/v1/sessions/2026/eleves/{eleve_id}"
        assert (await eleves.client.get(adresse, headers=entetes)).status_code == attendu


async def test_the_progress_of_the_fiche_and_a_deadline_are_shown(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    un = faits.eleve_id()
    fiche = m.FicheAvancee(
        session=2026, eleve_id=UUID(un), version=3, avis_rendus=1, cibles=2, transmise_le=QUAND
    )
    limite = datetime(2026, 6, 5, 21, 59, tzinfo=UTC)
    oui = m.PropositionRecue(
        session=2026, eleve_id=UUID(un), version=1, voeu_id="v1", decision=m.Decision.OUI, date_limite=limite
    )
    await eleves.plier(
        [
            faits.eleve(un),
            faits.voeu(un),
            evenement(t.FICHE, fiche, cle=un, version=3, time=QUAND, prefixe=world.prefix),
            evenement(t.PROPOSITION, oui, cle=f"{un}/v1", version=1, time=QUAND, prefixe=world.prefix),
        ]
    )
    dossier = (await lire(eleves, un)).json()
    assert dossier["fiche"] == {"avis_rendus": 1, "cibles": 2, "transmise_le": "2026-01-20T12:00:00+00:00"}
    (voeu,) = dossier["voeux"]
    assert (voeu["a_repondre"], voeu["date_limite"]) == (True, "2026-06-05T21:59:00+00:00")
    await eleves.plier([faits.reponse(un, "v1", m.Reponse.REFUSEE)])
    assert (await lire(eleves, un)).json()["voeux"][0]["a_repondre"] is False


async def test_a_rebuild_while_serving_yields_the_same_dossiers_with_what_was_typed(opened: World) -> None:
    """Facts that came late and twice: the rebuilt rows, timelines and marks are the same ones."""
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(20)]
    await publier(opened, [f for i in ids for f in (faits.voeu(i, version=2), faits.eleve(i, 2))])
    await publier(opened, [f for i in ids for f in (faits.eleve(i), faits.voeu(i), faits.dossier(i))])
    await publier(opened, [f for i in ids for f in (_bulletin(opened, i), _bulletin(opened, i, 2, notes=()))])
    async with servi(opened, "eleves", kafka=True) as eleves:
        await a_jour(opened, "eleves")
        settings, engine = eleves.running.settings, eleves.running.engine
        await certifier(eleves, ids[1])
        avant = {i: (await lire(eleves, i)).json() for i in ids}
        refait, pendant, _ = await asyncio.gather(
            rebuild(settings, engine, Projection(settings)), lire(eleves, ids[0]), certifier(eleves, ids[2])
        )
        apres = {i: (await lire(eleves, i)).json() for i in ids}
        rapport = await verify(settings, engine, Projection(settings))
    assert (refait.records, refait.published) == (140, 0)
    assert pendant.json() == avant[ids[0]]
    assert [apres[i]["bourse"]["etat"] for i in ids[:4]] == ["AUCUNE", "CERTIFIEE", "CERTIFIEE", "AUCUNE"]
    assert {i: apres[i] for i in ids if i != ids[2]} == {i: avant[i] for i in ids if i != ids[2]}
    assert "bourse" in {moment["genre"] for moment in apres[ids[2]]["chronologie"]}
    assert len(avant[ids[0]]["chronologie"]) > 5
    assert set(rapport.differences.values()) == {0}


async def certifier(eleves: Servi, eleve_id: str) -> None:
    reponse = await eleves.client.put(
        f"/interne/v1/sessions/2026/lycees/{LYCEE_A}/bourses/{eleve_id}",
        json={"decision": "CERTIFIER", "echelon": 3, "piece_vue": True},
        headers=eleves.jeton("chef", LYCEE_A),
    )
    assert reponse.status_code == 200, reponse.text
