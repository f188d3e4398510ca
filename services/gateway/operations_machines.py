"""What machines ask of the gateway, and what a chef asks about them: right, audit, service, answer."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.gateway import contrats_machines as cm
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource


@dataclass(frozen=True, slots=True)
class GuichetMachines(Guichet):
    """The gateway in front of one caller, for what concerns machines."""

    async def consigner_jeton(self) -> None:
        """A token is given once its audit row is durable."""
        self.exiger(Ressource.JETON, Action.ECRIRE)
        await self._consigner(
            self.moyens.settings.session, Ressource.JETON, Action.ECRIRE, self.perimetre.acteur
        )

    async def logiciels(self, session: int, uai: str) -> tuple[cm.Logiciel, ...]:
        self.exiger(Ressource.LOGICIELS, Action.LIRE, uai)
        reponse = await self._lire("ingest", chemin(session, "lycees", uai, "logiciels"))
        return cm.Logiciels.model_validate(reponse.json()).logiciels

    async def creer_logiciel(self, session: int, uai: str, saisie: cm.SaisieLogiciel) -> cm.LogicielCree:
        self.exiger(Ressource.LOGICIELS, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.LOGICIELS, Action.ECRIRE, f"{uai}/creation")
        adresse = chemin(session, "lycees", uai, "logiciels")
        reponse = await self.moyens.services.appeler(
            "ingest", "POST", adresse, self.perimetre, json=saisie.model_dump()
        )
        return cm.LogicielCree.model_validate(reponse.json())

    async def revoquer_logiciel(self, session: int, uai: str, client_id: str) -> None:
        self.exiger(Ressource.LOGICIELS, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.LOGICIELS, Action.ECRIRE, f"{uai}/{client_id}/revocation")
        adresse = chemin(session, "lycees", uai, "logiciels", client_id)
        await self.moyens.services.appeler("ingest", "DELETE", adresse, self.perimetre)


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetMachines:
    return GuichetMachines(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetMachines:
    return GuichetMachines(identite, outils)


ApiGuichetMachines = Annotated[GuichetMachines, Depends(_guichet_api)]
PageGuichetMachines = Annotated[GuichetMachines, Depends(_guichet_page)]
