"""What a caller asks of the indicators: figures without a name, and the targets of an académie."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends

from services.gateway import contrats_indicateurs as ci
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource

TOUTES = "TOUTES"


@dataclass(frozen=True, slots=True)
class GuichetIndicateurs(Guichet):
    """The gateway in front of one caller, for figures."""

    async def lycee(
        self, session: int, uai: str, jour: date | None = None, jour_precedent: date | None = None
    ) -> ci.IndicateursLycee:
        self.exiger(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai)
        dites = _dites(jour=jour, jour_precedent=jour_precedent)
        found = await self._figures(chemin(session, "lycees", uai, "indicateurs"), dites)
        return ci.IndicateursLycee.model_validate(found)

    async def courbe(self, session: int, uai: str) -> ci.Courbe:
        self.exiger(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai)
        return ci.Courbe.model_validate(await self._figures(chemin(session, "lycees", uai, "courbe"), {}))

    async def intentions(self, session: int, uai: str, jour: date | None = None) -> ci.Intentions:
        self.exiger(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "intentions")
        return ci.Intentions.model_validate(await self._figures(adresse, _dites(jour=jour)))

    async def academie(
        self, session: int, code: str, jour: date | None = None, serie: str = TOUTES
    ) -> ci.IndicateursAcademie:
        self.exiger(Ressource.INDICATEURS_ACADEMIE, Action.LIRE, code)
        dites = _dites(jour=jour, serie=serie)
        found = await self._figures(chemin(session, "academies", code, "indicateurs"), dites)
        return ci.IndicateursAcademie.model_validate(found)

    async def nation(self, session: int, jour: date | None = None) -> ci.IndicateursNation:
        self.exiger(Ressource.INDICATEURS_NATION, Action.LIRE)
        found = await self._figures(chemin(session, "nation", "indicateurs"), _dites(jour=jour))
        return ci.IndicateursNation.model_validate(found)

    async def objectifs(self, session: int, code: str) -> ci.Objectifs:
        self.exiger(Ressource.OBJECTIFS, Action.LIRE, code)
        return ci.Objectifs.model_validate(
            await self._figures(chemin(session, "academies", code, "objectifs"), {})
        )

    async def histoire(self, session: int, code: str, indicateur: str, serie: str) -> ci.HistoireObjectif:
        self.exiger(Ressource.OBJECTIFS, Action.LIRE, code)
        adresse = chemin(session, "academies", code, "objectifs", indicateur, serie)
        return ci.HistoireObjectif.model_validate(await self._figures(adresse, {}))

    async def poser_objectif(
        self,
        session: int,
        code: str,
        vise: tuple[str, str],
        saisie: ci.SaisieObjectif,
        ecriture: Ecriture,
    ) -> ci.Objectif:
        """``vise``: indicator and série."""
        self.exiger(Ressource.OBJECTIFS, Action.ECRIRE, code)
        await self._consigner(session, Ressource.OBJECTIFS, Action.ECRIRE, f"{code}/{vise[0]}/{vise[1]}")
        reponse = await self.moyens.services.appeler(
            "indicators",
            "PUT",
            chemin(session, "academies", code, "objectifs", *vise),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return ci.Objectif.model_validate(reponse.json())

    async def _figures(self, adresse: str, dites: dict[str, str]) -> Any:
        reponse = await self.moyens.services.appeler(
            "indicators", "GET", adresse, self.perimetre, params=dites
        )
        return reponse.json()


def _dites(**valeurs: date | str | None) -> dict[str, str]:
    return {nom: str(valeur) for nom, valeur in valeurs.items() if valeur is not None}


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetIndicateurs:
    return GuichetIndicateurs(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetIndicateurs:
    return GuichetIndicateurs(identite, outils)


ApiIndicateurs = Annotated[GuichetIndicateurs, Depends(_guichet_api)]
PageIndicateurs = Annotated[GuichetIndicateurs, Depends(_guichet_page)]
