"""Internal HTTP of the service indicators: the page of a lycée and its curve; never a pupil."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request

from services.indicators import lecture, vues
from services.indicators.api_outils import (
    PATIENCE_LYCEE_S,
    PREFIXE,
    Jour,
    Uai,
    en_cours,
    instantanes,
    les_indicateurs,
)
from services.indicators.declinaisons import declinaisons
from services.indicators.domain import Comptage
from services.indicators.etat import Etat, decoder, rang_du_jour
from services.indicators.intentions.store import du_lycee
from services.indicators.lecture import Demande
from services.indicators.mesures import mesures
from services.indicators.situation import rejouer
from shared.db.engine import reading
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)


@router.get("/lycees/{uai}/indicateurs")
async def lycee(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    jour: Jour = None,
    jour_precedent: Jour = None,
) -> dict[str, Any]:
    """Every série and part, now or at the end of ``jour``. ``jour_precedent``: of last session, to compare with."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(en_cours(request).engine) as connection:
        lu = await lecture.lycee(connection, Demande(session, uai, jour, jour_precedent))
    autour = await instantanes(request).attendre(session, jour, PATIENCE_LYCEE_S) if lu.series else None
    vue = vues.VueLycee(uai, lu, autour, les_indicateurs(request))
    comptage = Comptage(mesures(en_cours(request).settings.parametres))
    parts = declinaisons(comptage, uai, _etats(lu.eleves, jour))
    return {
        "uai": uai,
        "academie": lu.academie or None,
        "jour": jour,
        "jour_precedent": jour_precedent if lu.precedente else None,
        "situation_au": lu.au or None,
        "faits": lu.faits,
        "comparaisons_au": (autour.position.au or None) if autour else None,
        "indicateurs": vues.catalogue(les_indicateurs(request)),
        "series": vue.series(parts),
        "ensemble": vue.ensemble(),
    }


def _etats(eleves: Iterable[bytes], jour: date | None) -> Iterable[Etat]:
    """As of now, or as was known at the end of the day."""
    for brut in eleves:
        etat = decoder(brut)
        if jour is None or etat.dernier <= rang_du_jour(jour):
            yield etat
        elif (vu := _au(etat, rang_du_jour(jour))) is not None:
            yield vu


def _au(etat: Etat, rang: int) -> Etat | None:
    vu = None
    for jour, connu in rejouer(etat):
        if jour > rang:
            break
        vu = Etat(**{champ: getattr(connu, champ) for champ in connu.__struct_fields__})
        vu.voeux = {
            cle: type(un)(*(getattr(un, c) for c in un.__struct_fields__)) for cle, un in connu.voeux.items()
        }
    return vu


@router.get("/lycees/{uai}/courbe")
async def courbe(request: Request, appelant: Appelant, session: int, uai: Uai) -> dict[str, Any]:
    """Of the whole session, by série: the figures at the end of each day that changed something."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(en_cours(request).engine) as connection:
        jours = await lecture.courbe(connection, session, uai)
    return {"uai": uai, "series": vues.courbes(jours, les_indicateurs(request))}


@router.get("/lycees/{uai}/intentions")
async def intentions(
    request: Request, appelant: Appelant, session: int, uai: Uai, jour: Jour = None
) -> dict[str, Any]:
    """What became of the intentions of the fiche de dialogue, by période and famille; never outside the lycée."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(en_cours(request).engine) as connection:
        lignes = await du_lycee(connection, session, uai, jour)
    return {
        "uai": uai,
        "lignes": [
            {"serie": un.serie, "periode": un.periode, "famille": un.famille, **un.comptes} for un in lignes
        ],
    }
