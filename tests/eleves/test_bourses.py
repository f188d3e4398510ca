"""Bourses through the service's HTTP, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.http.perimetre import Role
from tests.kit.appels import Servi, servi
from tests.kit.journal import LYCEE_A, LYCEE_B, QUAND, Faits
from tests.kit.services import World

BASE = f"/interne/v1/sessions/2026/lycees/{LYCEE_A}"
CERTIFIER = {"decision": "CERTIFIER", "echelon": 4, "piece_vue": True}


def signal(world: World, eleve_id: str, version: int = 1, le: datetime = QUAND) -> Evenement:
    donnees = m.BourseSignalee(session=2026, eleve_id=eleve_id, version=version, signalee_le=le)
    return evenement(
        t.DOSSIER, donnees, cle=f"{eleve_id}/bourse", version=version, time=le, prefixe=world.prefix
    )


def accuse(world: World, eleve_id: str, version_objet: int, sequence: int = 1) -> Evenement:
    donnees = m.AccuseRecu(
        session=2026,
        eleve_id=eleve_id,
        version=sequence,
        objet=m.ObjetAccuse.BOURSE,
        version_objet=version_objet,
        resultat="ACCEPTE",
    )
    return evenement(
        t.ACCUSE, donnees, cle=f"{eleve_id}/BOURSE", version=sequence, time=QUAND, prefixe=world.prefix
    )


def etape(world: World, code: str, date: datetime, version: int = 1) -> Evenement:
    donnees = m.CalendrierModifie(session=2026, version=version, etape=code, date=date)
    return evenement(t.CALENDRIER, donnees, cle=code, version=version, time=QUAND, prefixe=world.prefix)


@pytest.fixture
async def eleves(world: World) -> AsyncIterator[Servi]:
    async with servi(world, "eleves", jobs=False) as service:
        yield service


class Bourses:
    """The bourses of one lycée, seen by one person."""

    def __init__(
        self, service: Servi, acteur: str = "chef", role: Role = Role.CHEF, uai: str = LYCEE_A
    ) -> None:
        self.client = service.client
        self.entetes = service.jeton(acteur, uai, role=role)

    async def lire(self, eleve_id: str) -> dict[str, Any]:
        reponse = await self.client.get(f"{BASE}/bourses/{eleve_id}", headers=self.entetes)
        assert reponse.status_code == 200, reponse.text
        return dict(reponse.json())

    async def dire(self, eleve_id: str, corps: dict[str, Any], version: int | None = None) -> Any:
        entetes = self.entetes if version is None else {**self.entetes, "If-Match": f'"{version}"'}
        return await self.client.put(f"{BASE}/bourses/{eleve_id}", headers=entetes, json=corps)

    async def annuler(self, eleve_id: str, version: int) -> Any:
        entetes = {**self.entetes, "If-Match": f'"{version}"'}
        return await self.client.post(f"{BASE}/bourses/{eleve_id}/annulation", headers=entetes, json={})

    async def lot(self, acte: str, cle: str | None = None, **corps: Any) -> Any:
        entetes = {**self.entetes, **({"Idempotency-Key": cle} if cle else {})}
        return await self.client.post(f"{BASE}/bourses/{acte}", headers=entetes, json=corps)


async def bourses_dites(service: Servi) -> list[tuple[int, str, int | None]]:
    dits = [e for e in await service.sortis() if e["type"] == "BourseCertifiee"]
    return [(e["version"], e["etat"], e.get("echelon")) for e in dits]


async def test_a_signal_opens_a_task_that_a_certification_closes(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui = faits.eleve_id()
    il_y_a_trois_jours = datetime.now(UTC) - timedelta(days=3)
    await eleves.plier([faits.eleve(qui), signal(world, qui, le=il_y_a_trois_jours)])
    avant = await chef.lire(qui)
    assert (avant["etat"], avant["a_traiter"], avant["age_jours"]) == ("SIGNALEE", True, 3)
    assert (await chef.dire(qui, CERTIFIER)).status_code == 200
    apres = await chef.lire(qui)
    assert (apres["etat"], apres["echelon"], apres["a_traiter"]) == ("CERTIFIEE", 4, False)
    assert [acte["acte"] for acte in apres["historique"]] == ["CERTIFIER"]
    assert await bourses_dites(eleves) == [(1, "SIGNALEE", None), (2, "CERTIFIEE", 4)]


async def test_undoing_is_a_compensating_event_and_says_what_the_platform_took(
    world: World, eleves: Servi
) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    await chef.dire(qui, CERTIFIER)
    await eleves.plier([accuse(world, qui, 1)])
    dit = (await chef.annuler(qui, 1)).json()
    assert (dit["etat"], dit["version"]) == ("AUCUNE", 2)
    assert dit["accuse"] | {"acte_le": None} == {
        "version": 1,
        "resultat": "ACCEPTE",
        "pris": True,
        "a_jour": False,
        "acte": "CERTIFIER",
        "echelon": 4,
        "acte_le": None,
    }
    assert await bourses_dites(eleves) == [(1, "CERTIFIEE", 4), (2, "AUCUNE", None)]


async def test_a_later_file_confirms_or_contradicts_and_never_undoes(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui), signal(world, qui)])
    await chef.dire(qui, CERTIFIER)
    siecle = {"codes_bourse": ("BL",)}
    await eleves.plier([faits.eleve(qui, 2, **siecle, echelon_bourse=4)])
    assert (await chef.lire(qui))["confirmee"]
    await eleves.plier([faits.eleve(qui, 3, **siecle, echelon_bourse=2)])
    dit = await chef.lire(qui)
    assert (dit["etat"], dit["echelon"], dit["echelon_siecle"]) == ("CERTIFIEE", 4, 2)
    assert dit["contradiction"] == "ECHELON"
    await eleves.plier([faits.eleve(qui, 4)])
    assert (await chef.lire(qui))["contradiction"] == "RETIREE"
    assert [etat for _, etat, _ in await bourses_dites(eleves)] == ["SIGNALEE", "CERTIFIEE"]


async def test_siecle_closes_the_task_of_a_signal(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui), signal(world, qui)])
    await eleves.plier([faits.eleve(qui, 2, codes_bourse=("BL",), echelon_bourse=3)])
    dit = await chef.lire(qui)
    assert (dit["etat"], dit["echelon"], dit["a_traiter"]) == ("SIECLE", 3, False)
    refuse = await chef.dire(qui, CERTIFIER)
    assert (refuse.status_code, refuse.json()["code"]) == (409, "deja_siecle")


async def test_bad_input_is_refused_with_what_to_do(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui, parti, fusionne, reste = (faits.eleve_id() for _ in range(4))
    fusion = m.IdentiteFusionnee(session=2026, eleve_id=fusionne, version=9, survivant=reste)
    await eleves.plier(
        [
            *(faits.eleve(un) for un in (qui, fusionne, reste)),
            faits.eleve(parti, date_sortie=QUAND.date()),
            evenement(t.ELEVE, fusion, cle=f"{fusionne}/fusion", version=9, time=QUAND, prefixe=world.prefix),
        ]
    )
    refus = {"decision": "REFUSER", "motif": "PIECE_ABSENTE"}
    cas = [
        (parti, CERTIFIER, 409, "eleve_sorti"),
        (fusionne, CERTIFIER, 409, "eleve_fusionne"),
        (faits.eleve_id(), CERTIFIER, 404, "introuvable"),
        (qui, {"decision": "CERTIFIER", "piece_vue": True}, 422, "echelon_absent"),
        (qui, {**CERTIFIER, "echelon": 7}, 422, "echelon_invalide"),
        (qui, {**CERTIFIER, "echelon": 0}, 422, "echelon_invalide"),
        (qui, {**CERTIFIER, "piece_vue": False}, 422, "piece_non_vue"),
        (qui, refus, 409, "rien_a_refuser"),
    ]
    for eleve_id, corps, statut, code in cas:
        reponse = await chef.dire(eleve_id, corps)
        assert (reponse.status_code, reponse.json()["code"]) == (statut, code)
    assert await bourses_dites(eleves) == []
    assert (await chef.dire(qui, CERTIFIER)).status_code == 200
    assert (await chef.dire(qui, CERTIFIER)).json()["code"] == "version_attendue"
    perime = await chef.dire(qui, CERTIFIER, 7)
    assert (perime.status_code, perime.json()["actuel"]["echelon"]) == (412, 4)
    assert perime.json()["propose"]["echelon"] == 4
    assert (await chef.dire(qui, CERTIFIER, 1)).json()["code"] == "deja_certifiee"


async def test_two_certifications_at_once_are_one(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    deux = [Bourses(eleves, acteur) for acteur in ("chef", "autre.chef")]
    reponses = await asyncio.gather(
        *(un.dire(qui, {**CERTIFIER, "echelon": n + 1}) for n, un in enumerate(deux))
    )
    assert sorted(r.status_code for r in reponses) == [200, 428]
    assert len(await bourses_dites(eleves)) == 1


async def test_a_lot_reports_per_pupil_and_is_done_once(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    un, connu, etranger = (faits.eleve_id() for _ in range(3))
    await eleves.plier(
        [faits.eleve(un), faits.eleve(connu, codes_bourse=("BL",)), faits.eleve(etranger, uai=LYCEE_B)]
    )
    lot = [{"eleve_id": i, "echelon": 2} for i in (un, connu, etranger)]
    premiere = (await chef.lot("certifications", "cle-1", eleves=lot, piece_vue=True)).json()
    assert (premiere["faits"], premiere["refuses"]) == (1, 2)
    assert [r["code"] for r in premiere["resultats"]] == [None, "deja_siecle", "introuvable"]
    encore = await chef.lot("certifications", "cle-1", eleves=lot, piece_vue=True)
    assert encore.json() == premiere
    assert [etat for _, etat, _ in await bourses_dites(eleves)].count("CERTIFIEE") == 1


async def test_outside_the_window_nothing_is_decided(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    qui, jour = faits.eleve_id(), timedelta(days=1)
    await eleves.plier([faits.eleve(qui)])
    maintenant = datetime.now(UTC)
    for version, debut, fin, code in (
        (1, maintenant + jour, maintenant + 9 * jour, "certification_pas_ouverte"),
        (2, maintenant - 9 * jour, maintenant - jour, "certification_close"),
    ):
        await eleves.plier(
            [
                etape(world, "INSCRIPTION_OUVERTURE", debut, version),
                etape(world, "CONFIRMATION_LIMITE", fin, version),
            ]
        )
        reponse = await chef.dire(qui, CERTIFIER)
        assert (reponse.status_code, reponse.json()["code"]) == (409, code)
    await eleves.plier([etape(world, "CONFIRMATION_LIMITE", maintenant + 2 * jour, 3)])
    assert (await chef.dire(qui, CERTIFIER)).status_code == 200
    assert (await chef.lire(qui))["jours_restants"] == 2


async def test_an_adjoint_decides_while_the_chef_lets_him(world: World, eleves: Servi) -> None:
    faits, chef = Faits(world), Bourses(eleves)
    adjoint = Bourses(eleves, "adjoint", Role.ADJOINT)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    assert (await adjoint.dire(qui, CERTIFIER)).json()["code"] == "delegation_absente"
    saisie = {"adjoint": "adjoint", "nom": "Mme Faÿ"}
    donnee = await chef.client.post(f"{BASE}/delegations", headers=chef.entetes, json=saisie)
    assert donnee.json()["en_vigueur"]
    soi_meme = await chef.client.post(f"{BASE}/delegations", headers=adjoint.entetes, json=saisie)
    assert soi_meme.status_code == 404
    assert (await adjoint.dire(qui, CERTIFIER)).status_code == 200
    await chef.client.post(f"{BASE}/delegations/{donnee.json()['id']}/retrait", headers=chef.entetes)
    assert (await adjoint.annuler(qui, 1)).json()["code"] == "delegation_absente"


async def test_others_of_the_lycee_see_no_bourse(world: World, eleves: Servi) -> None:
    faits = Faits(world)
    qui = faits.eleve_id()
    await eleves.plier([faits.eleve(qui)])
    for role, uai in ((Role.PSYEN, LYCEE_A), (Role.CHEF, LYCEE_B)):
        un = Bourses(eleves, "x", role, uai)
        assert (await un.client.get(f"{BASE}/bourses", headers=un.entetes)).status_code == 404
        assert (await un.dire(qui, CERTIFIER)).status_code == 404
