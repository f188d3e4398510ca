"""Bulletins: the API under ``/api/v1``, the public keys of the receipts, and the principal's page."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Header, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_bulletins as cb
from services.gateway.api import PREFIXE, REPONSES
from services.gateway.auth import Moyens, moyens, verifier_jeton
from services.gateway.demandes import Envoi, Recherche
from services.gateway.operations_bulletins import (
    ApiGuichetBulletins,
    GuichetBulletins,
    PageGuichetBulletins,
    cles_des_recus,
)
from services.gateway.pages import INDISPONIBLE, Jeton, page, session_de
from shared.http.errors import Refus

FICHIERS = frozenset({"application/zip", "application/xml", "text/xml", "application/octet-stream"})
BIEN_CONNUE = "/.well-known/pilotage-recus.json"
router = APIRouter(prefix=PREFIXE, responses=REPONSES, tags=["bulletins"])
publique = APIRouter(include_in_schema=False)
pages = APIRouter(include_in_schema=False)
Classe = Annotated[str | None, Query(max_length=300, pattern=r"^[^\x00]*$", description="Nom de la classe")]
_LIMITE, _NOM_MAX = 200, 200
_AUCUNE = "-"
"""No class has this name: the page then shows counts only."""


@router.post(
    "/sessions/{session}/lycees/{uai}/remontees/bulletins",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {nom: {"schema": {"type": "string", "format": "binary"}} for nom in sorted(FICHIERS)},
        }
    },
)
async def remonter_bulletins(
    request: Request,
    guichet: ApiGuichetBulletins,
    session: c.Session,
    uai: c.Uai,
    *,
    content_type: Annotated[str, Header(include_in_schema=False)] = "application/octet-stream",
    nom: Annotated[str, Query(max_length=200, description="Nom du fichier, {UAI}_E{n}.xml")] = "notes.xml",
    confirme: Annotated[bool, Query(description="Prendre un fichier créé avant le dernier pris")] = False,
    essai: Annotated[
        bool | None,
        Query(description="Essai à blanc d’abord ; par défaut pour une personne, pas pour un logiciel"),
    ] = None,
) -> cb.DepotBulletins:
    """The file itself is the body. The answer carries the signed receipt of the deposit."""
    genre = content_type.partition(";")[0].strip().lower()
    if genre not in FICHIERS:
        raise Refus(415, "type_refuse", "Envoyez l’export XML des notes, ou le zip qui le contient.")
    envoi = Envoi(morceaux=request.stream(), genre=genre, nom=nom, confirme=confirme)
    return await guichet.deposer_bulletins(session, uai, envoi, essai=essai)


@router.get("/sessions/{session}/lycees/{uai}/remontees/bulletins/{import_id}/recu")
async def recu(guichet: ApiGuichetBulletins, session: c.Session, uai: c.Uai, import_id: UUID) -> cb.RecuDepot:
    """The receipt of a deposit again, to the byte."""
    return await guichet.recu(session, uai, import_id)


@router.get("/sessions/{session}/lycees/{uai}/bulletins/recapitulatif")
async def recapitulatif(
    guichet: ApiGuichetBulletins, session: c.Session, uai: c.Uai, *, classe: Classe = None
) -> cb.RecapitulatifBulletins:
    """Counts by class, and what lacks of each pupil; of one class only when asked."""
    return await guichet.recapitulatif(session, uai, classe)


@publique.get(BIEN_CONNUE)
async def cles(response: Response, outils: Annotated[Moyens, Depends(moyens)]) -> cb.ClesPubliques:
    """Public keys of the deposit receipts (JWK Set): nobody is asked who he is."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return await cles_des_recus(outils)


@pages.get("/lycees/{uai}/bulletins")
async def bulletins(
    request: Request, guichet: PageGuichetBulletins, uai: c.Uai, *, classe: Classe = None
) -> Response:
    """Where the bulletins of each class stand; of one class, what each pupil lacks."""
    return await _page(request, guichet, uai, classe)


@pages.post("/lycees/{uai}/bulletins")
async def televerser(
    request: Request,
    guichet: PageGuichetBulletins,
    uai: c.Uai,
    fichier: UploadFile,
    *,
    jeton: Jeton = "",
    confirme: Annotated[bool, Form()] = False,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    nom = (fichier.filename or "notes.xml")[:_NOM_MAX]
    genre = "application/zip" if nom.lower().endswith(".zip") else "application/xml"
    envoi = Envoi(morceaux=_morceaux(fichier), genre=genre, nom=nom, confirme=confirme)
    try:
        depot = await guichet.deposer_bulletins(session_de(request), uai, envoi, essai=None)
    except Refus as refus:
        if refus.status in {404, INDISPONIBLE}:
            raise
        return await _page(request, guichet, uai, None, refus)
    return RedirectResponse(f"/lycees/{uai}/siecle/{depot.import_id}", 303)


async def _page(
    request: Request, guichet: GuichetBulletins, uai: str, classe: str | None, refus: Refus | None = None
) -> Response:
    found = await guichet.recapitulatif(session_de(request), uai, classe or _AUCUNE)
    return page(
        request,
        "bulletins.html",
        identite=guichet.identite,
        status=refus.status if refus else 200,
        uai=uai,
        recapitulatif=found,
        classe=classe,
        noms=await _noms(request, guichet, uai, classe) if classe else {},
        refus=refus and refus.phrase,
        maximum=moyens(request).settings.upload_max_bytes >> 20,
    )


async def _noms(request: Request, guichet: GuichetBulletins, uai: str, classe: str) -> dict[UUID, str]:
    """Names of a class's pupils; none when the service of pupils is out of order."""
    recherche = Recherche(liste="tous", classe=classe, limite=_LIMITE)
    try:
        trouves = await guichet.eleves(session_de(request), uai, recherche)
    except Refus as refus:
        if refus.status != INDISPONIBLE or refus.code == "journal_indisponible":
            raise
        return {}
    return {e.eleve_id: f"{e.nom} {e.prenom or ''}".strip() for e in trouves.eleves if e.nom}


async def _morceaux(envoi: UploadFile) -> AsyncIterator[bytes]:
    while morceau := await envoi.read(1 << 16):
        yield morceau
