"""What a caller asks about a session: its calendar and state, for all; their changes and the référentiels, for the operator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from services.gateway import contrats as c
from services.gateway import contrats_session as cs
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture, Envoi, compte_limite
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource
from shared.http.perimetre import Perimetre, Role

_POUR_TOUS = Perimetre(acteur="gateway", role=Role.PASSERELLE)
"""Who asks for those that ingest knows nothing of: they see some classes only."""


@dataclass(frozen=True, slots=True)
class GuichetSession(Guichet):
    """The gateway in front of one caller, for what concerns a session as a whole."""

    @property
    def _lecteur(self) -> Perimetre:
        """Dates are the same for everybody of the house."""
        return self.perimetre if self.perimetre.classes is None else _POUR_TOUS

    async def calendrier(self, session: int, a_la_date: datetime | None) -> cs.Calendrier:
        self.exiger(Ressource.CALENDRIER, Action.LIRE)
        params = {"a_la_date": a_la_date.isoformat()} if a_la_date else {}
        reponse = await self.moyens.services.appeler(
            "ingest", "GET", chemin(session, "calendrier"), self._lecteur, params=params
        )
        return cs.Calendrier.model_validate(reponse.json())

    async def calendrier_propose(self, session: int) -> cs.Calendrier:
        self.exiger(Ressource.CALENDRIER, Action.ECRIRE)
        reponse = await self._lire("ingest", chemin(session, "calendrier", "propose"))
        return cs.Calendrier.model_validate(reponse.json())

    async def histoire_du_calendrier(self, session: int) -> cs.HistoireCalendrier:
        self.exiger(Ressource.CALENDRIER, Action.ECRIRE)
        reponse = await self._lire("ingest", chemin(session, "calendrier", "histoire"))
        return cs.HistoireCalendrier.model_validate(reponse.json())

    async def poser_calendrier(
        self, session: int, saisie: cs.SaisieCalendrier, ecriture: Ecriture
    ) -> cs.CalendrierPose:
        self.exiger(Ressource.CALENDRIER, Action.ECRIRE)
        await self._consigner(session, Ressource.CALENDRIER, Action.ECRIRE, "calendrier")
        reponse = await self.moyens.services.appeler(
            "ingest",
            "PUT",
            chemin(session, "calendrier"),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return cs.CalendrierPose.model_validate(reponse.json())

    async def vie(self, session: int) -> cs.Vie:
        self.exiger(Ressource.CALENDRIER, Action.LIRE)
        reponse = await self.moyens.services.appeler("ingest", "GET", chemin(session, "vie"), self._lecteur)
        return cs.Vie.model_validate(reponse.json())

    async def changer_vie(self, session: int, saisie: cs.SaisieVie, ecriture: Ecriture) -> cs.Vie:
        self.exiger(Ressource.CALENDRIER, Action.ECRIRE)
        await self._consigner(session, Ressource.CALENDRIER, Action.ECRIRE, f"vie/{saisie.etat.value}")
        reponse = await self.moyens.services.appeler(
            "ingest",
            "POST",
            chemin(session, "vie"),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return cs.Vie.model_validate(reponse.json())

    async def referentiels(self, session: int) -> cs.Referentiels:
        self.exiger(Ressource.REFERENTIEL, Action.LIRE)
        reponse = await self._lire("ingest", chemin(session, "referentiels"))
        return cs.Referentiels.model_validate(reponse.json())

    async def formation(self, session: int, formation_id: str) -> cs.HistoireFormation:
        self.exiger(Ressource.REFERENTIEL, Action.LIRE)
        reponse = await self._lire("ingest", chemin(session, "referentiels", "formations", formation_id))
        return cs.HistoireFormation.model_validate(reponse.json())

    async def deposer_referentiel(self, session: int, objet: str, envoi: Envoi) -> c.DepotRecu:
        """Hand a CSV over to ingest as it arrives."""
        self.exiger(Ressource.REFERENTIEL, Action.ECRIRE)
        await self._consigner(session, Ressource.REFERENTIEL, Action.ECRIRE, objet)
        demande = {"nom": envoi.nom, "confirme": envoi.confirme}
        reponse = await self.moyens.services.televerser(
            "ingest",
            chemin(session, "referentiels", objet),
            self.perimetre,
            compte_limite(envoi.morceaux, self.moyens.settings.upload_max_bytes),
            headers={"Content-Type": envoi.genre},
            params=demande if envoi.essai is None else {**demande, "essai": envoi.essai},
        )
        return c.DepotRecu.model_validate(reponse.json())


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetSession:
    return GuichetSession(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetSession:
    return GuichetSession(identite, outils)


PageGuichetSession = Annotated[GuichetSession, Depends(_guichet_page)]
ApiGuichetSession = Annotated[GuichetSession, Depends(_guichet_api)]
