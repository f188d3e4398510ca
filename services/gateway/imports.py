"""The API of imports: lines, workbook, answers, absents, refused lines; and the pages that use them."""

from contextlib import AsyncExitStack
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.background import BackgroundTask

from services.gateway import contrats as c
from services.gateway import contrats_imports as ci
from services.gateway.api import PREFIXE, PRIVE, REPONSES, XLSX
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Recherche
from services.gateway.operations_imports import ApiGuichetImports, GuichetImports, PageGuichetImports
from services.gateway.pages import Jeton, page, session_de
from shared.http.errors import Refus

router = APIRouter(prefix=PREFIXE, responses=REPONSES)
pages = APIRouter(include_in_schema=False)
Apres = Annotated[str | None, Query(max_length=80, description="« suivant » de la page d’avant")]
Rang = Annotated[int, Path(ge=0)]
_TYPES = ("REJET", "PARTIEL", "ABSENT", "MODIFIE", "AVERTISSEMENT", "IGNORE")
_LIGNE_MAX = 1 << 20
_PAGE = 200


@router.get("/sessions/{session}/imports", tags=["remontées"])
async def lister_imports(
    guichet: ApiGuichetImports, session: c.Session, limite: Annotated[int, Query(ge=1, le=200)] = 50
) -> ci.Imports:
    return await guichet.imports(session, limite)


@router.get("/sessions/{session}/imports/{import_id}/lignes", tags=["remontées"])
async def lignes(
    guichet: ApiGuichetImports,
    session: c.Session,
    import_id: UUID,
    *,
    gravite: Annotated[list[str] | None, Query(description=", ".join(_TYPES))] = None,
    apres: Apres = None,
    limite: Annotated[int, Query(ge=1, le=1_000)] = _PAGE,
) -> ci.PageLignes:
    """The whole compte rendu, by pupil in the order of the file."""
    filtres: dict[str, Any] = {"limite": limite}
    if apres:
        filtres["apres"] = apres
    if gravite:
        filtres["gravite"] = gravite
    return await guichet.lignes(session, import_id, filtres)


@router.get(
    "/sessions/{session}/imports/{import_id}/compte-rendu.xlsx",
    tags=["remontées"],
    response_class=StreamingResponse,
    responses={200: {"content": {XLSX: {}}}},
)
async def compte_rendu(guichet: ApiGuichetImports, session: c.Session, import_id: UUID) -> StreamingResponse:
    return await _classeur(guichet, session, import_id)


@router.post("/sessions/{session}/imports/{import_id}/integrer", status_code=202, tags=["remontées"])
async def integrer(
    guichet: ApiGuichetImports,
    session: c.Session,
    import_id: UUID,
    *,
    confirme: Annotated[bool, Query(description="Oui à ce que l’essai a demandé")] = False,
) -> c.Remontee:
    """Integrate the file of a dry run."""
    return await guichet.repondre(session, import_id, "integrer", confirme=confirme)


@router.post("/sessions/{session}/imports/{import_id}/confirmer", status_code=202, tags=["remontées"])
async def confirmer(guichet: ApiGuichetImports, session: c.Session, import_id: UUID) -> c.Remontee:
    """Yes to what the import asks."""
    return await guichet.repondre(session, import_id, "confirmer")


@router.post("/sessions/{session}/imports/{import_id}/annuler", tags=["remontées"])
async def annuler(guichet: ApiGuichetImports, session: c.Session, import_id: UUID) -> c.Remontee:
    """Forget a dry run, or an import that asks, and its file."""
    return await guichet.repondre(session, import_id, "annuler")


@router.get("/sessions/{session}/lycees/{uai}/absents", tags=["remontées"])
async def absents(guichet: ApiGuichetImports, session: c.Session, uai: c.Uai) -> ci.Absents:
    return await guichet.absents(session, uai)


@router.get("/sessions/{session}/rejets", tags=["exploitation"])
async def lister_rejets(
    guichet: ApiGuichetImports,
    session: c.Session,
    *,
    etat: Annotated[str | None, Query(max_length=20)] = None,
    nature: Annotated[str | None, Query(max_length=40)] = None,
    code: Annotated[str | None, Query(max_length=40)] = None,
    import_id: UUID | None = None,
    apres: Apres = None,
    limite: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> ci.PageRejets:
    """Refused lines that wait, with what to do; the operator's."""
    filtres = {
        "etat": etat,
        "nature": nature,
        "code": code,
        "import_id": import_id and str(import_id),
        "apres": apres,
        "limite": limite,
    }
    return await guichet.rejets(session, {nom: valeur for nom, valeur in filtres.items() if valeur})


@router.get("/sessions/{session}/rejets/{import_id}/{rang}", tags=["exploitation"])
async def lire_rejet(
    guichet: ApiGuichetImports, session: c.Session, import_id: UUID, rang: Rang
) -> ci.RejetEntier:
    return await guichet.rejet(session, import_id, rang)


@router.put(
    "/sessions/{session}/rejets/{import_id}/{rang}/correction",
    status_code=204,
    tags=["exploitation"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def corriger_rejet(
    request: Request, guichet: ApiGuichetImports, session: c.Session, import_id: UUID, rang: Rang
) -> Response:
    """The body is the line as it should be."""
    corps = bytearray()
    async for morceau in request.stream():
        corps += morceau
        if len(corps) > _LIGNE_MAX:
            raise Refus(413, "trop_gros", "La correction dépasse 1 Mo.")
    await guichet.corriger(session, import_id, rang, bytes(corps))
    return Response(status_code=204)


@router.post("/sessions/{session}/rejets/{import_id}/rejouer", status_code=202, tags=["exploitation"])
async def rejouer_rejets(
    guichet: ApiGuichetImports, session: c.Session, import_id: UUID, choix: ci.ChoixRejets
) -> ci.Rejeu:
    """The lines go again through the analysis, as a small import."""
    return await guichet.rejouer(session, import_id, choix)


@router.post("/sessions/{session}/rejets/{import_id}/abandonner", tags=["exploitation"])
async def abandonner_rejets(
    guichet: ApiGuichetImports, session: c.Session, import_id: UUID, choix: ci.ChoixRejets
) -> ci.RejetsAbandonnes:
    """Settled without being taken; their lines are erased."""
    return await guichet.abandonner(session, import_id, choix)


@pages.get("/lycees/{uai}/siecle/{import_id}/compte-rendu.xlsx")
async def telecharger(
    request: Request, guichet: PageGuichetImports, uai: c.Uai, import_id: UUID
) -> StreamingResponse:
    del uai
    return await _classeur(guichet, session_de(request), import_id)


@pages.post("/lycees/{uai}/siecle/{import_id}/{verbe}")
async def repondre(
    request: Request,
    guichet: PageGuichetImports,
    uai: c.Uai,
    import_id: UUID,
    verbe: Literal["integrer", "confirmer", "annuler"],
    *,
    jeton: Jeton = "",
    confirme: Annotated[bool, Form()] = False,
) -> Response:
    """An answer given on the page of the import, which then says what became of it."""
    verifier_jeton(guichet.identite, jeton)
    try:
        await guichet.repondre(session_de(request), import_id, verbe, confirme=confirme)
    except Refus as refus:
        if refus.status != 409:  # noqa: PLR2004 - answered already: its page says how
            raise
    return RedirectResponse(f"/lycees/{uai}/siecle/{import_id}", 303)


@pages.get("/lycees/{uai}/absents")
async def page_des_absents(request: Request, guichet: PageGuichetImports, uai: c.Uai) -> Response:
    """With the names that the service of pupils gives."""
    session = session_de(request)
    found = (await guichet.absents(session, uai)).absents
    eleves = await _noms(guichet, session, uai) if found else {}
    lignes_ = [(absent, eleves.get(absent.eleve_id)) for absent in found]
    return page(request, "absents.html", identite=guichet.identite, uai=uai, absents=lignes_)


async def _noms(guichet: GuichetImports, session: int, uai: str) -> dict[UUID, c.EleveListe]:
    trouves: dict[UUID, c.EleveListe] = {}
    curseur: str | None = None
    while True:
        liste = await guichet.eleves(session, uai, Recherche(curseur=curseur, limite=_PAGE))
        trouves |= {eleve.eleve_id: eleve for eleve in liste.eleves}
        curseur = liste.suivant
        if curseur is None:
            return trouves


async def _classeur(guichet: GuichetImports, session: int, import_id: UUID) -> StreamingResponse:
    async with AsyncExitStack() as stack:
        source = await guichet.compte_rendu(session, import_id, stack)
        a_fermer = stack.pop_all()
    nom = f'attachment; filename="compte-rendu-{str(import_id)[:8]}.xlsx"'
    return StreamingResponse(
        source.aiter_bytes(),
        media_type=XLSX,
        headers={**PRIVE, "Content-Disposition": source.headers.get("content-disposition", nom)},
        background=BackgroundTask(a_fermer.aclose),
    )
