"""Internal HTTP of the service exports: ask for a workbook, see its state, take it away."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row

from services.exports import store
from services.exports.atelier import REVEIL
from services.exports.domain import EtatExport
from shared.db.engine import reading, writing
from shared.domaine.catalogue import LISTES, CodeListe
from shared.domaine.filtres import Filtres
from shared.domaine.tri import cle_de_tri
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import CleIdempotence, deja_repondu, retenir
from shared.http.perimetre import DIRECTION, Appelant, Perimetre, Role
from shared.service import Running

router = APIRouter(prefix="/interne/v1/sessions/{session}/lycees/{uai}/exports")
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
ExportId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DemandeExport(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    liste: CodeListe
    filtres: Filtres = Filtres()


def _running(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


_ROLES = DIRECTION | {Role.PROFESSEUR_PRINCIPAL}


def _permettre(appelant: Perimetre, uai: str) -> None:
    if appelant.role not in _ROLES or not appelant.voit_lycee(uai):
        raise introuvable()


def _classes(appelant: Perimetre, uai: str) -> tuple[str, ...] | None:
    """Codes of the classes that the caller sees in that lycée; None for all."""
    if appelant.classes is None:
        return None
    return tuple(c.partition("/")[2] for c in appelant.classes if c.startswith(f"{uai}/"))


@router.post("", status_code=202)
async def demander(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    demande: DemandeExport,
    *,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Ask for the workbook of a list; it is made at once, in the background."""
    _permettre(appelant, uai)
    running = _running(request)
    if LISTES[demande.liste].reservee and not appelant.direction:
        raise introuvable()
    identite = {
        "commande": "demander_export",
        "session": session,
        "uai": uai,
        **demande.model_dump(mode="json", exclude_defaults=True),
    }
    async with writing(running.engine) as tx:
        deja = await deja_repondu(tx, appelant.acteur, cle, identite)
        if deja is not None:
            return deja
        nouvelle = store.Demande(
            str(uuid4()),
            session,
            uai,
            demande.liste,
            demande.filtres,
            _classes(appelant, uai),
            appelant.direction,
        )
        maintenant = datetime.now(UTC)
        expire_le = maintenant + timedelta(hours=running.settings.export_ttl_hours)
        await store.creer(tx, nouvelle, appelant.acteur, maintenant, expire_le)
        reponse = {"id": nouvelle.id, "etat": EtatExport.EN_COURS.value}
        await retenir(tx, appelant.acteur, cle, reponse)
    running.resources[REVEIL].set()
    return reponse


@router.get("/{export_id}")
async def etat(
    request: Request, appelant: Appelant, session: int, uai: Uai, export_id: ExportId
) -> dict[str, Any]:
    export = await _lire(request, appelant, session, uai, export_id)
    return {
        "id": export.id,
        "session": export.session,
        "uai": export.uai,
        "liste": export.liste,
        "etat": export.etat,
        "lignes": export.lignes,
        "nom": export.nom,
        "taille": export.taille,
        "sha256": export.sha256,
        "cree_le": export.cree_le.isoformat(),
        "pret_le": export.pret_le and export.pret_le.isoformat(),
        "expire_le": export.expire_le.isoformat(),
    }


@router.get("/{export_id}/fichier")
async def fichier(
    request: Request, appelant: Appelant, session: int, uai: Uai, export_id: ExportId
) -> Response:
    """The workbook. Nominative: kept by no cache."""
    export = await _lire(request, appelant, session, uai, export_id)
    if export.etat == EtatExport.EN_COURS:
        raise Refus(409, "export_en_cours", "Le tableur est en préparation : réessayez dans un instant.")
    if export.etat == EtatExport.ECHEC:
        raise Refus(409, "export_echoue", "Le tableur n’a pas pu être préparé : demandez-le de nouveau.")
    async with reading(_running(request).engine) as connection:
        contenu = await store.contenu(connection, appelant, session, uai, export_id)
    if contenu is None:
        raise introuvable()
    return Response(
        contenu,
        media_type=XLSX,
        headers={
            "Content-Disposition": _disposition(export.nom),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _lire(request: Request, appelant: Perimetre, session: int, uai: str, export_id: str) -> Row[Any]:
    _permettre(appelant, uai)
    async with reading(_running(request).engine) as connection:
        export = await store.lire(connection, appelant, session, uai, export_id)
    if export is None:
        raise introuvable()
    if export.expire_le <= datetime.now(UTC):
        raise Refus(410, "export_expire", "Ce tableur a expiré : demandez-le de nouveau.")
    return export


def _disposition(nom: str) -> str:
    """The French name, and for old clients the same without accents (RFC 6266)."""
    base, _, extension = nom.rpartition(".")
    simple = "_".join(cle_de_tri(base.replace("-", " ")).split())
    return f"attachment; filename=\"{simple}.{extension}\"; filename*=UTF-8''{quote(nom)}"
