"""The JSON API of the indicators: a lycée and its curve, an académie, the nation, the targets."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway.api import PREFIXE, REPONSES, IfMatch
from services.gateway.demandes import Ecriture
from services.gateway.operations_indicateurs import TOUTES, ApiIndicateurs
from shared.http.etag import poser

router = APIRouter(prefix=PREFIXE, responses=REPONSES, tags=["indicateurs"])
Jour = Annotated[
    date | None, Query(description="Fin de ce jour, comme on le savait alors ; absent : maintenant")
]
JourPrecedent = Annotated[date | None, Query(description="Jour de la session précédente auquel comparer")]
Serie = Annotated[
    str, Query(max_length=40, description="Série des lycées ; TOUTES ; ENSEMBLE : toutes réunies")
]
Vise = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9_]+$")]
_OBJECTIF = "/sessions/{session}/academies/{code}/objectifs/{indicateur}/{serie}"


@router.get("/sessions/{session}/lycees/{uai}/indicateurs")
async def lycee(
    guichet: ApiIndicateurs,
    session: c.Session,
    uai: c.Uai,
    *,
    jour: Jour = None,
    jour_precedent: JourPrecedent = None,
) -> ci.IndicateursLycee:
    """Every indicator by série and inside it, beside the académie, the nation, comparable lycées and the target."""
    return await guichet.lycee(session, uai, jour, jour_precedent)


@router.get("/sessions/{session}/lycees/{uai}/indicateurs/courbe")
async def courbe(guichet: ApiIndicateurs, session: c.Session, uai: c.Uai) -> ci.Courbe:
    """The whole session, day by day."""
    return await guichet.courbe(session, uai)


@router.get("/sessions/{session}/lycees/{uai}/intentions")
async def intentions(
    guichet: ApiIndicateurs, session: c.Session, uai: c.Uai, jour: Jour = None
) -> ci.Intentions:
    """From the intentions of the fiche de dialogue to vœux and answers, by famille de formation."""
    return await guichet.intentions(session, uai, jour)


@router.get("/sessions/{session}/academies/{code}/indicateurs")
async def academie(
    guichet: ApiIndicateurs,
    session: c.Session,
    code: c.CodeAcademie,
    *,
    jour: Jour = None,
    serie: Serie = TOUTES,
) -> ci.IndicateursAcademie:
    """Lycées × séries of an académie, without any name and without small numbers."""
    return await guichet.academie(session, code, jour, serie)


@router.get("/sessions/{session}/nation/indicateurs")
async def nation(guichet: ApiIndicateurs, session: c.Session, jour: Jour = None) -> ci.IndicateursNation:
    return await guichet.nation(session, jour)


@router.get("/sessions/{session}/academies/{code}/objectifs")
async def objectifs(guichet: ApiIndicateurs, session: c.Session, code: c.CodeAcademie) -> ci.Objectifs:
    return await guichet.objectifs(session, code)


@router.get(_OBJECTIF)
async def histoire(
    guichet: ApiIndicateurs, session: c.Session, code: c.CodeAcademie, *, indicateur: Vise, serie: Vise
) -> ci.HistoireObjectif:
    """Every version of a target, the last first."""
    return await guichet.histoire(session, code, indicateur, serie)


@router.put(_OBJECTIF)
async def poser_objectif(
    guichet: ApiIndicateurs,
    response: Response,
    session: c.Session,
    code: c.CodeAcademie,
    *,
    indicateur: Vise,
    serie: Vise,
    saisie: ci.SaisieObjectif,
    if_match: IfMatch = None,
) -> ci.Objectif:
    """412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    vise = (indicateur, serie)
    pose = await guichet.poser_objectif(session, code, vise, saisie, Ecriture(if_match=if_match))
    poser(response, pose.version)
    return pose
