"""Internal HTTP: places larger than a lycée, as readers outside see them, and the targets of an académie."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.indicators import objectifs, vues
from services.indicators.api_outils import PREFIXE, Code, Jour, en_cours, les_indicateurs, lire_tout
from services.indicators.definitions import INDICATEURS, Indicateur
from services.indicators.instantane import NATION, RIEN, Instantane
from services.indicators.objectifs import Cible, Cle
from services.indicators.parution.masques import chemin
from shared.db.engine import reading, writing
from shared.http.errors import Refus, introuvable
from shared.http.etag import IfMatch, exiger_version
from shared.http.perimetre import Appelant
from shared.nomenclatures.academies import academie as academie_connue
from shared.nomenclatures.series import Serie

router = APIRouter(prefix=PREFIXE)
_CODES = frozenset(un.code for un in INDICATEURS)
_SERIES = frozenset({vues.ENSEMBLE, *(serie.value for serie in Serie)})
TOUTES = "TOUTES"
UneSerie = Annotated[str, Query(max_length=40)]
CodeIndicateur = Annotated[str, Path(max_length=40)]
CodeSerie = Annotated[str, Path(max_length=40)]


class SaisieObjectif(BaseModel):
    """``cible`` None takes the target back."""

    model_config = ConfigDict(extra="forbid")

    cible: float | None = Field(default=None, ge=0, le=1)
    continuum: int | None = Field(default=None, ge=-3, le=3)
    note: str = Field(default="", max_length=1_000)


@router.get("/academies/{code}/indicateurs")
async def academie(
    request: Request,
    appelant: Appelant,
    session: int,
    code: Code,
    *,
    jour: Jour = None,
    serie: UneSerie = TOUTES,
) -> Response:
    """Lycée × série of an académie, its départements, and the places it is in.

    ``serie``: of the lycées, that one alone; ENSEMBLE: none but all of them together.
    """
    if not appelant.voit_academie(code):
        raise introuvable()
    lu = await lire_tout(request, session, jour)
    indicateurs = les_indicateurs(request)
    lieu = f"academie {code}"
    connue = academie_connue(code)
    async with reading(en_cours(request).engine) as connection:
        vises = await objectifs.lire(connection, session, code)
    return _json(
        {
            **_entete(lu, jour, request),
            "academie": code,
            "lycees": _retenu(lu, ("lycees", code, serie), lambda: _lycees(lu, code, serie, indicateurs)),
            "departements": _retenu(lu, ("departements", code), lambda: _departements(lu, code, indicateurs)),
            "region": _lieu(lu, f"region {connue.region if connue else ''}", indicateurs),
            "nation": _lieu(lu, NATION, indicateurs),
            "objectifs": vises,
            **_lieu(lu, lieu, indicateurs, complet=True),
        }
    )


@router.get("/nation/indicateurs")
async def nation(request: Request, appelant: Appelant, session: int, jour: Jour = None) -> Response:
    """The nation, its régions and its académies."""
    if not appelant.nation:
        raise introuvable()
    lu = await lire_tout(request, session, jour)
    siens = les_indicateurs(request)
    regions = sorted({c.region for code in lu.academies if (c := academie_connue(code))})
    return _json(
        {
            **_entete(lu, jour, request),
            "academies": [_lieu(lu, f"academie {code}", siens) for code in sorted(lu.academies)],
            "regions": [_lieu(lu, f"region {region}", siens) for region in regions],
            **_lieu(lu, NATION, siens, complet=True),
        }
    )


def _json(valeur: dict[str, Any]) -> Response:
    """Straight to bytes: an académie has ten thousand figures."""
    return Response(orjson.dumps(valeur), media_type="application/json")


def _entete(lu: Instantane, jour: date | None, request: Request) -> dict[str, Any]:
    return {
        "jour": jour,
        "situation_au": lu.position.au or None,
        "faits": lu.position.faits,
        "indicateurs": vues.catalogue(les_indicateurs(request)),
    }


def _retenu(lu: Instantane, cle: tuple[str, ...], faire: Callable[[], list[dict[str, Any]]]) -> Any:
    """What a reading shows does not change: it is made once."""
    if cle not in lu.faits:
        lu.faits[cle] = faire()
    return lu.faits[cle]


def _lycees(lu: Instantane, code: str, serie: str, indicateurs: Sequence[Indicateur]) -> list[dict[str, Any]]:
    uais = sorted(lu.academies.get(code, []))
    if serie not in {TOUTES, vues.ENSEMBLE}:
        vus = ((uai, lu.lycee(uai, serie)) for uai in uais)
        seules = [(uai, vues.bloc_masque(serie, [vu], indicateurs)) for uai, vu in vus if vu is not RIEN]
        return [{"uai": uai, "series": [bloc]} for uai, bloc in seules]
    return [_lycee(lu, uai, indicateurs, series=serie == TOUTES) for uai in uais]


def _lycee(lu: Instantane, uai: str, indicateurs: Sequence[Indicateur], *, series: bool) -> dict[str, Any]:
    siens = {serie: vu for serie in vues.ordre(lu.series) if (vu := lu.lycee(uai, serie)) is not RIEN}
    blocs = [vues.bloc_masque(serie, [vu], indicateurs) for serie, vu in siens.items()] if series else []
    ensemble = vues.bloc_masque(vues.ENSEMBLE, list(siens.values()), indicateurs)
    return {"uai": uai, "series": blocs, "ensemble": ensemble}


def _departements(lu: Instantane, code: str, indicateurs: Sequence[Indicateur]) -> list[dict[str, Any]]:
    noms = sorted({chemin(uai, code)[-1] for uai in lu.academies.get(code, [])})
    return [_lieu(lu, nom, indicateurs) for nom in noms]


def _lieu(
    lu: Instantane, lieu: str, indicateurs: Sequence[Indicateur], *, complet: bool = False
) -> dict[str, Any]:
    siens = {serie: vu for serie in vues.ordre(lu.series) if (vu := lu.lieu(lieu, serie)) is not RIEN}
    return {
        "lieu": lieu,
        "series": [vues.bloc_masque(serie, [vu], indicateurs) for serie, vu in siens.items()],
        "ensemble": vues.bloc_masque(vues.ENSEMBLE, list(siens.values()), indicateurs, complet=complet),
    }


@router.get("/academies/{code}/objectifs")
async def lire_objectifs(request: Request, appelant: Appelant, session: int, code: Code) -> dict[str, Any]:
    if not appelant.voit_academie(code):
        raise introuvable()
    async with reading(en_cours(request).engine) as connection:
        return {"objectifs": await objectifs.lire(connection, session, code)}


@router.get("/academies/{code}/objectifs/{indicateur}/{serie}")
async def histoire(
    request: Request,
    appelant: Appelant,
    session: int,
    code: Code,
    *,
    indicateur: CodeIndicateur,
    serie: CodeSerie,
) -> dict[str, Any]:
    """A target and every version that it had."""
    if not appelant.voit_academie(code):
        raise introuvable()
    async with reading(en_cours(request).engine) as connection:
        versions = await objectifs.histoire(connection, Cle(session, code, indicateur, serie))
    return {"versions": versions}


@router.put("/academies/{code}/objectifs/{indicateur}/{serie}")
async def poser_objectif(
    request: Request,
    appelant: Appelant,
    session: int,
    code: Code,
    *,
    indicateur: CodeIndicateur,
    serie: CodeSerie,
    saisie: SaisieObjectif,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Set, change or take back; 412, 428 as everywhere."""
    if not appelant.voit_academie(code) or appelant.nation:
        raise introuvable()
    if indicateur not in _CODES or serie not in _SERIES:
        raise Refus(422, "objectif_inconnu", "Choisissez un indicateur et une série de la liste.")
    cle = Cle(session, code, indicateur, serie)
    async with writing(en_cours(request).engine) as tx:
        connue = await objectifs.version(tx, cle)
        actuel = [
            un for un in await objectifs.lire(tx, session, code) if (un["indicateur"], un["serie"]) == cle[2:]
        ]
        propose = saisie.model_dump()
        exiger_version(
            if_match, connue, quoi="cet objectif", actuel=actuel[0] if actuel else None, propose=propose
        )
        auteur = appelant.nom or appelant.acteur
        return await objectifs.poser(
            tx, cle, Cible(saisie.cible, saisie.continuum, saisie.note.strip()), auteur
        )
