"""What machines ask of the gateway, and what a chef asks about them: right, audit, service, answer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import Depends
from starlette.requests import ClientDisconnect

from services.gateway import contrats_machines as cm
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Role

OK = 200
_NATIONALES = frozenset({"FAITS", "BOURSES"})
"""Files of no lycée."""


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

    async def annoncer(self, session: int, saisie: cm.SaisieTeleversement) -> tuple[cm.Televersement, bool]:
        """An upload, and whether it was open already."""
        self._exiger_envoi(saisie.nature, saisie.uai)
        objet = f"{saisie.uai or saisie.nature}/{saisie.sha256[:16]}"
        await self._consigner(session, self._ressource, Action.ECRIRE, objet)
        reponse = await self.moyens.services.appeler(
            "ingest", "POST", chemin(session, "televersements"), self.perimetre, json=saisie.model_dump()
        )
        return cm.Televersement.model_validate(reponse.json()), reponse.status_code == OK

    async def televersement(self, session: int, identifiant: UUID) -> cm.Televersement:
        self._exiger_envoyeur()
        reponse = await self._lire("ingest", chemin(session, "televersements", identifiant))
        return cm.Televersement.model_validate(reponse.json())

    async def envoyer(
        self, session: int, identifiant: UUID, offset: int, morceaux: AsyncIterator[bytes]
    ) -> cm.Televersement:
        """Hand the bytes over as they come; nothing is kept here."""
        self._exiger_envoyeur()
        try:
            reponse = await self.moyens.services.televerser(
                "ingest",
                chemin(session, "televersements", identifiant),
                self.perimetre,
                morceaux,
                methode="PATCH",
                params={"offset": offset},
            )
        except ClientDisconnect as erreur:
            raise Refus(400, "parti", "L’envoi s’est interrompu : reprenez-le.") from erreur
        return cm.Televersement.model_validate(reponse.json())

    async def annuler_envoi(self, session: int, identifiant: UUID) -> None:
        self._exiger_envoyeur()
        await self._consigner(session, self._ressource, Action.ECRIRE, f"{identifiant}/annulation")
        adresse = chemin(session, "televersements", identifiant)
        await self.moyens.services.appeler("ingest", "DELETE", adresse, self.perimetre)

    async def retour(self, session: int, page: cm.PageRetour, stack: AsyncExitStack) -> httpx.Response:
        """The feed, to be streamed; closed by ``stack``. It names candidates: audited before it leaves."""
        self.exiger(Ressource.RETOUR, Action.LIRE)
        delai = httpx.Timeout(page.attendre + self.moyens.settings.upstream_timeout_s)
        reponse = await self.moyens.services.flux(
            "ingest",
            chemin(session, "retour"),
            self.perimetre,
            stack,
            params=page.model_dump(),
            timeout=delai,
        )
        if reponse.headers.get("Pilotage-Curseur") != str(page.apres):
            objet = f"{page.apres}-{reponse.headers['Pilotage-Curseur']}"
            await self._consigner(session, Ressource.RETOUR, Action.LIRE, objet)
        return reponse

    async def non_acquittes(self, session: int, page: cm.PageNonAcquittes) -> cm.NonAcquittes:
        """What the platform has not taken, by ids."""
        self.exiger(Ressource.RETOUR_ETAT, Action.LIRE)
        adresse = chemin(session, "retour", "non-acquittes")
        parametres = page.model_dump(mode="json", exclude_none=True)
        reponse = await self.moyens.services.appeler(
            "ingest", "GET", adresse, self.perimetre, params=parametres
        )
        await self._consigner(session, Ressource.RETOUR_ETAT, Action.LIRE, str(page.objet or "tous"))
        return cm.NonAcquittes.model_validate(reponse.json())

    async def retour_du_lycee(self, session: int, uai: str) -> cm.RetourLycee:
        self.exiger(Ressource.RETOUR_LYCEE, Action.LIRE, uai)
        reponse = await self._lire("ingest", chemin(session, "lycees", uai, "retour"))
        return cm.RetourLycee.model_validate(reponse.json())

    @property
    def _ressource(self) -> Ressource:
        """What an upload of this caller is about."""
        nationaux = (Role.PLATEFORME, Role.OPERATEUR)
        return Ressource.FAITS if self.perimetre.role in nationaux else Ressource.REMONTEE

    def _exiger_envoi(self, nature: str, uai: str | None) -> None:
        if (self._ressource is Ressource.FAITS) is not (nature in _NATIONALES):
            raise introuvable()
        self.exiger(self._ressource, Action.ECRIRE, uai or "")

    def _exiger_envoyeur(self) -> None:
        """Whose the upload is, ingest knows."""
        objet = self.perimetre.lycees[0] if self.perimetre.lycees else ""
        self.exiger(self._ressource, Action.ECRIRE, objet)


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetMachines:
    return GuichetMachines(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetMachines:
    return GuichetMachines(identite, outils)


ApiGuichetMachines = Annotated[GuichetMachines, Depends(_guichet_api)]
PageGuichetMachines = Annotated[GuichetMachines, Depends(_guichet_page)]
