"""Workbooks narrowed by filters and by who asks, with what eleves publishes of people's entries."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.http.perimetre import Perimetre, Role, signer
from shared.nomenclatures.familles import Famille
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, Faits, attendre
from tests.kit.services import SERVICE_TOKEN_KEY, World

EXPORTS = f"/interne/v1/sessions/2026/lycees/{LYCEE_A}/exports"
LE = datetime(2026, 2, 3, 10, tzinfo=UTC)
CHEF = Perimetre(acteur="chef", role=Role.CHEF, lycees=(LYCEE_A,))
PROFESSEUR = Perimetre(
    acteur="pp", role=Role.PROFESSEUR_PRINCIPAL, lycees=(LYCEE_A,), classes=(f"{LYCEE_A}/TG2",)
)


@pytest.fixture
async def exports(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "exports", export_poll_s=0.2) as service:
        await service.plier(population(world))
        yield service


def publie(
    world: World, topic: t.Topic, eleve_id: str, type_: type[m.ContratEleve], **champs: Any
) -> Evenement:
    donnees = type_(session=2026, eleve_id=UUID(eleve_id), version=1, **champs)
    return evenement(topic, donnees, cle=eleve_id, version=1, time=LE, prefixe=world.prefix)


def population(world: World) -> list[Evenement]:
    """Anne and Zoé in TG1, Bob in TG2; Anne's bourse is certified, Bob's Cordée entered, Zoé followed."""
    faits = Faits(world)
    anne, bob, zoe = (faits.eleve_id() for _ in range(3))
    return [
        faits.eleve(anne, classe="TG1"),
        faits.eleve(bob, classe="TG2"),
        faits.eleve(zoe, classe="TG1", codes_bourse=("B1",), echelon_bourse=2),
        faits.identite(anne, nom="Anne"),
        faits.identite(bob, nom="Bob", sexe="M"),
        faits.identite(zoe, nom="Zoé"),
        faits.voeu(anne, famille=Famille.BTS),
        faits.voeu(bob, famille=Famille.PASS),
        publie(world, t.BOURSE, anne, m.BourseCertifiee, etat=m.EtatBourse.CERTIFIEE, echelon=5, depuis=LE),
        publie(
            world,
            t.CORDEES,
            bob,
            m.CordeesSaisies,
            etat=m.EtatCordees.PARTICIPE,
            dispositif=m.Dispositif.PARCOURS_EXCELLENCE,
            source=m.SourceCordees.LOCAL,
            depuis=LE,
        ),
        publie(world, t.SUIVI, zoe, m.SuiviModifie, actions=2, assigne="psyEN", echeance=LE, lycee=LYCEE_A),
    ]


def jeton(exports: Servi, perimetre: Perimetre) -> dict[str, str]:
    return {"Authorization": f"Bearer {signer(perimetre, SERVICE_TOKEN_KEY, exports.name)}"}


async def tableur(
    exports: Servi, liste: str, perimetre: Perimetre = CHEF, **filtres: Any
) -> list[dict[str, Any]]:
    """Rows of the workbook, by the titles of its columns."""
    entetes = jeton(exports, perimetre)
    corps = {"liste": liste, "filtres": filtres}
    demande = await exports.client.post(EXPORTS, json=corps, headers=entetes)
    assert demande.status_code == 202, demande.text
    chemin = f"{EXPORTS}/{demande.json()['id']}"

    async def fini() -> bool:
        return bool((await exports.client.get(chemin, headers=entetes)).json()["etat"] == "PRET")

    await attendre(fini)
    contenu = (await exports.client.get(f"{chemin}/fichier", headers=entetes)).content
    lignes = CalamineWorkbook.from_filelike(BytesIO(contenu)).get_sheet_by_index(0).to_python()
    titres = next(i for i, ligne in enumerate(lignes) if ligne[0] == "Classe")
    return [dict(zip(map(str, lignes[titres]), ligne, strict=True)) for ligne in lignes[titres + 1 :]]


def noms(lignes: list[dict[str, Any]]) -> list[str]:
    return [ligne["Nom"] for ligne in lignes]


@pytest.mark.parametrize(
    ("filtres", "attendus"),
    [
        ({}, ["Anne", "Zoé", "Bob"]),
        ({"classe": ["TG1"]}, ["Anne", "Zoé"]),
        ({"boursier": True}, ["Anne", "Zoé"]),
        ({"boursier": False}, ["Bob"]),
        ({"cordees": True}, ["Bob"]),
        ({"famille": ["BTS", "PASS"], "sexe": "F"}, ["Anne"]),
    ],
)
async def test_filters_narrow_a_list(exports: Servi, filtres: dict[str, Any], attendus: list[str]) -> None:
    assert noms(await tableur(exports, "tous", **filtres)) == attendus


async def test_what_was_entered_in_the_lycee_is_printed(exports: Servi) -> None:
    boursiers = await tableur(exports, "boursiers")
    assert [(b["Nom"], b["Bourse"], b["Échelon"]) for b in boursiers] == [
        ("Anne", "Certifiée par le lycée", 5),
        ("Zoé", "Boursier (SIECLE)", 2),
    ]
    (bob,) = await tableur(exports, "cordees_a_reporter")
    assert (bob["Nom"], bob["Dispositif"], bob["Source"]) == (
        "Bob",
        "Parcours d’excellence",
        "Saisie du lycée",
    )
    (zoe,) = await tableur(exports, "suivis")
    assert (zoe["Nom"], zoe["Suivi par"], zoe["Échéance"]) == (
        "Zoé",
        "psyEN",
        datetime(2026, 2, 3, 11),  # noqa: DTZ001 - the wall clock of Paris
    )


async def test_a_professeur_principal_takes_his_classes_without_echelon(exports: Servi) -> None:
    siens = await tableur(exports, "tous", PROFESSEUR)
    assert noms(siens) == ["Bob"]
    assert noms(await tableur(exports, "tous", PROFESSEUR, classe=["TG1"])) == []
    assert {"Échelon", "Bourse"}.isdisjoint(siens[0])


async def test_a_professeur_principal_has_no_other_s_workbook_nor_a_reserved_list(exports: Servi) -> None:
    pp = jeton(exports, PROFESSEUR)
    du_chef = await exports.client.post(EXPORTS, json={"liste": "tous"}, headers=jeton(exports, CHEF))
    for suite in ("", "/fichier"):
        chemin = f"{EXPORTS}/{du_chef.json()['id']}{suite}"
        assert (await exports.client.get(chemin, headers=pp)).status_code == 404
    for reservee in ("boursiers_a_certifier", "bourses_contredites"):
        reponse = await exports.client.post(EXPORTS, json={"liste": reservee}, headers=pp)
        assert reponse.status_code == 404
    psyen = Perimetre(acteur="psy", role=Role.PSYEN, lycees=(LYCEE_A,))
    refus = await exports.client.post(EXPORTS, json={"liste": "tous"}, headers=jeton(exports, psyen))
    assert refus.status_code == 404


async def test_a_filter_that_is_not_the_contract_is_refused(exports: Servi) -> None:
    for filtres in ({"nom": "Zoé"}, {"classe": "T\x00"}, {"sexe": "X"}):
        corps = {"liste": "tous", "filtres": filtres}
        assert (
            await exports.client.post(EXPORTS, json=corps, headers=jeton(exports, CHEF))
        ).status_code == 422
