"""What a caller asks about imports: their lines, the answers they wait for, absents, refused lines."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends

from services.gateway import contrats as c
from services.gateway import contrats_imports as ci
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens
from services.gateway.clients import chemin
from services.gateway.operations import Guichet
from services.gateway.policy import Action, Ressource
from shared.http.errors import introuvable
from shared.http.perimetre import Role


@dataclass(frozen=True, slots=True)
class GuichetImports(Guichet):
    """The gateway in front of one caller, for what concerns imports."""

    async def imports(self, session: int, limite: int) -> ci.Imports:
        """Those of the caller's lycées; all for the operator."""
        self.exiger(self._ressource(), Action.LIRE)
        return ci.Imports.model_validate(
            (await self._avec("GET", session, "imports", params={"limite": limite})).json()
        )

    async def lignes(self, session: int, import_id: UUID, filtres: Mapping[str, Any]) -> ci.PageLignes:
        """One page of a compte rendu."""
        await self._exiger_le_sien(session, import_id, Action.LIRE)
        await self._consigner(session, self._ressource(), Action.LIRE, str(import_id))
        reponse = await self._avec("GET", session, "imports", import_id, "lignes", params=filtres)
        return ci.PageLignes.model_validate(reponse.json())

    async def compte_rendu(self, session: int, import_id: UUID, stack: AsyncExitStack) -> httpx.Response:
        """The workbook, to be streamed; closed by ``stack``."""
        await self._exiger_le_sien(session, import_id, Action.LIRE)
        adresse = chemin(session, "imports", import_id, "compte-rendu.xlsx")
        reponse = await self.moyens.services.flux("ingest", adresse, self.perimetre, stack)
        await self._consigner(session, self._ressource(), Action.LIRE, f"{import_id}/compte-rendu.xlsx")
        return reponse

    async def repondre(
        self, session: int, import_id: UUID, verbe: str, *, confirme: bool = False
    ) -> c.Remontee:
        """``verbe``: integrer, confirmer or annuler."""
        await self._exiger_le_sien(session, import_id, Action.ECRIRE)
        await self._consigner(session, self._ressource(), Action.ECRIRE, f"{import_id}/{verbe}")
        params = {"confirme": confirme} if verbe == "integrer" else {}
        reponse = await self._avec("POST", session, "imports", import_id, verbe, params=params)
        return c.Remontee.model_validate(reponse.json())

    async def absents(self, session: int, uai: str) -> ci.Absents:
        self.exiger(Ressource.ELEVES, Action.LIRE, uai)
        reponse = await self._lire("ingest", chemin(session, "lycees", uai, "absents"))
        await self._consigner(session, Ressource.ELEVES, Action.LIRE, f"{uai}/absents")
        return ci.Absents.model_validate(reponse.json())

    async def rejets(self, session: int, filtres: Mapping[str, Any]) -> ci.PageRejets:
        """Refused lines, without the lines themselves; they name pupils by the end of their INE."""
        self.exiger(Ressource.REJETS, Action.LIRE)
        reponse = await self._avec("GET", session, "rejets", params=filtres)
        await self._consigner(session, Ressource.REJETS, Action.LIRE, "liste")
        return ci.PageRejets.model_validate(reponse.json())

    async def rejet(self, session: int, import_id: UUID, rang: int) -> ci.RejetEntier:
        """One refused line with its value: a nominative read."""
        self.exiger(Ressource.REJETS, Action.LIRE)
        reponse = await self._lire("ingest", chemin(session, "rejets", import_id, rang))
        await self._consigner(session, Ressource.REJETS, Action.LIRE, f"{import_id}/{rang}")
        return ci.RejetEntier.model_validate(reponse.json())

    async def corriger(self, session: int, import_id: UUID, rang: int, ligne: bytes) -> None:
        self.exiger(Ressource.REJETS, Action.ECRIRE)
        await self._consigner(session, Ressource.REJETS, Action.ECRIRE, f"{import_id}/{rang}")
        await self._avec("PUT", session, "rejets", import_id, rang, "correction", content=ligne)

    async def rejouer(self, session: int, import_id: UUID, choix: ci.ChoixRejets) -> ci.Rejeu:
        return ci.Rejeu.model_validate(await self._traiter(session, import_id, "rejouer", choix))

    async def abandonner(self, session: int, import_id: UUID, choix: ci.ChoixRejets) -> ci.RejetsAbandonnes:
        return ci.RejetsAbandonnes.model_validate(
            await self._traiter(session, import_id, "abandonner", choix)
        )

    async def _traiter(self, session: int, import_id: UUID, verbe: str, choix: ci.ChoixRejets) -> Any:
        self.exiger(Ressource.REJETS, Action.ECRIRE)
        await self._consigner(session, Ressource.REJETS, Action.ECRIRE, f"{import_id}/{verbe}")
        reponse = await self._avec("POST", session, "rejets", import_id, verbe, json=choix.model_dump())
        return reponse.json()

    async def _exiger_le_sien(self, session: int, import_id: UUID, action: Action) -> None:
        """The right over the import's lycée, which only ingest knows; the operator's is national."""
        if self._nationale:
            self.exiger(Ressource.FAITS, action)
            return
        self.exiger(Ressource.REMONTEE, Action.LIRE)
        found = c.Remontee.model_validate((await self._avec("GET", session, "imports", import_id)).json())
        if found.uai is None or not self.perimetre.voit_lycee(found.uai):
            raise introuvable()
        if action is Action.ECRIRE:
            self.exiger(Ressource.REMONTEE, Action.ECRIRE, found.uai)

    @property
    def _nationale(self) -> bool:
        return self.perimetre.role in {Role.PLATEFORME, Role.OPERATEUR}

    def _ressource(self) -> Ressource:
        return Ressource.FAITS if self._nationale else Ressource.REMONTEE

    async def _avec(self, methode: str, session: int, *parties: object, **options: Any) -> httpx.Response:
        adresse = chemin(session, *parties)
        return await self.moyens.services.appeler("ingest", methode, adresse, self.perimetre, **options)


def _guichet_api(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetImports:
    return GuichetImports(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetImports:
    return GuichetImports(identite, outils)


ApiGuichetImports = Annotated[GuichetImports, Depends(_guichet_api)]
PageGuichetImports = Annotated[GuichetImports, Depends(_guichet_page)]
