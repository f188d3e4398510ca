"""Internal HTTP of notes d’entretien."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.eleves.accompagnement.api import lieu_de
from services.eleves.accompagnement.appel import Appel
from services.eleves.accompagnement.notes import commandes, store
from services.eleves.accompagnement.notes.commandes import SaisieNote
from services.eleves.appel import PREFIXE, EleveId, Session, Uai, engine
from shared.db.engine import reading, writing
from shared.http.errors import introuvable
from shared.http.etag import IfMatch, poser
from shared.http.idempotency import CleIdempotence
from shared.http.perimetre import Appelant

router = APIRouter(prefix=PREFIXE)
_NOTES = "/lycees/{uai}/eleves/{eleve_id}/notes"


@router.get(_NOTES)
async def lister(
    request: Request, appelant: Appelant, session: Session, uai: Uai, eleve_id: EleveId
) -> dict[str, Any]:
    """Notes that the caller may read, latest first."""
    lieu = lieu_de(appelant, session, uai)
    async with reading(engine(request)) as connection:
        if not await store.connu(connection, lieu, eleve_id):
            raise introuvable()
        notes = await store.lister(connection, lieu, eleve_id)
    return {
        "notes": [commandes.presenter(note, appelant) for note in notes],
        "visibilites": commandes.choix(appelant),
    }


@router.post(_NOTES, status_code=201)
async def creer(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    saisie: SaisieNote,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    appel = Appel(lieu=lieu_de(appelant, session, uai), cle=cle)
    async with writing(engine(request)) as tx:
        note = await commandes.creer(tx, appel, eleve_id, saisie)
    poser(response, note["version"])
    return note


@router.put(_NOTES + "/{note_id}")
async def modifier(
    request: Request,
    response: Response,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    note_id: EleveId,
    saisie: SaisieNote,
    if_match: IfMatch = None,
    cle: CleIdempotence = None,
) -> dict[str, Any]:
    """Its author only: 403 for the others who read it."""
    appel = Appel(lieu=lieu_de(appelant, session, uai), cle=cle, if_match=if_match)
    async with writing(engine(request)) as tx:
        note = await commandes.modifier(tx, appel, eleve_id, note_id, saisie)
    poser(response, note["version"])
    return note


@router.delete(_NOTES + "/{note_id}", status_code=204)
async def effacer(
    request: Request,
    appelant: Appelant,
    session: Session,
    uai: Uai,
    *,
    eleve_id: EleveId,
    note_id: EleveId,
    if_match: IfMatch = None,
) -> None:
    appel = Appel(lieu=lieu_de(appelant, session, uai), if_match=if_match)
    async with writing(engine(request)) as tx:
        await commandes.effacer(tx, appel, eleve_id, note_id)


@router.get(_NOTES + "/{note_id}/historique")
async def historique(
    request: Request, appelant: Appelant, session: Session, uai: Uai, *, eleve_id: EleveId, note_id: EleveId
) -> dict[str, Any]:
    """Every state of one's own note."""
    appel = Appel(lieu=lieu_de(appelant, session, uai))
    async with writing(engine(request)) as tx:
        return {"historique": await commandes.historique(tx, appel, eleve_id, note_id)}
