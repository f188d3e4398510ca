"""What a caller asks of the gateway, for the API and the site alike: right, service, audit, answer.

A nominative read is audited before its answer leaves, a write before it is done.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import Depends

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway import domain
from services.gateway.auth import ApiIdentite, Identite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.contrats_dossier import Dossier
from services.gateway.demandes import DemandeFile, Ecriture, Envoi, Recherche, compte_limite
from services.gateway.policy import Action, Ressource, permis
from services.gateway.store import Acte
from shared.events.modeles import Capacite
from shared.http.errors import introuvable
from shared.http.perimetre import Perimetre, Role


@dataclass(frozen=True, slots=True)
class Guichet:
    """The gateway in front of one caller."""

    identite: Identite
    moyens: Moyens

    @property
    def perimetre(self) -> Perimetre:
        return self.identite.perimetre

    async def indicateurs_academie(self, session: int, code: str) -> ci.IndicateursAcademie:
        """All séries together of each lycée."""
        self.exiger(Ressource.INDICATEURS_ACADEMIE, Action.LIRE, code)
        reponse = await self.moyens.services.appeler(
            "indicators",
            "GET",
            chemin(session, "academies", code, "indicateurs"),
            self.perimetre,
            params={"serie": "ENSEMBLE"},
        )
        return ci.IndicateursAcademie.model_validate(reponse.json())

    async def eleves(self, session: int, uai: str, recherche: Recherche) -> c.PageEleves:
        """One page of a nominative list."""
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "eleves", "recherche")
        reponse = await self.moyens.services.appeler(
            "eleves", "POST", adresse, self.perimetre, json=recherche.corps
        )
        page = c.PageEleves.model_validate(reponse.json())
        await self._consigner(session, Ressource.ELEVES, Action.LIRE, f"{uai}/{recherche.liste}")
        return page

    async def file(self, session: int, uai: str, demande: DemandeFile) -> c.FileDuJour:
        """« À accompagner aujourd’hui »: a page of the queue."""
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "file")
        reponse = await self.moyens.services.appeler(
            "eleves", "POST", adresse, self.perimetre, json=demande.corps
        )
        await self._consigner(session, Ressource.ELEVES, Action.LIRE, f"{uai}/file")
        return c.FileDuJour.model_validate(reponse.json())

    async def dossier(self, session: int, eleve_id: UUID) -> Dossier:
        """Of that pupil, or of the one that he turned out to be."""
        self.exiger(Ressource.DOSSIER, Action.LIRE)
        reponse = await self._lire("eleves", chemin(session, "eleves", eleve_id))
        dossier = Dossier.model_validate(reponse.json())
        if dossier.uai is None or not self.perimetre.voit_classe(dossier.uai, dossier.classe):
            raise introuvable()
        await self._consigner(session, Ressource.DOSSIER, Action.LIRE, str(dossier.eleve_id))
        return dossier

    async def avis(self, session: int, eleve_id: UUID) -> tuple[c.Avis, ...]:
        """Every avis written for a pupil."""
        self.exiger(Ressource.AVIS, Action.LIRE)
        reponse = await self._lire("avenir", chemin(session, "eleves", eleve_id, "avis"))
        avis = c.FicheAvis.model_validate(reponse.json()).avis
        await self._consigner(session, Ressource.AVIS, Action.LIRE, str(eleve_id))
        return avis

    async def un_avis(self, session: int, eleve_id: UUID, cible: str) -> c.Avis:
        for avis in await self.avis(session, eleve_id):
            if avis.cible == cible:
                return avis
        raise introuvable()

    async def rendre_avis(
        self, session: int, eleve_id: UUID, cible: str, capacite: Capacite | None, ecriture: Ecriture
    ) -> c.Avis:
        """Write, change or erase (None) one avis."""
        self.exiger(Ressource.AVIS, Action.ECRIRE)
        await self._consigner(session, Ressource.AVIS, Action.ECRIRE, f"{eleve_id}/{cible}")
        reponse = await self.moyens.services.appeler(
            "avenir",
            "PUT",
            chemin(session, "eleves", eleve_id, "avis", cible),
            self.perimetre,
            json={"capacite": capacite},
            headers=ecriture.entetes,
        )
        return c.Avis.model_validate(reponse.json())

    async def demander_export(
        self, session: int, uai: str, demande: c.DemandeExport, ecriture: Ecriture
    ) -> c.Export:
        self.exiger(Ressource.EXPORT, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.EXPORT, Action.ECRIRE, f"{uai}/{demande.liste}")
        reponse = await self.moyens.services.appeler(
            "exports",
            "POST",
            chemin(session, "lycees", uai, "exports"),
            self.perimetre,
            json=demande.model_dump(mode="json", exclude_defaults=True),
            headers=ecriture.entetes,
        )
        return c.Export.model_validate(reponse.json())

    async def export(self, session: int, uai: str, export_id: UUID) -> c.Export:
        self.exiger(Ressource.EXPORT, Action.LIRE, uai)
        reponse = await self._lire("exports", chemin(session, "lycees", uai, "exports", export_id))
        return c.Export.model_validate(reponse.json())

    async def fichier(self, session: int, uai: str, export_id: UUID, stack: AsyncExitStack) -> httpx.Response:
        """The workbook, to be streamed; closed by ``stack``."""
        self.exiger(Ressource.EXPORT, Action.LIRE, uai)
        adresse = chemin(session, "lycees", uai, "exports", export_id, "fichier")
        reponse = await self.moyens.services.flux("exports", adresse, self.perimetre, stack)
        await self._consigner(session, Ressource.EXPORT, Action.LIRE, f"{uai}/{export_id}")
        return reponse

    async def remonter(self, session: int, uai: str, envoi: Envoi) -> c.DepotRecu:
        """Hand a SIECLE file over to ingest as it arrives."""
        self.exiger(Ressource.REMONTEE, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.REMONTEE, Action.ECRIRE, uai)
        demande = {"nom": envoi.nom, "confirme": envoi.confirme}
        reponse = await self.moyens.services.televerser(
            "ingest",
            chemin(session, "lycees", uai, "siecle"),
            self.perimetre,
            compte_limite(envoi.morceaux, self.moyens.settings.upload_max_bytes),
            headers={"Content-Type": envoi.genre},
            params=demande if envoi.essai is None else {**demande, "essai": envoi.essai},
        )
        return c.DepotRecu.model_validate(reponse.json())

    async def remontee(self, session: int, import_id: UUID) -> c.Remontee:
        """State and compte rendu of an import; it names pupils by the end of their INE."""
        nationale = self.perimetre.role in {Role.PLATEFORME, Role.OPERATEUR}
        ressource = Ressource.FAITS if nationale else Ressource.REMONTEE
        self.exiger(ressource, Action.LIRE)
        reponse = await self._lire("ingest", chemin(session, "imports", import_id))
        found = c.Remontee.model_validate(reponse.json())
        if not nationale and (found.uai is None or not self.perimetre.voit_lycee(found.uai)):
            raise introuvable()
        await self._consigner(session, ressource, Action.LIRE, str(import_id))
        return found

    async def etat_des_services(self) -> dict[str, tuple[bool, list[str]]]:
        self.exiger(Ressource.SERVICES, Action.LIRE)
        noms = tuple(domain.SERVICES)
        etats = await asyncio.gather(*(self.moyens.services.pret(nom) for nom in noms))
        return dict(zip(noms, etats, strict=True))

    def exiger(self, ressource: Ressource, action: Action, objet: str = "") -> None:
        """Raises Refus 404 when the caller has not the right: what he may not see does not exist."""
        if not permis(self.perimetre, ressource, action, objet):
            raise introuvable()

    def peut(self, ressource: Ressource, action: Action, objet: str = "") -> bool:
        """The same without a refusal: what a page leaves out."""
        return permis(self.perimetre, ressource, action, objet)

    async def _consigner(self, session: int, ressource: Ressource, action: Action, objet: str) -> None:
        await self.moyens.journal.consigner(self.perimetre, Acte(session, ressource, action, objet))

    async def _lire(self, service: str, adresse: str) -> httpx.Response:
        return await self.moyens.services.appeler(service, "GET", adresse, self.perimetre)


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> Guichet:
    return Guichet(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> Guichet:
    return Guichet(identite, outils)


ApiGuichet = Annotated[Guichet, Depends(_guichet_api)]
PageGuichet = Annotated[Guichet, Depends(_guichet_page)]
