"""The curve of an académie: its totals at the end of some days, each with what is withheld of that day.

A past day costs the service indicators a reading of the whole nation, which it keeps: what did not come in
time is said, and is there when the page is asked for again.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway import vues_academie as va
from services.gateway import vues_indicateurs as vues
from services.gateway.operations_indicateurs import GuichetIndicateurs, PageIndicateurs
from services.gateway.pages import page, session_de
from services.gateway.pages_indicateurs import calendriers
from services.gateway.pages_indicateurs_academie import Demande
from shared.domaine.calendrier import jour_de
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
POINTS = 12
_PATIENCE_S = 4.0
_SEMAINES = timedelta(weeks=POINTS)


def jours(debut: date, fin: date) -> list[date]:
    """Days before ``fin``, evenly spread from ``debut``, at most ``POINTS``; the last one is ``fin`` itself."""
    ecart = max((fin - debut).days, 0)
    nombre = min(POINTS, ecart + 1)
    return sorted(
        {debut + timedelta(days=round(ecart * rang / max(nombre - 1, 1))) for rang in range(nombre)}
    )


@router.get("/academies/{code}/courbe")
async def courbe(
    request: Request, guichet: PageIndicateurs, code: c.CodeAcademie, adresse: Demande
) -> Response:
    """One indicator of one série: drawn, and the same as a table. ``courbe``: its code."""
    session = session_de(request)
    lu = await guichet.academie(session, code, None, vues.ENSEMBLE)
    definition = next((un for un in lu.indicateurs if un.code == adresse.courbe), None)
    if definition is None:
        if not lu.indicateurs:
            raise introuvable()
        definition = lu.indicateurs[0]
    fin = adresse.le or jour_de(lu.situation_au or datetime.now(UTC))
    voulus = jours(await _debut(guichet, session, fin), fin)
    connus = {fin: lu} if adresse.le is None else {}
    connus |= await _lire(guichet, code, [un for un in voulus if un not in connus], session)
    libelle = next((bloc.libelle for bloc in lu.series if bloc.serie == adresse.serie), "Toutes séries")
    points = [(jour, _figure(connus[jour], adresse.serie, definition.code)) for jour in sorted(connus)]
    return page(
        request,
        "academie_courbe.html",
        identite=guichet.identite,
        code=code,
        lu=lu,
        adresse=adresse,
        serie=adresse.serie or vues.ENSEMBLE,
        definition=definition,
        trace=_trace(code, points, f"{definition.libelle}, {libelle}"),
        points=[(jour, va.cellule(figure)) for jour, figure in points],
        manquants=len(voulus) - len(connus),
        libelle=libelle,
        va=va,
        vues=vues,
    )


async def _debut(guichet: GuichetIndicateurs, session: int, fin: date) -> date:
    """The first step of the session, or some weeks ago."""
    calendrier, _ = await calendriers(guichet, session)
    etapes = [jour_de(instant) for instant in calendrier.etapes.values()] if calendrier else []
    return min((un for un in etapes if un < fin), default=fin - _SEMAINES)


async def _lire(
    guichet: GuichetIndicateurs, code: str, voulus: Sequence[date], session: int
) -> dict[date, ci.IndicateursAcademie]:
    """The latest days first, as many as there is time for."""
    connus: dict[date, ci.IndicateursAcademie] = {}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            for jour in reversed(voulus):
                connus[jour] = await guichet.academie(session, code, jour, vues.ENSEMBLE)
    except (TimeoutError, Refus):
        return connus
    return connus


def _figure(lu: ci.IndicateursAcademie, serie: str, code: str) -> ci.Indicateur | None:
    bloc = vues.bloc(lu.series, lu.ensemble, serie or vues.ENSEMBLE)
    return vues.par_code(bloc).get(code) if bloc else None


def _trace(code: str, points: Sequence[tuple[date, ci.Indicateur | None]], titre: str) -> vues.Trace | None:
    """None when fewer than two days have a rate."""
    figures = [
        ci.Point(jour=jour, figures={code: (f.numerateur, f.denominateur)})
        for jour, f in points
        if f is not None
    ]
    une = ci.CourbeSerie(serie=code, libelle=titre, points=tuple(figures))
    return vues.tracer(ci.Courbe(uai=code, series=(une,)), code, code, titre)
