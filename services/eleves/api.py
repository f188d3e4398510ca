"""Internal HTTP of the service eleves: lists and dossiers, within the caller's scope."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from services.eleves import store
from services.eleves.presentation import presenter_dossier
from shared.db.engine import reading
from shared.domaine.listes import Liste
from shared.http.errors import Refus, introuvable
from shared.http.perimetre import Appelant

router = APIRouter(prefix="/interne/v1/sessions/{session}")
Uai = Annotated[str, Path(pattern=r"^[0-9]{7}[A-Z]$")]
EleveId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def _engine(request: Request) -> AsyncEngine:
    engine: AsyncEngine = request.app.state.running.engine
    return engine


@router.get("/lycees/{uai}/eleves")
async def lister(
    request: Request,
    appelant: Appelant,
    session: int,
    uai: Uai,
    *,
    liste: Liste = Liste.TOUS,
    serie: str | None = None,
    classe: str | None = None,
    q: Annotated[str | None, Query(max_length=80)] = None,
    curseur: str | None = None,
    limite: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """One page of a list, the size of every list, and the cursor of the next page."""
    if not appelant.voit_lycee(uai):
        raise introuvable()
    filtre = store.Filtre(
        liste=liste, serie=serie, classe=classe, texte=q, apres=_lire_curseur(curseur), limite=limite
    )
    async with reading(_engine(request)) as connection:
        total, eleves = await store.lister(connection, appelant, session, uai, filtre)
        comptes = await store.compter(connection, appelant, session, uai)
        classes = await store.classes(connection, appelant, session, uai)
    suivant = _ecrire_curseur(eleves[-1]) if len(eleves) == limite else None
    for eleve in eleves:
        del eleve["tri"]
    return {"total": total, "eleves": eleves, "suivant": suivant, "comptes": comptes, "classes": classes}


@router.get("/eleves/{eleve_id}")
async def dossier(request: Request, appelant: Appelant, session: int, eleve_id: EleveId) -> dict[str, Any]:
    async with reading(_engine(request)) as connection:
        etat = await store.dossier(connection, appelant, session, eleve_id)
    if etat is None:
        raise introuvable()
    return presenter_dossier(eleve_id, etat)


def _ecrire_curseur(eleve: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(f"{eleve['tri']}\n{eleve['eleve_id']}".encode()).decode()


def _lire_curseur(curseur: str | None) -> tuple[str, str] | None:
    if not curseur:
        return None
    try:
        tri, _, eleve_id = base64.urlsafe_b64decode(curseur).decode().partition("\n")
    except (binascii.Error, UnicodeDecodeError) as erreur:
        raise Refus(
            422, "curseur_invalide", "Cette page de la liste n’existe plus : reprenez au début."
        ) from erreur
    return tri, eleve_id
