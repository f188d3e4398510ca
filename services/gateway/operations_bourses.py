"""What a caller asks about bourses and Cordées: right, audit of each pupil, service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import Depends
from pydantic import BaseModel

from services.gateway import contrats_bourses as cb
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations_scolarite import GuichetScolarite
from services.gateway.policy import Action, Ressource
from services.gateway.store import Acte


@dataclass(frozen=True, slots=True)
class GuichetBourses(GuichetScolarite):
    """The gateway in front of one caller, for bourses and Cordées."""

    async def bourses(self, session: int, uai: str) -> cb.Bourses:
        return cb.Bourses.model_validate(await self._lu_de(session, Ressource.BOURSE, uai, "bourses"))

    async def bourse(self, session: int, uai: str, eleve_id: UUID) -> cb.BourseDetaillee:
        lu = await self._lu_de(session, Ressource.BOURSE, uai, f"bourses/{eleve_id}")
        return cb.BourseDetaillee.model_validate(lu)

    async def decider(
        self, session: int, uai: str, acte: str, lot: cb.LotBourses, ecriture: Ecriture
    ) -> cb.RapportBourses:
        """``acte``: certifications, refus or annulations."""
        ids = [eleve.eleve_id for eleve in lot.eleves]
        reponse = await self._ecrit_pour(
            session, (Ressource.BOURSE, uai, ids), ("POST", f"bourses/{acte}"), lot, ecriture
        )
        return cb.RapportBourses.model_validate(reponse.json())

    async def decider_un(
        self, session: int, uai: str, eleve_id: UUID, saisie: cb.DecisionSaisie, ecriture: Ecriture
    ) -> cb.Bourse:
        quoi = ("PUT", f"bourses/{eleve_id}")
        reponse = await self._ecrit_pour(session, (Ressource.BOURSE, uai, [eleve_id]), quoi, saisie, ecriture)
        return cb.Bourse.model_validate(reponse.json())

    async def annuler(
        self, session: int, uai: str, eleve_id: UUID, saisie: cb.AnnulationSaisie, ecriture: Ecriture
    ) -> cb.Bourse:
        quoi = ("POST", f"bourses/{eleve_id}/annulation")
        reponse = await self._ecrit_pour(session, (Ressource.BOURSE, uai, [eleve_id]), quoi, saisie, ecriture)
        return cb.Bourse.model_validate(reponse.json())

    async def delegations(self, session: int, uai: str) -> cb.Delegations:
        lu = await self._lu_de(session, Ressource.DELEGATION, uai, "delegations")
        return cb.Delegations.model_validate(lu)

    async def deleguer(
        self, session: int, uai: str, saisie: cb.DelegationSaisie, ecriture: Ecriture
    ) -> cb.Delegation:
        quoi = ("POST", "delegations")
        reponse = await self._ecrit_pour(session, (Ressource.DELEGATION, uai, []), quoi, saisie, ecriture)
        return cb.Delegation.model_validate(reponse.json())

    async def retirer_delegation(self, session: int, uai: str, delegation_id: UUID) -> cb.Delegation:
        quoi = ("POST", f"delegations/{delegation_id}/retrait")
        reponse = await self._ecrit_pour(session, (Ressource.DELEGATION, uai, []), quoi, None, Ecriture())
        return cb.Delegation.model_validate(reponse.json())

    async def cordees(self, session: int, uai: str, classe: str | None = None) -> cb.CordeesDuLycee:
        lu = await self._lu_de(session, Ressource.CORDEES, uai, "cordees", classe)
        return cb.CordeesDuLycee.model_validate(lu)

    async def cordees_de(self, session: int, uai: str, eleve_id: UUID) -> cb.CordeesDetaillees:
        lu = await self._lu_de(session, Ressource.CORDEES, uai, f"cordees/{eleve_id}")
        return cb.CordeesDetaillees.model_validate(lu)

    async def saisir(
        self, session: int, uai: str, lot: cb.LotCordees | cb.LotRetraits, ecriture: Ecriture
    ) -> cb.RapportCordees:
        verbe = "saisies" if isinstance(lot, cb.LotCordees) else "retraits"
        ids = [eleve.eleve_id for eleve in lot.eleves]
        reponse = await self._ecrit_pour(
            session, (Ressource.CORDEES, uai, ids), ("POST", f"cordees/{verbe}"), lot, ecriture
        )
        return cb.RapportCordees.model_validate(reponse.json())

    async def saisir_un(
        self,
        session: int,
        uai: str,
        eleve_id: UUID,
        saisie: cb.CordeesSaisie | cb.RetraitSaisie,
        ecriture: Ecriture,
    ) -> cb.Cordees:
        entree = isinstance(saisie, cb.CordeesSaisie)
        quoi = ("PUT", f"cordees/{eleve_id}") if entree else ("POST", f"cordees/{eleve_id}/retrait")
        reponse = await self._ecrit_pour(
            session, (Ressource.CORDEES, uai, [eleve_id]), quoi, saisie, ecriture
        )
        return cb.Cordees.model_validate(reponse.json())

    async def _lu_de(
        self, session: int, ressource: Ressource, uai: str, suite: str, classe: str | None = None
    ) -> object:
        """A reading about pupils: audited before its answer leaves."""
        self.exiger(ressource, Action.LIRE, uai)
        reponse = await self.moyens.services.appeler(
            "eleves",
            "GET",
            chemin(session, "lycees", uai, suite),
            self.perimetre,
            params={"classe": classe} if classe else None,
        )
        await self._consigner(session, ressource, Action.LIRE, f"{uai}/{suite}")
        return reponse.json()

    async def _ecrit_pour(
        self,
        session: int,
        objet: tuple[Ressource, str, Sequence[UUID]],
        quoi: tuple[str, str],
        saisie: BaseModel | None,
        ecriture: Ecriture,
    ) -> httpx.Response:
        """``objet``: what, of which lycée, which pupils: one line of audit for each, before it is done."""
        ressource, uai, ids = objet
        methode, suite = quoi
        self.exiger(ressource, Action.ECRIRE, uai)
        la = f"{uai}/{suite}"
        vises = [la if str(i) in la else f"{la}/{i}" for i in ids] or [la]
        actes = [Acte(session, ressource, Action.ECRIRE, vise) for vise in vises]
        await self.moyens.journal.consigner(self.perimetre, *actes)
        return await self.moyens.services.appeler(
            "eleves",
            methode,
            chemin(session, "lycees", uai, suite),
            self.perimetre,
            json=saisie.model_dump(mode="json", exclude_none=True) if saisie else None,
            headers=ecriture.entetes,
        )


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetBourses:
    return GuichetBourses(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetBourses:
    return GuichetBourses(identite, outils)


ApiBourses = Annotated[GuichetBourses, Depends(_guichet_api)]
PageBourses = Annotated[GuichetBourses, Depends(_guichet_page)]
