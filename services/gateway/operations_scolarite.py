"""What a caller asks about scolarités, tasks and the closing of a remontée: right, audit, service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends
from pydantic import BaseModel

from services.gateway import contrats_machines as cm
from services.gateway import contrats_scolarite as c
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource


@dataclass(frozen=True, slots=True)
class GuichetScolarite(Guichet):
    """The gateway in front of one caller, for what lycées enter themselves."""

    async def saisies(self, session: int, uai: str) -> c.SaisiesLocales:
        reponse = await self._lire_la(session, Ressource.SCOLARITE, uai, "saisies-locales")
        return c.SaisiesLocales.model_validate(reponse.json())

    async def scolarite(self, session: int, uai: str, eleve_id: UUID) -> c.Scolarite:
        reponse = await self._lire_la(session, Ressource.SCOLARITE, uai, f"scolarites/{eleve_id}")
        return c.Scolarite.model_validate(reponse.json())

    async def changer(
        self, session: int, uai: str, quoi: tuple[str, str], saisie: BaseModel, ecriture: Ecriture
    ) -> c.Scolarite:
        """``quoi``: method and path under the lycée."""
        methode, suite = quoi
        reponse = await self._ecrire(session, Ressource.SCOLARITE, uai, methode, suite, saisie, ecriture)
        return c.Scolarite.model_validate(reponse.json())

    async def noms(self, session: int, uai: str, ids: Sequence[UUID]) -> dict[UUID, c.Nomme]:
        """Names of the pupils followed in the lycée; the others are left out."""
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        if not ids:
            return {}
        corps = {"ids": [str(eleve_id) for eleve_id in dict.fromkeys(ids)]}
        adresse = chemin(session, "lycees", uai, "noms")
        reponse = await self.moyens.services.appeler("eleves", "POST", adresse, self.perimetre, json=corps)
        await self._consigner(session, Ressource.ELEVES, Action.LIRE, f"{uai}/noms")
        return {un.eleve_id: un for un in c.Noms.model_validate(reponse.json()).eleves}

    async def retour(self, session: int, uai: str) -> cm.RetourLycee:
        """What the platform has not taken of the lycée's entries, in counts."""
        self.exiger(Ressource.RETOUR_LYCEE, Action.LIRE, uai)
        reponse = await self._lire("ingest", chemin(session, "lycees", uai, "retour"))
        return cm.RetourLycee.model_validate(reponse.json())

    async def taches_du_lycee(self, session: int, uai: str, *, toutes: bool) -> c.Taches:
        self.exiger(Ressource.TACHES, Action.LIRE, uai)
        return await self._taches(session, uai, uai=uai, toutes=toutes)

    async def taches_de_l_academie(self, session: int, code: str, *, toutes: bool) -> c.Taches:
        self.exiger(Ressource.TACHES, Action.LIRE, code)
        return await self._taches(session, code, academie=code, toutes=toutes)

    async def toutes_les_taches(self, session: int, *, toutes: bool) -> c.Taches:
        self.exiger(Ressource.TACHES_NATION, Action.LIRE)
        return await self._taches(session, "nation", toutes=toutes)

    async def repondre(
        self, session: int, uai: str, tache_id: UUID, choix: c.Choix, ecriture: Ecriture
    ) -> c.Tache:
        self.exiger(Ressource.TACHES, Action.ECRIRE, uai)
        corps = {"choix": choix.value, "uai": uai}
        return await self._trancher(session, Ressource.TACHES, tache_id, corps, ecriture)

    async def resoudre(
        self, session: int, tache_id: UUID, saisie: c.Resolution, ecriture: Ecriture
    ) -> c.Tache:
        self.exiger(Ressource.TACHES_NATION, Action.ECRIRE)
        corps = saisie.model_dump(mode="json", exclude_none=True)
        return await self._trancher(session, Ressource.TACHES_NATION, tache_id, corps, ecriture)

    async def bilan(self, session: int, uai: str) -> c.Bilan:
        reponse = await self._lire_la(session, Ressource.CLOTURE, uai, "remontee")
        return c.Bilan.model_validate(reponse.json())

    async def cloturer(self, session: int, uai: str, saisie: c.Cloture, ecriture: Ecriture) -> c.Bilan:
        return await self._clore(session, Ressource.CLOTURE, uai, "cloturer", saisie, ecriture)

    async def rouvrir(self, session: int, uai: str, saisie: c.Motivee, ecriture: Ecriture) -> c.Bilan:
        return await self._clore(session, Ressource.REOUVERTURE, uai, "rouvrir", saisie, ecriture)

    async def ecarts(self, session: int, uai: str) -> c.Ecarts:
        reponse = await self._lire_la(session, Ressource.CLOTURE, uai, "remontee/ecarts")
        return c.Ecarts.model_validate(reponse.json())

    async def _clore(self, session: int, ressource: Ressource, uai: str, verbe: str, *reste: Any) -> c.Bilan:
        reponse = await self._ecrire(session, ressource, uai, "POST", f"remontee/{verbe}", *reste)
        return c.Bilan.model_validate(reponse.json())

    async def _lire_la(self, session: int, ressource: Ressource, uai: str, suite: str) -> httpx.Response:
        """A reading about pupils: audited before its answer leaves."""
        self.exiger(ressource, Action.LIRE, uai)
        reponse = await self._lire("ingest", chemin(session, "lycees", uai, suite))
        await self._consigner(session, ressource, Action.LIRE, f"{uai}/{suite}")
        return reponse

    async def _ecrire(
        self, session: int, ressource: Ressource, uai: str, methode: str, suite: str, *reste: Any
    ) -> httpx.Response:
        """``reste``: the body, and the conditions of the write. Audited before it is done."""
        saisie, ecriture = reste
        self.exiger(ressource, Action.ECRIRE, uai)
        await self._consigner(session, ressource, Action.ECRIRE, f"{uai}/{suite}")
        return await self.moyens.services.appeler(
            "ingest",
            methode,
            chemin(session, "lycees", uai, suite),
            self.perimetre,
            json=saisie.model_dump(mode="json", exclude_none=True),
            headers=ecriture.entetes,
        )

    async def _taches(self, session: int, objet: str, **params: Any) -> c.Taches:
        reponse = await self.moyens.services.appeler(
            "ingest", "GET", chemin(session, "taches"), self.perimetre, params=params
        )
        await self._consigner(session, Ressource.TACHES, Action.LIRE, objet)
        return c.Taches.model_validate(reponse.json())

    async def _trancher(
        self, session: int, ressource: Ressource, tache_id: UUID, corps: dict[str, Any], ecriture: Ecriture
    ) -> c.Tache:
        await self._consigner(session, ressource, Action.ECRIRE, f"{tache_id}/{corps['choix']}")
        reponse = await self.moyens.services.appeler(
            "ingest",
            "POST",
            chemin(session, "taches", tache_id, "reponse"),
            self.perimetre,
            json=corps,
            headers=ecriture.entetes,
        )
        return c.Tache.model_validate(reponse.json())


def _guichet(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetScolarite:
    return GuichetScolarite(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetScolarite:
    return GuichetScolarite(identite, outils)


PageScolarite = Annotated[GuichetScolarite, Depends(_guichet_page)]
ApiScolarite = Annotated[GuichetScolarite, Depends(_guichet)]
