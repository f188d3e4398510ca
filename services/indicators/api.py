"""Internal HTTP of the service indicators: a lycée, an académie; margins only, never a pupil."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from services.indicators import store
from services.indicators.presentation import EFFECTIF_MINIMAL, VIVIER_INITIAL, presenter
from shared.db.engine import reading
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant
from shared.nomenclatures.series import Serie

router = APIRouter(prefix="/interne/v1/sessions/{session}")
Mesures = Mapping[str, int]


@router.get("/lycees/{uai}/indicateurs")
async def lycee(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")],
) -> dict[str, Any]:
    if not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(request.app.state.running.engine) as connection:
        series = await store.lycee(connection, session, uai)
    return {"uai": uai, **_situation(request), **_bloc(series)}


@router.get("/academies/{code}/indicateurs")
async def academie(
    request: Request,
    appelant: Appelant,
    session: int,
    code: Annotated[str, Path(pattern=r"^[0-9]{2}$")],
) -> dict[str, Any]:
    """Lycée × série margins of an académie; figures on fewer than five pupils are masked."""
    if not appelant.voit_academie(code):
        raise introuvable()
    async with reading(request.app.state.running.engine) as connection:
        lycees = await store.academie(connection, session, code)
    blocs = [{"uai": uai, **_bloc(series, masque=True)} for uai, series in sorted(lycees.items())]
    ensemble = _bloc(_cumul(lycees.values()), masque=True)
    return {"academie": code, **_situation(request), "lycees": blocs, **ensemble}


def _situation(request: Request) -> dict[str, str]:
    """Up to when the figures hold: the last fact folded, or now when none waits."""
    consumer = request.app.state.running.consumer
    lu = consumer.flusher.last_recordedtime if consumer else ""
    return {"situation_au": lu or datetime.now(UTC).isoformat()}


def _cumul(lycees: Iterable[Mapping[str, Mesures]]) -> dict[str, dict[str, int]]:
    series: dict[str, Counter[str]] = {}
    for lycee in lycees:
        for serie, mesures in lycee.items():
            series.setdefault(serie, Counter()).update(mesures)
    return {serie: dict(mesures) for serie, mesures in series.items()}


def _bloc(series: Mapping[str, Mesures], *, masque: bool = False) -> dict[str, Any]:
    ordre = [serie for serie in Serie if any(series.get(serie.value, {}).values())]
    ensemble: Counter[str] = Counter()
    for serie in ordre:
        ensemble.update(series[serie.value])
    return {
        "series": [_serie(serie.value, serie.libelle, series[serie.value], masque=masque) for serie in ordre],
        "ensemble": _serie("ENSEMBLE", "Ensemble", ensemble, masque=masque),
    }


def _serie(code: str, libelle: str, mesures: Mesures, *, masque: bool) -> dict[str, Any]:
    vivier = mesures.get("vivier", 0)
    return {
        "serie": code,
        "libelle": libelle,
        "vivier": None if masque and 0 < vivier < EFFECTIF_MINIMAL else vivier,
        "vivier_initial": mesures.get(VIVIER_INITIAL, 0),
        "indicateurs": presenter(mesures, masque=masque),
    }
