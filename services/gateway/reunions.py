"""Two dossiers of one pupil: the JSON API, and what the pages of the questions and of the dossier send."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.gateway import contrats_reunions as c
from services.gateway.api import PREFIXE, Cle
from services.gateway.api import router as api
from services.gateway.auth import ApiIdentite, Moyens, PageIdentite, moyens, verifier_jeton
from services.gateway.clients import chemin
from services.gateway.contrats import Session, Uai
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.pages import Jeton, ou_panne, session_de
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus

router = APIRouter(prefix=PREFIXE, responses=api.responses)
pages = APIRouter(include_in_schema=False)
_LYCEE = "/sessions/{session}/lycees/{uai}"


@dataclass(frozen=True, slots=True)
class GuichetReunions(Guichet):
    """The gateway in front of one caller, for pupils who were two."""

    async def fusions(self, session: int, uai: str | None) -> c.Reunions:
        ressource = Ressource.TACHES if uai else Ressource.TACHES_NATION
        self.exiger(ressource, Action.LIRE, uai or "")
        params = {"uai": uai} if uai else {}
        adresse = chemin(session, "fusions")
        reponse = await self.moyens.services.appeler("ingest", "GET", adresse, self.perimetre, params=params)
        await self._consigner(session, ressource, Action.LIRE, f"{uai or 'nation'}/fusions")
        return c.Reunions.model_validate(reponse.json())

    async def separer(
        self, session: int, uai: str | None, perdant: UUID, saisie: c.Separation, ecriture: Ecriture
    ) -> c.DossiersReunis:
        ressource = Ressource.TACHES if uai else Ressource.TACHES_NATION
        self.exiger(ressource, Action.ECRIRE, uai or "")
        await self._consigner(session, ressource, Action.ECRIRE, f"{perdant}/separation")
        adresse = chemin(session, "fusions", perdant, "annulation")
        return c.DossiersReunis.model_validate(await self._envoyer("ingest", adresse, saisie, ecriture))

    async def doubles(self, session: int, uai: str) -> c.DoublesSaisies:
        self.exiger(Ressource.TACHES, Action.LIRE, uai)
        reponse = await self._lire("eleves", chemin(session, "lycees", uai, "reunions"))
        await self._consigner(session, Ressource.TACHES, Action.LIRE, f"{uai}/reunions")
        return c.DoublesSaisies.model_validate(reponse.json())

    async def regler(self, session: int, uai: str, regle: c.Regle) -> None:
        self.exiger(Ressource.TACHES, Action.ECRIRE, uai)
        await self._consigner(session, Ressource.TACHES, Action.ECRIRE, f"{regle.origine}/{regle.objet}")
        await self._envoyer(
            "eleves", chemin(session, "lycees", uai, "reunions", "reglement"), regle, Ecriture()
        )

    async def _envoyer(self, service: str, adresse: str, saisie: Any, ecriture: Ecriture) -> Any:
        corps = saisie.model_dump(mode="json")
        reponse = await self.moyens.services.appeler(
            service, "POST", adresse, self.perimetre, json=corps, headers=ecriture.entetes
        )
        return reponse.json()


def _guichet(identite: ApiIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetReunions:
    return GuichetReunions(identite, outils)


def _guichet_page(identite: PageIdentite, outils: Annotated[Moyens, Depends(moyens)]) -> GuichetReunions:
    return GuichetReunions(identite, outils)


async def deux_dossiers(guichet: Guichet, session: int, uai: str) -> dict[str, Any]:
    """What the tab of the questions shows of them: merges of the lycée, and what was typed twice."""
    sien = GuichetReunions(guichet.identite, guichet.moyens)
    reunis, doubles = await asyncio.gather(
        ou_panne(sien.fusions(session, uai)), ou_panne(sien.doubles(session, uai))
    )
    return {
        "fusions": () if isinstance(reunis, Refus) else reunis.fusions,
        "doubles": () if isinstance(doubles, Refus) else doubles.conflits,
    }


ApiReunions = Annotated[GuichetReunions, Depends(_guichet)]
PageReunions = Annotated[GuichetReunions, Depends(_guichet_page)]


@router.get(f"{_LYCEE}/fusions", tags=["tâches"])
async def fusions_du_lycee(guichet: ApiReunions, session: Session, uai: Uai) -> c.Reunions:
    """Pupils who were two, the last first, and until when it may be taken back."""
    return await guichet.fusions(session, uai)


@router.get("/sessions/{session}/fusions", tags=["tâches"])
async def fusions(guichet: ApiReunions, session: Session) -> c.Reunions:
    """Of the nation, for the operator."""
    return await guichet.fusions(session, None)


@router.post(f"{_LYCEE}/fusions/{{perdant}}/annulation", tags=["tâches"])
async def separer(
    guichet: ApiReunions, session: Session, uai: Uai, perdant: UUID, *, saisie: c.Separation, cle: Cle = None
) -> c.DossiersReunis:
    """Both get a new id and what is theirs. 409: too late, or not the last merge; 422: not confirmed."""
    return await guichet.separer(session, uai, perdant, saisie, Ecriture(idempotence=cle))


@router.post("/sessions/{session}/fusions/{perdant}/annulation", tags=["tâches"])
async def separer_partout(
    guichet: ApiReunions, session: Session, perdant: UUID, *, saisie: c.Separation, cle: Cle = None
) -> c.DossiersReunis:
    """The same by the operator."""
    return await guichet.separer(session, None, perdant, saisie, Ecriture(idempotence=cle))


@router.get(f"{_LYCEE}/reunions", tags=["tâches"])
async def doubles(guichet: ApiReunions, session: Session, uai: Uai) -> c.DoublesSaisies:
    """What was typed differently in two dossiers of one pupil, until somebody has looked."""
    return await guichet.doubles(session, uai)


@router.post(f"{_LYCEE}/reunions/reglement", status_code=204, tags=["tâches"])
async def regler(guichet: ApiReunions, session: Session, uai: Uai, *, saisie: c.Regle) -> Response:
    """Both were compared; what stands stands."""
    await guichet.regler(session, uai, saisie)
    return Response(status_code=204)


@pages.post("/lycees/{uai}/scolarite/fusions/{perdant}")
async def separer_page(
    request: Request,
    guichet: PageReunions,
    uai: Uai,
    perdant: UUID,
    *,
    jeton: Jeton = "",
    motif: Annotated[str, Form(max_length=300)] = "",
    confirme: Annotated[bool, Form()] = False,
    cle: Annotated[UUID | None, Form()] = None,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    try:
        saisie = c.Separation(motif=motif, confirme=confirme)
    except ValidationError as erreur:
        raise Refus(
            422, "motif", "Dites pourquoi ces deux dossiers n’auraient pas dû être réunis."
        ) from erreur
    ecriture = Ecriture(idempotence=str(cle) if cle else None)
    await guichet.separer(session_de(request), uai, perdant, saisie, ecriture)
    return RedirectResponse(f"/lycees/{uai}/scolarite?onglet=taches&fait=separe", 303)


@pages.post("/lycees/{uai}/scolarite/doubles")
async def regler_page(
    request: Request,
    guichet: PageReunions,
    uai: Uai,
    *,
    jeton: Jeton = "",
    origine: Annotated[UUID, Form()],
    objet: Annotated[c.Objet, Form()],
    eleve: Annotated[UUID, Form()],
    cle_objet: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Back to the dossier, where both were shown."""
    verifier_jeton(guichet.identite, jeton)
    await guichet.regler(session_de(request), uai, c.Regle(origine=origine, objet=objet, cle=cle_objet))
    return RedirectResponse(f"/lycees/{uai}/eleves/{eleve}?fait=reunion", 303)
