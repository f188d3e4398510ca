"""Internal HTTP of the service ingest: deposits and their compte rendu, within the caller's scope."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from services.ingest import store
from services.ingest.deposer import deposer
from services.ingest.imports import Imports
from services.ingest.natures import FAITS, SIECLE
from services.ingest.reception import Televersement
from services.ingest.refus import FichierRefuse
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Perimetre, Role

router = APIRouter(prefix="/interne/v1/sessions/{session}")
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Confirme = Annotated[
    bool, Query(description="take a file that is older than the last one, or the same again")
]


@router.post("/lycees/{uai}/siecle", status_code=202)
async def deposer_siecle(
    request: Request, appelant: Appelant, session: int, uai: Uai, *, confirme: Confirme = False
) -> dict[str, str]:
    """Deposit a SIECLE file (zip or XML), as the raw body (``?nom=``) or as a form's first file."""
    if not (appelant.role is Role.OPERATEUR or (appelant.role is Role.CHEF and appelant.voit_lycee(uai))):
        raise introuvable()
    return await _deposer(request, appelant, session, SIECLE, uai=uai, confirme=confirme)


@router.post("/faits", status_code=202)
async def deposer_faits(
    request: Request, appelant: Appelant, session: int, *, confirme: Confirme = False
) -> dict[str, str]:
    """Deposit candidate facts (NDJSON, gzip allowed)."""
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()
    return await _deposer(request, appelant, session, FAITS, uai=None, confirme=confirme)


@router.get("/imports")
async def lister(
    request: Request, appelant: Appelant, session: int, limite: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """Latest first, those of the caller's lycées; all of them for the operator."""
    async with _imports(request, session).engine.connect() as tx:
        return {"imports": await store.lister(tx, session, _lycees(appelant), limite)}


@router.get("/imports/{import_id}")
async def montrer(request: Request, appelant: Appelant, session: int, import_id: ImportId) -> dict[str, Any]:
    """State, progress, counters and compte rendu."""
    recu = await _imports(request, session).lire(import_id)
    lycees = _lycees(appelant)
    if recu is None or (lycees is not None and recu.uai not in lycees):
        raise introuvable()
    return presenter(recu._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def presenter(recu: Any) -> dict[str, Any]:
    """What is shown of an import: without hash, tentative and who asked."""
    caches = ("sha256", "tentative", "demandeur", "version")
    return {champ: valeur for champ, valeur in recu.items() if champ not in caches}


def _lycees(appelant: Perimetre) -> Sequence[str] | None:
    return None if appelant.role is Role.OPERATEUR else appelant.lycees


def _imports(request: Request, session: int) -> Imports:
    imports: Imports = request.app.state.running.resources["imports"]
    if session != imports.settings.session:
        raise introuvable()
    return imports


async def _deposer(
    request: Request, appelant: Perimetre, session: int, nature: str, *, uai: str | None, confirme: bool
) -> dict[str, str]:
    imports = _imports(request, session)
    envoi = Televersement(request, imports.settings.body_timeout_s)
    try:
        import_id = await deposer(
            imports,
            nature,
            envoi.morceaux(),
            lambda: envoi.nom,
            demandeur=appelant.acteur,
            uai=uai,
            confirme=confirme,
        )
    except FichierRefuse as refus:
        status = 413 if refus.code == "TROP_GROS" else 422
        raise Refus(status, refus.code.lower(), refus.phrase) from refus
    request.app.state.running.resources["reveil"].set()
    return {
        "import_id": import_id,
        "etat": "DEPOSE",
        "url": f"/interne/v1/sessions/{session}/imports/{import_id}",
    }
