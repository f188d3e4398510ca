"""The JSON API of what lycées enter themselves: corrections, additions, sorties, tasks, remontée."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.gateway import contrats_scolarite as c
from services.gateway.api import PREFIXE, Cle, IfMatch
from services.gateway.api import router as api
from services.gateway.contrats import CodeAcademie, Session, Uai
from services.gateway.demandes import Ecriture
from services.gateway.operations_scolarite import ApiScolarite, GuichetScolarite
from shared.http.etag import poser

router = APIRouter(prefix=PREFIXE, responses=api.responses)
_LYCEE = "/sessions/{session}/lycees/{uai}"
_ELEVE = _LYCEE + "/scolarites/{eleve_id}"
Toutes = Annotated[bool, Query(description="Aussi celles qui sont réglées")]


@dataclass(frozen=True, slots=True)
class _AppelEleve:
    """One call about one pupil of a lycée, with its conditions."""

    guichet: GuichetScolarite
    response: Response
    session: int
    uai: str
    eleve_id: UUID
    ecriture: Ecriture

    async def changer(self, methode: str, suite: str, saisie: BaseModel) -> c.Scolarite:
        """412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
        quoi = (methode, f"scolarites/{self.eleve_id}/{suite}")
        montre = await self.guichet.changer(self.session, self.uai, quoi, saisie, self.ecriture)
        return _etag(self.response, montre)


def _eleve(
    guichet: ApiScolarite,
    response: Response,
    session: Session,
    uai: Uai,
    eleve_id: UUID,
    *,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> _AppelEleve:
    return _AppelEleve(
        guichet, response, session, uai, eleve_id, Ecriture(if_match=if_match, idempotence=cle)
    )


SurEleve = Annotated[_AppelEleve, Depends(_eleve)]


def _etag(response: Response, scolarite: c.Scolarite) -> c.Scolarite:
    poser(response, scolarite.version)
    return scolarite


@router.get(f"{_LYCEE}/saisies-locales", tags=["scolarité"])
async def saisies(guichet: ApiScolarite, session: Session, uai: Uai) -> c.SaisiesLocales:
    """All that the lycée entered, and what of it is still to be reported in SIECLE."""
    return await guichet.saisies(session, uai)


@router.post(f"{_LYCEE}/scolarites", status_code=201, tags=["scolarité"])
async def ajouter(
    guichet: ApiScolarite,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    saisie: c.EleveAjoute,
    cle: Cle = None,
) -> c.Scolarite:
    """409 ``eleves_proches``: he may be known; choose one of ``candidats``, or say ``nouveau``."""
    ecriture = Ecriture(idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, ("POST", "scolarites"), saisie, ecriture))


@router.get(_ELEVE, tags=["scolarité"])
async def lire(
    guichet: ApiScolarite, response: Response, session: Session, uai: Uai, *, eleve_id: UUID
) -> c.Scolarite:
    """What SIECLE says, what the lycée entered, what is in force. ``ETag``: what ``If-Match`` expects."""
    return _etag(response, await guichet.scolarite(session, uai, eleve_id))


@router.put(f"{_ELEVE}/corrections", tags=["scolarité"])
async def corriger(eleve: SurEleve, saisie: c.Correction) -> c.Scolarite:
    """412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    return await eleve.changer("PUT", "corrections", saisie)


@router.post(f"{_ELEVE}/corrections/retrait", tags=["scolarité"])
async def retirer(eleve: SurEleve, saisie: c.Retrait) -> c.Scolarite:
    return await eleve.changer("POST", "corrections/retrait", saisie)


@router.put(f"{_ELEVE}/sortie", tags=["scolarité"])
async def sortir(eleve: SurEleve, saisie: c.Sortie) -> c.Scolarite:
    return await eleve.changer("PUT", "sortie", saisie)


@router.post(f"{_ELEVE}/sortie/annulation", tags=["scolarité"])
async def annuler_sortie(eleve: SurEleve, saisie: c.Motivee) -> c.Scolarite:
    return await eleve.changer("POST", "sortie/annulation", saisie)


@router.get(f"{_LYCEE}/taches", tags=["tâches"])
async def taches_du_lycee(
    guichet: ApiScolarite, session: Session, uai: Uai, *, toutes: Toutes = False
) -> c.Taches:
    """Questions that only a person may settle, oldest first."""
    return await guichet.taches_du_lycee(session, uai, toutes=toutes)


@router.post(f"{_LYCEE}/taches/{{tache_id}}/reponse", tags=["tâches"])
async def repondre(
    guichet: ApiScolarite, session: Session, uai: Uai, tache_id: UUID, *, saisie: c.Reponse, cle: Cle = None
) -> c.Tache:
    """The lycée's answer; contradictory answers go to the operator."""
    return await guichet.repondre(session, uai, tache_id, saisie.choix, Ecriture(idempotence=cle))


@router.get("/sessions/{session}/academies/{code}/taches", tags=["tâches"])
async def taches_de_l_academie(
    guichet: ApiScolarite, session: Session, code: CodeAcademie, *, toutes: Toutes = False
) -> c.Taches:
    return await guichet.taches_de_l_academie(session, code, toutes=toutes)


@router.get("/sessions/{session}/taches", tags=["tâches"])
async def toutes_les_taches(guichet: ApiScolarite, session: Session, *, toutes: Toutes = False) -> c.Taches:
    """Of the nation, for the operator."""
    return await guichet.toutes_les_taches(session, toutes=toutes)


@router.post("/sessions/{session}/taches/{tache_id}/resolution", tags=["tâches"])
async def resoudre(
    guichet: ApiScolarite, session: Session, tache_id: UUID, *, saisie: c.Resolution, cle: Cle = None
) -> c.Tache:
    """The operator's word. A merge is not undone."""
    return await guichet.resoudre(session, tache_id, saisie, Ecriture(idempotence=cle))


@router.get(f"{_LYCEE}/remontee", tags=["remontées"])
async def bilan(guichet: ApiScolarite, session: Session, uai: Uai) -> c.Bilan:
    """State of the remontée, and what closing it now would freeze."""
    return await guichet.bilan(session, uai)


@router.post(f"{_LYCEE}/remontee/cloturer", tags=["remontées"])
async def cloturer(
    guichet: ApiScolarite, session: Session, uai: Uai, *, saisie: c.Cloture, cle: Cle = None
) -> c.Bilan:
    """Freeze the vivier initial. 409 ``effectif_change``: not the number that was confirmed."""
    return await guichet.cloturer(session, uai, saisie, Ecriture(idempotence=cle))


@router.post(f"{_LYCEE}/remontee/rouvrir", tags=["remontées"])
async def rouvrir(
    guichet: ApiScolarite, session: Session, uai: Uai, *, saisie: c.Motivee, cle: Cle = None
) -> c.Bilan:
    return await guichet.rouvrir(session, uai, saisie, Ecriture(idempotence=cle))


@router.get(f"{_LYCEE}/remontee/ecarts", tags=["remontées"])
async def ecarts(guichet: ApiScolarite, session: Session, uai: Uai) -> c.Ecarts:
    """What files said since the closing: Cordées and bourse not applied, arrivals, departures."""
    return await guichet.ecarts(session, uai)
