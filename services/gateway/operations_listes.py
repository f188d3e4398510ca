"""What a caller asks about lists beside their pupils: counts, filters, visits, his own views."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.gateway import contrats_listes as cl
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource


@dataclass(frozen=True, slots=True)
class GuichetListes(Guichet):
    """The gateway in front of one caller, for the lists of a lycée. Counts and filters name nobody."""

    async def listes(self, session: int, uai: str, a_la_date: datetime | None = None) -> cl.Catalogue:
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        reponse = await self.moyens.services.appeler(
            "eleves",
            "GET",
            chemin(session, "lycees", uai, "listes"),
            self.perimetre,
            params={"a_la_date": a_la_date.isoformat()} if a_la_date else {},
        )
        return cl.Catalogue.model_validate(reponse.json())

    async def facettes(self, session: int, uai: str) -> cl.Facettes:
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "filtres"))
        return cl.Facettes.model_validate(reponse.json())

    async def visiter(self, session: int, uai: str, liste: str, *, tout_vu: bool = False) -> cl.Visite:
        """What the caller sees of a list now is what his next visit is compared with."""
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "listes", liste, "visites")
        corps = {"tout_vu": tout_vu}
        reponse = await self.moyens.services.appeler("eleves", "POST", adresse, self.perimetre, json=corps)
        return cl.Visite.model_validate(reponse.json())

    async def vues(self, session: int, uai: str) -> cl.Vues:
        self.exiger(Ressource.VUES, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "vues"))
        return cl.Vues.model_validate(reponse.json())

    async def creer_vue(self, session: int, uai: str, saisie: cl.SaisieVue, ecriture: Ecriture) -> cl.Vue:
        return await self._garder(session, uai, "POST", None, saisie, ecriture)

    async def changer_vue(
        self, session: int, uai: str, vue_id: UUID, saisie: cl.SaisieVue, ecriture: Ecriture
    ) -> cl.Vue:
        return await self._garder(session, uai, "PUT", vue_id, saisie, ecriture)

    async def supprimer_vue(self, session: int, uai: str, vue_id: UUID, ecriture: Ecriture) -> None:
        self.exiger(Ressource.VUES, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.VUES, Action.ECRIRE, f"{uai}/{vue_id}")
        adresse = chemin(session, "lycees", uai, "vues", vue_id)
        await self.moyens.services.appeler(
            "eleves", "DELETE", adresse, self.perimetre, headers=ecriture.entetes
        )

    async def _garder(
        self, session: int, uai: str, methode: str, vue_id: UUID | None, *reste: cl.SaisieVue | Ecriture
    ) -> cl.Vue:
        """``reste``: the view, and the conditions of the write."""
        saisie, ecriture = reste
        assert isinstance(saisie, cl.SaisieVue)  # noqa: S101 - told apart for the type checker
        assert isinstance(ecriture, Ecriture)  # noqa: S101
        self.exiger(Ressource.VUES, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.VUES, Action.ECRIRE, f"{uai}/{vue_id or saisie.liste}")
        reponse = await self.moyens.services.appeler(
            "eleves",
            methode,
            chemin(session, "lycees", uai, "vues", *([vue_id] if vue_id else [])),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return cl.Vue.model_validate(reponse.json())


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetListes:
    return GuichetListes(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetListes:
    return GuichetListes(identite, outils)


ApiListes = Annotated[GuichetListes, Depends(_guichet_api)]
PageListes = Annotated[GuichetListes, Depends(_guichet_page)]
