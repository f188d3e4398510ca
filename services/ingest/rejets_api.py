"""Internal HTTP for the rejected lines: the operator lists, reads, corrects, replays and gives up."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.ingest import rejets
from services.ingest.api import ImportId
from services.ingest.depot_http import imports_de, reveiller
from services.ingest.refus import FichierRefuse
from services.ingest.rejeu import LIGNE_MAX, corrigeable, corriger, rejouer, situer
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant, Role


def _operateur(appelant: Appelant) -> None:
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()


router = APIRouter(prefix="/interne/v1/sessions/{session}/rejets", dependencies=[Depends(_operateur)])
Rang = Annotated[int, Path(ge=0)]
_ETATS = r"^(A_TRAITER|REJEU|REJOUE|REMPLACE|ABANDONNE)$"
_APRES = r"^[0-9a-f-]{36}_[0-9]+$"


class Choix(BaseModel):
    """Which rejects of the import: ``rangs`` None, all of them."""

    model_config = ConfigDict(extra="forbid")

    rangs: list[int] | None = Field(default=None, max_length=10_000)


@router.get("")
async def lister(
    request: Request,
    session: int,
    *,
    etat: Annotated[str, Query(pattern=_ETATS)] = "A_TRAITER",
    nature: Annotated[str | None, Query(max_length=40)] = None,
    code: Annotated[str | None, Query(max_length=40)] = None,
    import_id: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
    apres: Annotated[str | None, Query(pattern=_APRES)] = None,
    limite: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """By import and rang, without the lines themselves; ``suivant`` is the ``apres`` of the next page."""
    debut = (apres[:36], int(apres[37:])) if apres else None
    imports = imports_de(request, session)
    async with imports.engine.connect() as tx:
        lus = await rejets.lister(
            tx, session, etat=etat, nature=nature, code=code, import_id=import_id, apres=debut, limite=limite
        )
    suivant = f"{lus[-1]['import_id']}_{lus[-1]['rang']}" if len(lus) == limite else None
    return {"rejets": [situer(imports, lu) for lu in lus], "suivant": suivant}


@router.get("/{import_id}/{rang}")
async def montrer(request: Request, session: int, import_id: ImportId, rang: Rang) -> dict[str, Any]:
    """One reject with its line, as corrected or as received: nominative."""
    imports = imports_de(request, session)
    async with imports.engine.connect() as tx:
        lu = await rejets.lire(tx, session, import_id, rang)
    if lu is None:
        raise introuvable()
    valeur = lu.pop("valeur")
    return {**situer(imports, lu), "valeur": valeur and valeur.decode("utf-8", "replace")}


@router.put("/{import_id}/{rang}/correction", status_code=204)
async def mettre_une_correction(request: Request, session: int, import_id: ImportId, rang: Rang) -> Response:
    """The body is the line as it should be."""
    corps = bytearray()
    async for morceau in request.stream():
        corps += morceau
        if len(corps) > 2 * LIGNE_MAX:
            raise Refus(413, "trop_gros", "La correction dépasse 1 Mo.")
    async with imports_de(request, session).engine.connect() as tx:
        lu = await rejets.lire(tx, session, import_id, rang)
    if lu is None:
        raise introuvable()
    corrigeable(lu["nature"])
    try:
        corrige = await corriger(imports_de(request, session), import_id, rang, bytes(corps))
    except FichierRefuse as refus:
        raise Refus(422, refus.code.lower(), refus.phrase) from refus
    if not corrige:
        raise introuvable()
    return Response(status_code=204)


@router.post("/{import_id}/rejouer", status_code=202)
async def lancer_un_rejeu(
    request: Request, appelant: Appelant, session: int, import_id: ImportId, choix: Choix
) -> dict[str, Any]:
    """A small import of the rejects that can be replayed; its state is read as any import's."""
    rejeu = await rejouer(imports_de(request, session), import_id, choix.rangs, appelant.acteur)
    if rejeu is None:
        raise Refus(409, "rien_a_rejouer", "Aucune de ces lignes ne peut être rejouée.")
    reveiller(request)
    return {
        "import_id": rejeu[0],
        "lignes": rejeu[1],
        "url": f"/interne/v1/sessions/{session}/imports/{rejeu[0]}",
    }


@router.post("/{import_id}/abandonner")
async def abandonner(request: Request, session: int, import_id: ImportId, choix: Choix) -> dict[str, int]:
    """Settle without taking them; their lines are erased."""
    async with imports_de(request, session).engine.begin() as tx:
        return {"abandonnes": await rejets.abandonner(tx, session, import_id, choix.rangs)}
