"""What was typed for a pupil who turned out to be another: it follows him, two values are both shown."""

from typing import Any
from uuid import UUID

from services.eleves.reunions.suivi import suivre
from shared.events import modeles as m
from shared.events import topics as t
from shared.events.enveloppe import Evenement, evenement
from shared.reunions import faire_une
from tests.eleves._accompagnement import CHEF, UAI, Maison
from tests.kit.appels import servi
from tests.kit.journal import QUAND, Faits
from tests.kit.services import World

CERTIFIER = {"decision": "CERTIFIER", "echelon": 4, "piece_vue": True}
AUTREMENT = {**CERTIFIER, "echelon": 2}


def fusion(world: World, perdant: str, survivant: str, version: int = 1) -> Evenement:
    fait = m.IdentiteFusionnee(
        session=2026, eleve_id=UUID(perdant), version=version, survivant=UUID(survivant)
    )
    return evenement(
        t.ELEVE, fait, cle=f"{perdant}/fusion", version=version, time=QUAND, prefixe=world.prefix,
        type_="IdentiteFusionnee",
    )  # fmt: skip


class Foyer(Maison):
    """Two pupils who are one, before it is known."""

    async def suivre(self) -> int:
        fois = 0
        while await faire_une(self.servi.running, suivre):
            fois += 1
        return fois

    async def bourse(self, nom: str, corps: dict[str, Any], **entetes: str) -> int:
        suite = f"/lycees/{UAI}/bourses/{self.eleves[nom]}"
        reponse = await self.appeler(CHEF, "PUT", suite, corps, **entetes)
        assert reponse.status_code == 200, reponse.text
        return int(reponse.json()["version"])

    async def lire_bourse(self, nom: str) -> dict[str, Any]:
        suite = f"/lycees/{UAI}/bourses/{self.eleves[nom]}"
        return dict((await self.appeler(CHEF, "GET", suite)).json())

    async def dossier(self, nom: str) -> dict[str, Any]:
        reponse = await self.appeler(CHEF, "GET", f"/eleves/{self.eleves[nom]}")
        assert reponse.status_code == 200, reponse.text
        return dict(reponse.json())

    async def conflits(self) -> list[dict[str, Any]]:
        return list((await self.appeler(CHEF, "GET", f"/lycees/{UAI}/reunions")).json()["conflits"])


async def _foyer(service: Any, world: World, *noms: str) -> Foyer:
    faits = Faits(world)
    eleves = {nom: faits.eleve_id() for nom in noms}
    foyer = Foyer(service, faits, eleves)
    for eleve_id in eleves.values():
        await service.plier([faits.eleve(eleve_id, uai=UAI), faits.identite(eleve_id)])
    return foyer


async def test_what_was_typed_for_one_is_the_other_s_with_its_history_and_is_said_again(world: World) -> None:
    async with servi(world, "eleves", jobs=False) as service:
        foyer = await _foyer(service, world, "perdant", "survivant")
        await foyer.bourse("perdant", CERTIFIER)
        saisie = {"etat": "PARTICIPE", "dispositif": "CORDEES"}
        suite = f"/lycees/{UAI}/cordees/{foyer.eleves['perdant']}"
        assert (await foyer.appeler(CHEF, "PUT", suite, saisie)).status_code == 200
        assert (await foyer.note(CHEF, "perdant")).status_code == 201
        assert (await foyer.creer(CHEF, "perdant", titre="Seul")).status_code == 201
        assert (await foyer.creer(CHEF, "perdant", "survivant", titre="Ensemble")).status_code == 201

        un, autre = foyer.eleves["perdant"], foyer.eleves["survivant"]
        await service.plier([fusion(world, un, autre)])
        assert (await foyer.suivre(), await foyer.suivre()) == (1, 0)

        bourse = await foyer.lire_bourse("survivant")
        assert (bourse["etat"], bourse["echelon"]) == ("CERTIFIEE", 4)
        assert [acte["acte"] for acte in bourse["historique"]] == ["REUNION", "CERTIFIER"]
        lu = await foyer.dossier("perdant")
        assert lu["eleve_id"] == autre
        assert sorted((a["titre"], a["eleves"]) for a in lu["accompagnement"]) == [
            ("Ensemble", 1),
            ("Seul", 1),
        ]
        notes = await foyer.appeler(CHEF, "GET", f"/lycees/{UAI}/eleves/{autre}/notes")
        assert len(notes.json()["notes"]) == 1
        assert await foyer.conflits() == []
        dits = [e for e in await service.sortis() if e["eleve_id"] == autre]
        assert {e["type"] for e in dits} >= {"BourseCertifiee", "CordeesSaisies", "SuiviModifie"}

        await service.plier([fusion(world, un, autre)])
        assert await foyer.suivre() == 0


async def test_two_values_are_both_shown_until_somebody_has_looked(world: World) -> None:
    async with servi(world, "eleves", jobs=False) as service:
        foyer = await _foyer(service, world, "perdant", "survivant")
        await foyer.bourse("perdant", CERTIFIER)
        await foyer.bourse("survivant", AUTREMENT)
        await service.plier([fusion(world, foyer.eleves["perdant"], foyer.eleves["survivant"])])
        await foyer.suivre()
        (conflit,) = await foyer.conflits()
        assert conflit["phrase"] == "L’autre dossier disait : bourse certifiée, échelon 4."
        assert (await foyer.lire_bourse("survivant"))["echelon"] == 2
        assert (await foyer.dossier("survivant"))["reunions"][0]["phrase"] == conflit["phrase"]

        regle = {"origine": foyer.eleves["perdant"], "objet": "BOURSE", "cle": ""}
        suite = f"/lycees/{UAI}/reunions/reglement"
        assert (await foyer.appeler(CHEF, "POST", suite, regle)).status_code == 200
        assert (await foyer.appeler(CHEF, "POST", suite, regle)).status_code == 409
        assert await foyer.conflits() == []


async def test_the_same_value_twice_is_nobody_s_question(world: World) -> None:
    async with servi(world, "eleves", jobs=False) as service:
        foyer = await _foyer(service, world, "perdant", "survivant")
        await foyer.bourse("perdant", CERTIFIER)
        await foyer.bourse("survivant", CERTIFIER)
        await service.plier([fusion(world, foyer.eleves["perdant"], foyer.eleves["survivant"])])
        await foyer.suivre()
        assert await foyer.conflits() == []


async def test_a_merge_taken_back_gives_each_what_was_typed_for_him(world: World) -> None:
    async with servi(world, "eleves", jobs=False) as service:
        foyer = await _foyer(service, world, "perdant", "survivant")
        un, autre = foyer.eleves["perdant"], foyer.eleves["survivant"]
        await foyer.bourse("perdant", CERTIFIER)
        await foyer.note(CHEF, "survivant")
        await foyer.creer(CHEF, "perdant", "survivant", titre="Ensemble")
        await service.plier([fusion(world, un, autre)])
        await foyer.suivre()

        foyer.eleves |= {"un": foyer.faits.eleve_id(), "autre": foyer.faits.eleve_id()}
        un_, autre_ = foyer.eleves["un"], foyer.eleves["autre"]
        await service.plier([fusion(world, autre, autre_), fusion(world, un, un_, version=2)])
        assert await foyer.suivre() == 2
        for eleve_id in (un_, autre_):
            await service.plier([foyer.faits.eleve(eleve_id, uai=UAI), foyer.faits.identite(eleve_id)])
        assert [(await foyer.lire_bourse(nom))["etat"] for nom in ("un", "autre")] == ["CERTIFIEE", "AUCUNE"]
        assert [len((await foyer.dossier(nom))["accompagnement"]) for nom in ("un", "autre")] == [1, 1]
        suites = [f"/lycees/{UAI}/eleves/{eleve_id}/notes" for eleve_id in (un_, autre_)]
        assert [len((await foyer.appeler(CHEF, "GET", s)).json()["notes"]) for s in suites] == [0, 1]
        assert (await foyer.dossier("perdant"))["eleve_id"] == un_
        assert (await foyer.dossier("survivant"))["eleve_id"] == autre_
