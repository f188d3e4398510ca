"""Internal HTTP of the way back: the feed of the platform, and what it has not acknowledged."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Row

from services.ingest.depot_http import imports_de
from services.ingest.imports import Imports
from services.ingest.retour import store
from services.ingest.retour.numeros import CleAbsenteError, Coffre
from shared.db.engine import reading
from shared.events.modeles import ObjetAccuse
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Role

router = APIRouter(prefix="/interne/v1/sessions/{session}")
NDJSON = "application/x-ndjson"
LIMITE_MAX = 5_000
ATTENTE_MAX_S = 55
_encoder = msgspec.json.Encoder().encode


@router.get("/retour", response_class=StreamingResponse)
async def suivre(
    request: Request,
    appelant: Appelant,
    session: int,
    *,
    apres: Annotated[int, Query(ge=0, le=(1 << 63) - 1)] = 0,
    limite: Annotated[int, Query(ge=1, le=LIMITE_MAX)] = 1_000,
    attendre: Annotated[float, Query(ge=0, le=ATTENTE_MAX_S)] = 0,
) -> StreamingResponse:
    """One object a line after cursor ``apres``; ``attendre``: seconds to wait for one when there is none."""
    if appelant.role is not Role.PLATEFORME:
        raise introuvable()
    imports = imports_de(request, session)
    lignes = await _patienter(imports, session, apres, limite, attendre)
    corps = list(_presenter(lignes, _coffre(imports, session)))
    entetes = {
        "Pilotage-Curseur": str(lignes[-1].curseur if lignes else apres),
        "Pilotage-Suite": "?1" if len(lignes) == limite else "?0",
    }
    return StreamingResponse(iter(corps), media_type=NDJSON, headers=entetes)


async def _patienter(
    imports: Imports, session: int, apres: int, limite: int, attente_s: float
) -> Sequence[Row[Any]]:
    fin = time.monotonic() + attente_s
    while True:
        async with reading(imports.engine) as tx:
            lignes = await store.suite(tx, session, apres, limite)
        reste = fin - time.monotonic()
        if lignes or reste <= 0:
            return lignes
        await asyncio.sleep(min(imports.settings.retour_releve_s, reste))


def _presenter(lignes: Sequence[Row[Any]], coffre: Coffre) -> Iterator[bytes]:
    """A pupil without a number (merged, erased) is passed over: nothing can be said of him."""
    for ligne in lignes:
        if ligne.chiffre is None:
            continue
        try:
            numero = coffre.dechiffrer(ligne.cle, ligne.empreinte, ligne.chiffre)
        except CleAbsenteError as erreur:
            phrase = "Un numéro de dossier ne peut pas être déchiffré : l’exploitation doit remettre sa clé."
            raise Refus(503, "cle_absente", phrase) from erreur
        yield (
            _encoder(
                {
                    "curseur": ligne.curseur,
                    "session": ligne.session,
                    "numero_dossier": numero,
                    "objet": ligne.objet,
                    "version": ligne.version,
                    "depuis": ligne.depuis,
                    "contenu": msgspec.Raw(ligne.contenu),
                }
            )
            + b"\n"
        )


def _coffre(imports: Imports, session: int) -> Coffre:
    return Coffre(imports.settings.hmac_keys.get_secret_value(), session)


@router.get("/retour/non-acquittes")
async def non_acquittes(
    request: Request,
    appelant: Appelant,
    session: int,
    *,
    objet: ObjetAccuse | None = None,
    limite: Annotated[int, Query(ge=1, le=1_000)] = 100,
    decalage: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> dict[str, Any]:
    """Counts by objet, and the objects that the platform has not taken, oldest first."""
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()
    async with reading(imports_de(request, session).engine) as tx:
        resume = await store.resume(tx, session)
        lignes = await store.non_acquittes(tx, session, objet and objet.value, limite, decalage)
    return {"resume": resume, "non_acquittes": lignes}


@router.get("/lycees/{uai}/retour")
async def du_lycee(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")],
) -> dict[str, Any]:
    """Counts of one lycée, without any pupil."""
    if not appelant.direction or not appelant.voit_lycee(uai):
        raise introuvable()
    async with reading(imports_de(request, session).engine) as tx:
        return {"uai": uai, "resume": await store.resume(tx, session, uai)}
