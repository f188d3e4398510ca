"""Internal HTTP of the service avenir: read the avis of a pupil, write one."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from services.avenir import store
from services.avenir.commandes import RendreAvis, rendre_avis
from services.avenir.presentation import presenter_fiche
from shared.db.engine import reading, writing
from shared.events.modeles import Capacite, CleVoeu
from shared.http.errors import Refus, introuvable
from shared.http.etag import poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant, Delegation
from shared.service import Running

router = APIRouter(prefix="/interne/v1/sessions/{session}")
EleveId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class SaisieAvis(BaseModel):
    """``capacite`` None erases the avis; it must be said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capacite: Capacite | None


def _running(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


@router.get("/eleves/{eleve_id}/avis")
async def lire(request: Request, appelant: Appelant, session: int, eleve_id: EleveId) -> dict[str, Any]:
    async with reading(_running(request).engine) as connection:
        etat = await store.eleve(connection, appelant, session, eleve_id)
        avis = await store.avis(connection, session, eleve_id) if etat else {}
        autres = await store.autres(connection, session, eleve_id) if etat else {}
    if etat is None:
        raise introuvable()
    return presenter_fiche(etat, avis, autres)


@router.put("/eleves/{eleve_id}/avis/{cible:path}")
async def rendre(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: int,
    eleve_id: EleveId,
    *,
    cible: CleVoeu,
    saisie: SaisieAvis,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Write, change or erase one avis. The answer's ``ETag`` is the version to send as ``If-Match``."""
    if not appelant.decide(Delegation.AVIS):
        phrase = "Seul le chef d’établissement, ou l’adjoint qu’il a délégué, rend un avis."
        raise Refus(403, "role_insuffisant", phrase)
    running = _running(request)
    commande = RendreAvis(
        perimetre=appelant,
        session=session,
        eleve_id=eleve_id,
        cible=cible,
        capacite=saisie.capacite,
        if_match=if_match,
        cle=cle,
        le=datetime.now(UTC),
    )
    async with writing(running.engine) as tx:
        avis = await rendre_avis(tx, commande, prefixe=running.settings.topic_prefix)
    poser(response, avis["version"])
    return avis
