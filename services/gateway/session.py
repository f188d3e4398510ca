"""The API of a session as a whole: calendar, life, référentiels."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import AwareDatetime

from services.gateway import contrats as c
from services.gateway import contrats_session as cs
from services.gateway.api import PREFIXE, REPONSES, Cle
from services.gateway.demandes import Ecriture, Envoi
from services.gateway.operations_session import ApiGuichetSession
from shared.http.errors import Refus

router = APIRouter(prefix=PREFIXE, responses=REPONSES)
_GENRES = frozenset({"text/csv", "application/zip", "application/octet-stream"})


class Objet(StrEnum):
    FORMATIONS = "formations"
    ETABLISSEMENTS = "etablissements"
    MEF = "mef"


@router.get("/sessions/{session}/calendrier", tags=["session"])
async def calendrier(
    guichet: ApiGuichetSession,
    session: c.Session,
    a_la_date: Annotated[
        AwareDatetime | None, Query(description="Moment à situer ; maintenant par défaut")
    ] = None,
) -> cs.Calendrier:
    """Every date of the session, Paris time, and where a moment falls."""
    return await guichet.calendrier(session, a_la_date)


@router.put("/sessions/{session}/calendrier", tags=["session"])
async def poser_calendrier(
    guichet: ApiGuichetSession, session: c.Session, saisie: cs.SaisieCalendrier, cle: Cle = None
) -> cs.CalendrierPose:
    """The whole calendar at once; 409: changed meanwhile; 422: ``phrases`` say all that is wrong."""
    return await guichet.poser_calendrier(session, saisie, Ecriture(idempotence=cle))


@router.get("/sessions/{session}/calendrier/propose", tags=["session"])
async def calendrier_propose(guichet: ApiGuichetSession, session: c.Session) -> cs.Calendrier:
    """The calendar by default, with its source; 404 when none is known."""
    return await guichet.calendrier_propose(session)


@router.get("/sessions/{session}/calendrier/histoire", tags=["session"])
async def histoire(guichet: ApiGuichetSession, session: c.Session) -> cs.HistoireCalendrier:
    return await guichet.histoire_du_calendrier(session)


@router.get("/sessions/{session}/vie", tags=["session"])
async def vie(guichet: ApiGuichetSession, session: c.Session) -> cs.Vie:
    """OUVERTE, GELEE, CLOSE or ARCHIVEE: what is written is refused (409) unless it is OUVERTE."""
    return await guichet.vie(session)


@router.post("/sessions/{session}/vie", tags=["session"])
async def changer_vie(
    guichet: ApiGuichetSession, session: c.Session, saisie: cs.SaisieVie, cle: Cle = None
) -> cs.Vie:
    """Freeze, open again, close, archive; 409 when it is no legal step."""
    return await guichet.changer_vie(session, saisie, Ecriture(idempotence=cle))


@router.get("/sessions/{session}/referentiels", tags=["session"])
async def referentiels(guichet: ApiGuichetSession, session: c.Session) -> cs.Referentiels:
    return await guichet.referentiels(session)


@router.get("/sessions/{session}/referentiels/formations/{formation_id}", tags=["session"])
async def formation(
    guichet: ApiGuichetSession,
    session: c.Session,
    formation_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:\-]{1,40}$")],
) -> cs.HistoireFormation:
    """Every version of a formation, latest first."""
    return await guichet.formation(session, formation_id)


@router.post(
    "/sessions/{session}/referentiels/{objet}",
    status_code=202,
    tags=["session"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {nom: {"schema": {"type": "string", "format": "binary"}} for nom in sorted(_GENRES)},
        }
    },
)
async def deposer(
    request: Request,
    guichet: ApiGuichetSession,
    session: c.Session,
    objet: Objet,
    *,
    content_type: Annotated[str, Header(include_in_schema=False)] = "application/octet-stream",
    nom: Annotated[str, Query(max_length=200, description="Nom du fichier")] = "referentiel.csv",
    confirme: Annotated[bool, Query(description="Oui d’avance à ce qui serait demandé")] = False,
    essai: Annotated[bool | None, Query(description="Essai d’abord, à intégrer ensuite")] = None,
) -> c.DepotRecu:
    """The CSV itself is the body, zipped or not; what became of it is at ``/imports/{import_id}``."""
    genre = content_type.partition(";")[0].strip().lower()
    if genre not in _GENRES:
        raise Refus(415, "type_refuse", "Envoyez un fichier CSV, ou le zip qui le contient.")
    envoi = Envoi(morceaux=request.stream(), genre=genre, nom=nom, confirme=confirme, essai=essai)
    return await guichet.deposer_referentiel(session, objet.value, envoi)
