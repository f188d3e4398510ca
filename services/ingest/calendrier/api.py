"""Internal HTTP of the session's calendar and life: anybody of the house reads, the operator writes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.calendrier import commandes, store, vie
from services.ingest.calendrier.domain import (
    CalendrierRefuse,
    EtatSession,
    ecrire_document,
    lire_document,
    situer,
)
from services.ingest.calendrier.vie import TransitionRefuseeError
from services.ingest.settings import IngestSettings
from shared.domaine.calendriers_connus import par_defaut
from shared.http.errors import Refus, introuvable
from shared.http.idempotency import CleIdempotence, deja_repondu, retenir
from shared.http.perimetre import Appelant, Perimetre, Role

router = APIRouter(prefix="/interne/v1/sessions/{session}")
_PHRASES = {
    EtatSession.OUVERTE: "La session ne peut pas être ouverte dans son état actuel.",
    EtatSession.GELEE: "La session ne peut pas être gelée dans son état actuel.",
    EtatSession.CLOSE: "La session ne peut pas être close maintenant : elle n’est pas ouverte, ou des imports sont en cours.",
    EtatSession.ARCHIVEE: "La session ne peut être archivée qu’une fois close, tous les imports finis.",
}


class SaisieCalendrier(BaseModel):
    """The whole calendar. ``version``: the one it was made from; refused when it has changed since."""

    model_config = ConfigDict(extra="ignore")

    session: int | None = None
    etapes: dict[str, str]
    valeurs: dict[str, int] = {}
    version: int | None = None
    motif: str | None = Field(default=None, max_length=300)


class SaisieVie(BaseModel):
    model_config = ConfigDict(extra="forbid")

    etat: EtatSession
    motif: str | None = Field(default=None, max_length=300)


@router.get("/calendrier")
async def lire(
    request: Request, appelant: Appelant, session: int, a_la_date: AwareDatetime | None = None
) -> dict[str, Any]:
    """The calendar, and where ``a_la_date`` (now by default) falls; ``etapes`` empty when it is not set."""
    del appelant
    engine, _ = _moyens(request, session)
    async with engine.connect() as tx:
        calendrier = await store.lire_calendrier(tx, session)
    if calendrier is None:
        return {"session": session, "version": 0, "etapes": {}, "valeurs": {}, "libelles": {}}
    return ecrire_document(calendrier) | situer(calendrier, a_la_date or datetime.now(UTC))


@router.get("/calendrier/propose")
async def proposer(request: Request, appelant: Appelant, session: int) -> dict[str, Any]:
    """The calendar by default of the session, with its source; 404 when none is known."""
    _moyens(request, session)
    _operateur(appelant)
    propose = par_defaut(session)
    if propose is None:
        raise introuvable()
    return ecrire_document(propose.calendrier) | {"source": propose.source}


@router.get("/calendrier/histoire")
async def histoire(
    request: Request, appelant: Appelant, session: int, limite: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    _operateur(appelant)
    engine, _ = _moyens(request, session)
    async with engine.connect() as tx:
        return {"etapes": await store.histoire(tx, session, "etape", None, limite)}


@router.put("/calendrier")
async def poser(
    request: Request,
    appelant: Appelant,
    session: int,
    saisie: SaisieCalendrier,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Set the whole calendar; 409 when ``version`` is not the current one, 422 with every sentence."""
    _operateur(appelant)
    engine, settings = _moyens(request, session)
    demande = saisie.model_dump(mode="json")
    try:
        calendrier = lire_document(
            {"etapes": saisie.etapes, "valeurs": saisie.valeurs, "session": saisie.session or session},
            session,
        )
    except CalendrierRefuse as refus:
        raise Refus(422, "calendrier_refuse", refus.phrases[0], phrases=refus.phrases) from refus
    async with engine.begin() as tx:
        deja = await deja_repondu(tx, appelant.acteur, cle, demande)
        if deja is not None:
            return deja
        _refuser_archive(await store.lire_vie(tx, session), session)
        try:
            version, changees = await commandes.poser(
                tx,
                settings,
                calendrier,
                par=appelant.acteur,
                motif=saisie.motif,
                maintenant=datetime.now(UTC),
                attendue=saisie.version,
            )
        except commandes.AutreVersionError as autre:
            phrase = "Le calendrier a changé entre-temps : rechargez-le avant de le modifier."
            raise Refus(409, "calendrier_modifie", phrase, version=autre.actuelle) from autre
        reponse = {"session": session, "version": version, "modifiees": commandes.dits(changees)}
        await retenir(tx, appelant.acteur, cle, reponse)
    return reponse


@router.get("/vie")
async def lire_vie(request: Request, appelant: Appelant, session: int) -> dict[str, Any]:
    """State of the session; who and why for the operator only."""
    engine, _ = _moyens(request, session)
    async with engine.connect() as tx:
        vue = await store.lire_vie(tx, session)
        passe = await store.histoire(tx, session, "session") if appelant.role is Role.OPERATEUR else None
    return presenter(session, vue) | ({"histoire": passe} if passe is not None else {})


@router.post("/vie")
async def changer(
    request: Request, appelant: Appelant, session: int, saisie: SaisieVie, cle: CleIdempotence = None
) -> dict[str, Any]:
    """Freeze, reopen, close or archive. Purging is for the command line only."""
    _operateur(appelant)
    engine, settings = _moyens(request, session)
    if saisie.etat is EtatSession.PURGEE:
        raise Refus(422, "purge_refusee", "Une session ne se purge qu’en ligne de commande.")
    async with engine.begin() as tx:
        deja = await deja_repondu(tx, appelant.acteur, cle, saisie.model_dump(mode="json"))
        if deja is not None:
            return deja
        try:
            vue = await vie.changer(tx, settings, saisie.etat, par=appelant.acteur, motif=saisie.motif)
        except TransitionRefuseeError as erreur:
            raise Refus(409, "transition_refusee", _PHRASES[saisie.etat]) from erreur
        reponse = presenter(session, vue)
        await retenir(tx, appelant.acteur, cle, reponse)
    return reponse


def presenter(session: int, vue: store.Vie) -> dict[str, Any]:
    etat = vue.etat or EtatSession.OUVERTE
    return {
        "session": session,
        "etat": etat.value,
        "version": vue.version,
        "motif": vue.motif,
        "depuis": vue.le.isoformat() if vue.le else None,
    }


def _refuser_archive(vue: store.Vie, session: int) -> None:
    """The calendar of a frozen session may be mended; that of an archived one is history."""
    if vue.etat in (EtatSession.ARCHIVEE, EtatSession.PURGEE):
        vie.refuser_si_fermee(vue, session)


def _operateur(appelant: Perimetre) -> None:
    if appelant.role is not Role.OPERATEUR:
        raise introuvable()


def _moyens(request: Request, session: int) -> tuple[AsyncEngine, IngestSettings]:
    running = request.app.state.running
    if session != running.settings.session:
        raise introuvable()
    return running.engine, running.settings
