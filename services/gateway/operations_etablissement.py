"""What a caller asks about a lycée's settings: right, audit, service. They name teachers: readings are audited."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.gateway import contrats_etablissement as ce
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource

_THEME = "etablissement"


@dataclass(frozen=True, slots=True)
class GuichetEtablissement(Guichet):
    """The gateway in front of one caller, for a lycée's settings."""

    async def etablissement(self, session: int, uai: str) -> ce.Etablissement:
        self.exiger(Ressource.ETABLISSEMENT, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, _THEME))
        await self._consigner(session, Ressource.ETABLISSEMENT, Action.LIRE, uai)
        return ce.Etablissement.model_validate(reponse.json())

    async def historique(self, session: int, uai: str) -> ce.HistoriqueEtablissement:
        self.exiger(Ressource.ETABLISSEMENT, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, _THEME, "historique"))
        await self._consigner(session, Ressource.ETABLISSEMENT, Action.LIRE, f"{uai}/historique")
        return ce.HistoriqueEtablissement.model_validate(reponse.json())

    async def enregistrer(
        self, session: int, uai: str, saisie: ce.FicheSaisie, ecriture: Ecriture
    ) -> ce.Fiche:
        """Correct one fiche."""
        self.exiger(Ressource.ETABLISSEMENT, Action.ECRIRE, uai)
        objet = f"{uai}/{saisie.objet.value}"
        await self._consigner(session, Ressource.ETABLISSEMENT, Action.ECRIRE, objet)
        reponse = await self.moyens.services.appeler(
            "eleves",
            "PUT",
            chemin(session, "lycees", uai, _THEME, "fiche"),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return ce.Fiche.model_validate(reponse.json())

    async def importer_conseils(
        self, session: int, uai: str, saisie: ce.TableauSaisi, ecriture: Ecriture
    ) -> ce.CompteRenduTableau:
        self.exiger(Ressource.ETABLISSEMENT, Action.ECRIRE, uai)
        if not saisie.essai:
            await self._consigner(session, Ressource.ETABLISSEMENT, Action.ECRIRE, f"{uai}/conseils")
        reponse = await self.moyens.services.appeler(
            "eleves",
            "POST",
            chemin(session, "lycees", uai, _THEME, "conseils"),
            self.perimetre,
            json=saisie.model_dump(mode="json"),
            headers=ecriture.entetes,
        )
        return ce.CompteRenduTableau.model_validate(reponse.json())


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetEtablissement:
    return GuichetEtablissement(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetEtablissement:
    return GuichetEtablissement(identite, outils)


ApiEtablissement = Annotated[GuichetEtablissement, Depends(_guichet_api)]
PageEtablissement = Annotated[GuichetEtablissement, Depends(_guichet_page)]
