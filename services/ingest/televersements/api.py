"""Internal HTTP of the uploads in pieces; the gateway says the same in headers."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from services.ingest.depot_http import essai_par_defaut, imports_de, reveiller
from services.ingest.televersements.domain import Annonce, Etat
from services.ingest.televersements.droits import peut_envoyer
from services.ingest.televersements.service import Televersements
from shared.http.errors import introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix="/interne/v1/sessions/{session}/televersements")
Identifiant = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Saisie(BaseModel):
    """``sha256``: of the whole file; ``octets``: its size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nature: Annotated[str, Field(max_length=40)]
    octets: Annotated[int, Field(ge=1, le=1 << 40)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    nom: Annotated[str, Field(max_length=200)] = ""
    uai: Annotated[str, Field(pattern=r"^[0-9]{7}[A-Z]$")] | None = None
    confirme: bool = False


@router.post("", status_code=201)
async def annoncer(
    request: Request, response: Response, appelant: Appelant, session: int, corps: Saisie
) -> dict[str, Any]:
    """201 for a new upload, 200 for the one already open for the same file."""
    envois = _envois(request, session)
    if not peut_envoyer(appelant, corps.nature, corps.uai):
        raise introuvable()
    ligne, deja = await envois.ouvrir(appelant.acteur, Annonce(**corps.model_dump()))
    response.status_code = 200 if deja else 201
    return presenter(ligne)


@router.get("/{identifiant}")
async def montrer(
    request: Request, appelant: Appelant, session: int, identifiant: Identifiant
) -> dict[str, Any]:
    return presenter(await _envois(request, session).lire(appelant.acteur, identifiant))


@router.patch("/{identifiant}")
async def envoyer(
    request: Request,
    appelant: Appelant,
    session: int,
    identifiant: Identifiant,
    offset: Annotated[int, Query(ge=0)],
) -> dict[str, Any]:
    """Bytes from ``offset`` on; whole and verified, the file is deposited."""
    ligne = await _envois(request, session).recevoir(
        appelant.acteur,
        identifiant,
        offset,
        request.stream().__aiter__(),
        essai=essai_par_defaut(appelant, None),
    )
    if ligne.etat == Etat.RECU:
        reveiller(request)
    return presenter(ligne)


@router.delete("/{identifiant}", status_code=204)
async def annuler(request: Request, appelant: Appelant, session: int, identifiant: Identifiant) -> Response:
    await _envois(request, session).annuler(appelant.acteur, identifiant)
    return Response(status_code=204)


def presenter(ligne: Row[Any]) -> dict[str, Any]:
    """``import_id`` once the file is whole."""
    return {
        "id": ligne.id,
        "etat": ligne.etat,
        "nature": ligne.nature,
        "uai": ligne.uai,
        "octets": ligne.octets,
        "offset": ligne.recus,
        "expire_le": ligne.expire_le,
        "import_id": ligne.id if ligne.etat == Etat.RECU else None,
    }


def _envois(request: Request, session: int) -> Televersements:
    imports_de(request, session)
    envois: Televersements = request.app.state.running.resources["televersements"]
    return envois
