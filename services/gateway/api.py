"""The JSON API, ``/api/v1``: every route checks the right, then the services check the scope again."""

from contextlib import AsyncExitStack
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from services.gateway import contrats as c
from services.gateway.contrats_dossier import Dossier
from services.gateway.demandes import Ecriture, Envoi
from services.gateway.operations import ApiGuichet, Guichet
from shared.http.errors import Refus
from shared.http.etag import poser

PREFIXE = "/api/v1"
PRIVE = {"Cache-Control": "no-store"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FICHIERS_SIECLE = frozenset(
    {
        "application/zip",
        "application/xml",
        "text/xml",
        "text/csv",
        "application/json",
        "application/vnd.ms-excel",
        XLSX,
        "application/octet-stream",
    }
)

_PROBLEME = {
    "content": {"application/problem+json": {"schema": {"type": "object", "required": ["status", "code"]}}}
}
REPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "Personne n’est connecté", **_PROBLEME},
    404: {"description": "N’existe pas, ou pas dans le périmètre de l’appelant", **_PROBLEME},
    503: {"description": "Un service ne répond pas, ou l’accès n’a pas pu être journalisé", **_PROBLEME},
}
router = APIRouter(prefix=PREFIXE, responses=REPONSES)
Cle = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]
IfMatch = Annotated[str | None, Header(max_length=40, pattern=r"^[\x20-\x7e]+$")]


@router.get("/moi", tags=["identité"])
async def moi(guichet: ApiGuichet) -> c.Moi:
    """The caller and his scope."""
    return c.Moi(**{**guichet.perimetre.model_dump(), "nom": guichet.identite.nom})


@router.get("/sessions/{session}/eleves/{eleve_id}", tags=["élèves"])
async def dossier(guichet: ApiGuichet, session: c.Session, eleve_id: UUID) -> Dossier:
    return await guichet.dossier(session, eleve_id)


@router.get("/sessions/{session}/eleves/{eleve_id}/avis", tags=["fiche Avenir"])
async def lister_avis(guichet: ApiGuichet, session: c.Session, eleve_id: UUID) -> c.FicheAvis:
    return c.FicheAvis(avis=await guichet.avis(session, eleve_id))


@router.get("/sessions/{session}/eleves/{eleve_id}/avis/{cible:path}", tags=["fiche Avenir"])
async def lire_avis(
    guichet: ApiGuichet, response: Response, session: c.Session, eleve_id: UUID, cible: c.Cible
) -> c.Avis:
    """404 when none was written; ``ETag`` is what ``If-Match`` expects."""
    avis = await guichet.un_avis(session, eleve_id, cible)
    poser(response, avis.version)
    return avis


@router.put("/sessions/{session}/eleves/{eleve_id}/avis/{cible:path}", tags=["fiche Avenir"])
async def rendre_avis(
    guichet: ApiGuichet,
    response: Response,
    session: c.Session,
    eleve_id: UUID,
    cible: c.Cible,
    *,
    saisie: c.SaisieAvis,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> c.Avis:
    """409: not one of his vœux; 412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    avis = await guichet.rendre_avis(session, eleve_id, cible, saisie.capacite, ecriture)
    poser(response, avis.version)
    return avis


@router.post("/sessions/{session}/lycees/{uai}/exports", status_code=202, tags=["exports"])
async def demander_export(
    guichet: ApiGuichet, session: c.Session, uai: c.Uai, demande: c.DemandeExport, cle: Cle = None
) -> c.Export:
    return await guichet.demander_export(session, uai, demande, Ecriture(idempotence=cle))


@router.get("/sessions/{session}/lycees/{uai}/exports/{export_id}", tags=["exports"])
async def export(guichet: ApiGuichet, session: c.Session, uai: c.Uai, export_id: UUID) -> c.Export:
    return await guichet.export(session, uai, export_id)


@router.get(
    "/sessions/{session}/lycees/{uai}/exports/{export_id}/fichier",
    tags=["exports"],
    response_class=StreamingResponse,
    responses={200: {"content": {XLSX: {}}}},
)
async def fichier(guichet: ApiGuichet, session: c.Session, uai: c.Uai, export_id: UUID) -> StreamingResponse:
    return await classeur(guichet, session, uai, export_id)


async def classeur(guichet: Guichet, session: int, uai: str, export_id: UUID) -> StreamingResponse:
    """Stream a workbook; the site's download is the same."""
    async with AsyncExitStack() as stack:
        source = await guichet.fichier(session, uai, export_id, stack)
        a_fermer = stack.pop_all()
    disposition = source.headers.get("content-disposition", f'attachment; filename="pilotage-{uai}.xlsx"')
    return StreamingResponse(
        source.aiter_bytes(),
        media_type=source.headers.get("content-type", XLSX),
        headers={**PRIVE, "Content-Disposition": disposition},
        background=BackgroundTask(a_fermer.aclose),
    )


@router.post(
    "/sessions/{session}/lycees/{uai}/remontees/siecle",
    status_code=202,
    tags=["remontées"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                nom: {"schema": {"type": "string", "format": "binary"}} for nom in sorted(FICHIERS_SIECLE)
            },
        }
    },
)
async def remonter_siecle(
    request: Request,
    guichet: ApiGuichet,
    session: c.Session,
    uai: c.Uai,
    *,
    content_type: Annotated[str, Header(include_in_schema=False)] = "application/octet-stream",
    nom: Annotated[str, Query(max_length=200, description="Nom du fichier")] = "siecle",
    confirme: Annotated[
        bool, Query(description="Oui d’avance à ce qui serait demandé (fichier plus ancien…)")
    ] = False,
    essai: Annotated[
        bool | None,
        Query(description="Essai d’abord, à intégrer ensuite ; par défaut, oui pour une personne"),
    ] = None,
) -> c.DepotRecu:
    """The file itself is the body, zipped or not; its content says which it is.

    Pupils (BEE_ELEVES, Excel ElevesComplete, Fregata CSV, SYGNE JSON), Structures, Nomenclature,
    EtablissementsEleves, Communs, or the CSV of Cordées and Parcours d’excellence.
    """
    genre = content_type.partition(";")[0].strip().lower()
    if genre not in FICHIERS_SIECLE:
        raise Refus(415, "type_refuse", "Envoyez l’export de SIECLE (XML, Excel), ou le zip qui le contient.")
    envoi = Envoi(morceaux=request.stream(), genre=genre, nom=nom, confirme=confirme, essai=essai)
    return await guichet.remonter(session, uai, envoi)


@router.get("/sessions/{session}/imports/{import_id}", tags=["remontées"])
async def remontee(guichet: ApiGuichet, session: c.Session, import_id: UUID) -> c.Remontee:
    return await guichet.remontee(session, import_id)
