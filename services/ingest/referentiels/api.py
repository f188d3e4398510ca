"""Internal HTTP of the référentiels: the operator deposits and looks at what they became."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from services.ingest.calendrier import store as histoires
from services.ingest.depot_http import deposer_par_http, imports_de
from services.ingest.natures import ETABLISSEMENTS, FORMATIONS, MEF
from services.ingest.referentiels import attente, store
from services.ingest.referentiels.memoire import FORMATION
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant, Perimetre, Role

router = APIRouter(prefix="/interne/v1/sessions/{session}/referentiels")
Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:\-]{1,40}$")]


class Objet(StrEnum):
    FORMATIONS = "formations"
    ETABLISSEMENTS = "etablissements"
    MEF = "mef"


_NATURES = {Objet.FORMATIONS: FORMATIONS, Objet.ETABLISSEMENTS: ETABLISSEMENTS, Objet.MEF: MEF}


@router.post("/{objet}", status_code=202)
async def deposer(
    request: Request,
    appelant: Appelant,
    session: int,
    objet: Objet,
    *,
    confirme: Annotated[bool, Query(description="take a file that lacks many known rows")] = False,
    essai: Annotated[bool | None, Query(description="dry run first")] = None,
) -> dict[str, str]:
    """Deposit a référentiel as CSV, as the raw body (``?nom=``) or as a form's first file."""
    _operateur(appelant)
    nature = _NATURES[objet]
    return await deposer_par_http(request, appelant, session, nature, confirme=confirme, essai=essai)


@router.get("")
async def resumer(request: Request, appelant: Appelant, session: int) -> dict[str, Any]:
    """Versions, corrections under way, and formations that vœux wait for."""
    _operateur(appelant)
    async with imports_de(request, session).engine.connect() as tx:
        return await store.resume(tx, session) | {"attendues": await attente.attendues(tx, session)}


@router.get("/formations/{formation_id}")
async def formation(request: Request, appelant: Appelant, session: int, formation_id: Code) -> dict[str, Any]:
    """Every version that the référentiel of the session has had of a formation, latest first."""
    _operateur(appelant)
    async with imports_de(request, session).engine.connect() as tx:
        versions = await histoires.histoire(tx, session, FORMATION, formation_id)
    if not versions:
        raise introuvable()
    return {"formation_id": formation_id, "versions": versions}


def _operateur(appelant: Perimetre) -> None:
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()
