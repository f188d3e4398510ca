"""Pages on which files come and go: the workbook of a list, the SIECLE file and its compte rendu."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse, StreamingResponse

from services.gateway import contrats as c
from services.gateway.api import classeur
from services.gateway.auth import moyens, verifier_jeton
from services.gateway.demandes import Ecriture, Envoi, FormulaireExport
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.pages import INDISPONIBLE, Jeton, page, session_de
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
_MORCEAU = 1 << 16
_NOM_MAX = 200


@router.post("/lycees/{uai}/exports")
async def demander_export(
    request: Request,
    guichet: PageGuichet,
    uai: c.Uai,
    formulaire: Annotated[FormulaireExport, Form()],
) -> Response:
    """The list with its filters, without what was looked for in the names."""
    verifier_jeton(guichet.identite, formulaire.jeton)
    demande = c.DemandeExport(liste=formulaire.liste, filtres=formulaire.filtres)
    export = await guichet.demander_export(session_de(request), uai, demande, Ecriture())
    return RedirectResponse(f"/lycees/{uai}/exports/{export.id}", 303)


@router.get("/lycees/{uai}/exports/{export_id}")
async def export(request: Request, guichet: PageGuichet, uai: c.Uai, export_id: UUID) -> Response:
    found = await guichet.export(session_de(request), uai, export_id)
    return page(request, "export.html", identite=guichet.identite, uai=uai, export_id=export_id, export=found)


@router.get("/lycees/{uai}/exports/{export_id}/fichier")
async def fichier(request: Request, guichet: PageGuichet, uai: c.Uai, export_id: UUID) -> StreamingResponse:
    return await classeur(guichet, session_de(request), uai, export_id)


@router.get("/lycees/{uai}/siecle")
async def siecle(request: Request, guichet: PageGuichet, uai: c.Uai) -> Response:
    guichet.exiger(Ressource.REMONTEE, Action.ECRIRE, uai)
    return _depot(request, guichet, uai)


@router.post("/lycees/{uai}/siecle")
async def televerser(
    request: Request,
    guichet: PageGuichet,
    uai: c.Uai,
    fichier_siecle: UploadFile,
    *,
    jeton: Jeton = "",
    confirme: Annotated[bool, Form()] = False,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    nom = (fichier_siecle.filename or "siecle")[:_NOM_MAX]
    genre = "application/zip" if nom.lower().endswith(".zip") else "application/octet-stream"
    envoi = Envoi(morceaux=_morceaux(fichier_siecle), genre=genre, nom=nom, confirme=confirme)
    try:
        found = await guichet.remonter(session_de(request), uai, envoi)
    except Refus as refus:
        if refus.status in {404, INDISPONIBLE}:
            raise
        return _depot(request, guichet, uai, refus)
    return RedirectResponse(f"/lycees/{uai}/siecle/{found.import_id}", 303)


def _depot(request: Request, guichet: Guichet, uai: str, refus: Refus | None = None) -> Response:
    return page(
        request,
        "siecle.html",
        identite=guichet.identite,
        status=refus.status if refus else 200,
        uai=uai,
        refus=refus and refus.phrase,
        maximum=moyens(request).settings.upload_max_bytes >> 20,
    )


async def _morceaux(envoi: UploadFile) -> AsyncIterator[bytes]:
    while morceau := await envoi.read(_MORCEAU):
        yield morceau


@router.get("/lycees/{uai}/siecle/{import_id}")
async def remontee(request: Request, guichet: PageGuichet, uai: c.Uai, import_id: UUID) -> Response:
    found = await guichet.remontee(session_de(request), import_id)
    return page(
        request, "import.html", identite=guichet.identite, uai=uai, import_id=import_id, remontee=found
    )
