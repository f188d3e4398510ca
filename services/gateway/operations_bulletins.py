"""What a caller asks about bulletins: right, audit, service, answer."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.gateway import contrats_bulletins as cb
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Envoi, compte_limite, sans_silence
from services.gateway.jetons import PASSERELLE
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource

CLES = "/interne/v1/recus/cles"


@dataclass(frozen=True, slots=True)
class GuichetBulletins(Guichet):
    """The gateway in front of one caller, for what concerns bulletins."""

    async def deposer_bulletins(
        self, session: int, uai: str, envoi: Envoi, *, essai: bool | None
    ) -> cb.DepotBulletins:
        """Hand a notes file over to ingest as it arrives; the receipt is signed there."""
        self.exiger(Ressource.REMONTEE, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.REMONTEE, Action.ECRIRE, f"{uai}/bulletins")
        reglages = self.moyens.settings
        corps = compte_limite(
            sans_silence(envoi.morceaux, reglages.body_timeout_s), reglages.upload_max_bytes
        )
        demande = {"nom": envoi.nom, "confirme": envoi.confirme}
        reponse = await self.moyens.services.televerser(
            "ingest",
            chemin(session, "lycees", uai, "bulletins"),
            self.perimetre,
            corps,
            headers={"Content-Type": envoi.genre},
            params=demande if essai is None else {**demande, "essai": essai},
        )
        return cb.DepotBulletins.model_validate(reponse.json())

    async def recu(self, session: int, uai: str, import_id: UUID) -> cb.RecuDepot:
        """The receipt of a deposit, again."""
        self.exiger(Ressource.REMONTEE, Action.ECRIRE, uai)
        adresse = chemin(session, "lycees", uai, "bulletins", "depots", import_id, "recu")
        return cb.RecuDepot.model_validate((await self._lire("ingest", adresse)).json())

    async def recapitulatif(self, session: int, uai: str, classe: str | None) -> cb.RecapitulatifBulletins:
        """What each pupil's bulletins lack: a nominative read."""
        self.exiger(Ressource.BULLETINS, Action.LIRE, uai)
        reponse = await self.moyens.services.appeler(
            "ingest",
            "GET",
            chemin(session, "lycees", uai, "bulletins", "recapitulatif"),
            self.perimetre,
            params={} if classe is None else {"classe": classe},
        )
        found = cb.RecapitulatifBulletins.model_validate(reponse.json())
        await self._consigner(session, Ressource.BULLETINS, Action.LIRE, uai)
        return found


async def cles_des_recus(outils: Moyens) -> cb.ClesPubliques:
    """Public keys of the receipts, for anybody."""
    reponse = await outils.services.appeler("ingest", "GET", CLES, PASSERELLE)
    return cb.ClesPubliques.model_validate(reponse.json())


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetBulletins:
    return GuichetBulletins(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetBulletins:
    return GuichetBulletins(identite, outils)


ApiGuichetBulletins = Annotated[GuichetBulletins, Depends(_guichet_api)]
PageGuichetBulletins = Annotated[GuichetBulletins, Depends(_guichet_page)]
