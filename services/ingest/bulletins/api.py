"""Internal HTTP of bulletins: deposit with its signed receipt, récapitulatif, public keys of the receipts."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from services.ingest.bulletins.entete import PARIS
from services.ingest.bulletins.lecture import recapituler
from services.ingest.bulletins.presentation import presenter
from services.ingest.depot_http import deposer_par_http, imports_de
from services.ingest.natures import BULLETINS
from services.ingest.recus import Signataire
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant, Perimetre, Role

router = APIRouter(prefix="/interne/v1")
_DU_LYCEE = "/sessions/{session}/lycees/{uai}/bulletins"
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@router.post(_DU_LYCEE, status_code=202)
async def deposer(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    confirme: Annotated[bool, Query(description="take a file created before the last one")] = False,
    essai: Annotated[
        bool | None, Query(description="dry run first; by default for a person's upload")
    ] = None,
) -> dict[str, Any]:
    """Deposit a notes file (XML or zip), as the raw body (``?nom=``) or as a form's first file."""
    _exiger(appelant, uai)
    depot = await deposer_par_http(
        request, appelant, session, BULLETINS, uai=uai, confirme=confirme, essai=essai
    )
    return {**depot, "recu": await _recu(request, session, depot["import_id"])}


@router.get(_DU_LYCEE + "/depots/{import_id}/recu")
async def recu(
    request: Request, appelant: Appelant, session: int, uai: Uai, import_id: ImportId
) -> dict[str, str]:
    """The receipt of a deposit again, the same."""
    _exiger(appelant, uai)
    found = await imports_de(request, session).lire(import_id)
    if found is None or found.uai != uai or found.nature != BULLETINS:
        raise introuvable()
    return {"import_id": import_id, "recu": await _recu(request, session, import_id)}


@router.get(_DU_LYCEE + "/recapitulatif")
async def recapitulatif(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    classe: Annotated[str | None, Query(max_length=300)] = None,
) -> dict[str, Any]:
    """Counts by class, and what lacks of each pupil; of one class only when asked."""
    _exiger(appelant, uai)
    imports = imports_de(request, session)
    jour = datetime.now(PARIS).date()
    async with imports.engine.connect() as tx:
        lu = await recapituler(tx, imports.settings, uai, jour)
    return presenter(lu, classe)


@router.get("/recus/cles")
async def cles(request: Request, appelant: Appelant) -> dict[str, Any]:
    """Public keys of the receipts: whoever comes by the gateway may have them."""
    del appelant
    return _signataire(request).publiques()


async def _recu(request: Request, session: int, import_id: str) -> str:
    found = await imports_de(request, session).lire(import_id)
    if found is None:
        raise introuvable()
    return _signataire(request).signer(found)


def _signataire(request: Request) -> Signataire:
    return Signataire(request.app.state.running.settings.hmac_keys.get_secret_value())


def _exiger(appelant: Perimetre, uai: str) -> None:
    """The lycée's direction, its software, the operator."""
    sien = (appelant.direction or appelant.role is Role.LOGICIEL) and appelant.voit_lycee(uai)
    if not (sien or appelant.role is Role.OPERATEUR):
        raise introuvable()
