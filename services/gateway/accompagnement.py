"""The JSON API of actions d’accompagnement, notes d’entretien and proposals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.gateway import contrats_accompagnement as ca
from services.gateway.api import PREFIXE, REPONSES, Cle, IfMatch
from services.gateway.contrats import CodeAcademie, Session, Uai
from services.gateway.demandes import Ecriture
from services.gateway.operations_accompagnement import ApiAccompagnement
from shared.http.etag import poser

router = APIRouter(prefix=PREFIXE, responses=REPONSES, tags=["accompagnement"])
_LYCEE = "/sessions/{session}/lycees/{uai}"
_ACTION = _LYCEE + "/actions/{action_id}"
_NOTES = _LYCEE + "/eleves/{eleve_id}/notes"
_ACADEMIE = "/sessions/{session}/academies/{code}/propositions"


def _etag(response: Response, changee: ca.ActionChangee) -> ca.ActionChangee:
    poser(response, changee.action.version)
    return changee


@router.get(f"{_LYCEE}/actions")
async def lister(
    guichet: ApiAccompagnement, session: Session, uai: Uai, filtre: Annotated[ca.FiltreActions, Query()]
) -> ca.Tableau:
    """Open ones first, the most overdue before; who sees some classes only sees their actions and pupils."""
    return await guichet.actions(session, uai, filtre)


@router.post(f"{_LYCEE}/actions/apercu")
async def apercu(
    guichet: ApiAccompagnement, session: Session, uai: Uai, demande: ca.DemandeApercu
) -> ca.Apercu:
    """What creating would say of each pupil; nothing is written."""
    return await guichet.apercu(session, uai, demande)


@router.post(f"{_LYCEE}/actions", status_code=201)
async def creer(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    saisie: ca.ActionNouvelle,
    cle: Cle = None,
) -> ca.ActionChangee:
    """``rapport``: what became of each pupil. 409 ``aucun_eleve``: none may be followed."""
    return _etag(response, await guichet.creer(session, uai, saisie, Ecriture(idempotence=cle)))


@router.get(_ACTION)
async def lire(
    guichet: ApiAccompagnement, response: Response, session: Session, uai: Uai, *, action_id: UUID
) -> ca.DetailAction:
    """``ETag``: what ``If-Match`` expects."""
    action = await guichet.action(session, uai, action_id)
    poser(response, action.version)
    return action


@router.put(_ACTION)
async def modifier(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    action_id: UUID,
    saisie: ca.SaisieAction,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.ActionChangee:
    """412: changed meanwhile, with ``actuel`` and ``propose``; 428: version not said; 409: closed."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, (action_id, ""), saisie, ecriture))


@router.post(f"{_ACTION}/eleves")
async def changer_eleves(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    action_id: UUID,
    saisie: ca.ChangementEleves,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.ActionChangee:
    """Add and take off, with a ``rapport`` per pupil."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, (action_id, "eleves"), saisie, ecriture))


@router.post(f"{_ACTION}/issues")
async def noter_issues(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    action_id: UUID,
    saisie: ca.IssuesSaisies,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.ActionChangee:
    """What came of it for some pupils."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, (action_id, "issues"), saisie, ecriture))


@router.post(f"{_ACTION}/cloture")
async def clore(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    action_id: UUID,
    saisie: ca.ClotureSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.ActionChangee:
    """Done, or given up with a reason (422 without)."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, (action_id, "cloture"), saisie, ecriture))


@router.post(f"{_ACTION}/reouverture")
async def rouvrir(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    action_id: UUID,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.ActionChangee:
    """Undo a closing."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    return _etag(response, await guichet.changer(session, uai, (action_id, "reouverture"), None, ecriture))


@router.post(f"{_ACTION}/commentaires", status_code=201)
async def commenter(
    guichet: ApiAccompagnement,
    session: Session,
    uai: Uai,
    action_id: UUID,
    *,
    saisie: ca.CommentaireSaisi,
    cle: Cle = None,
) -> ca.CommentaireRecu:
    return await guichet.commenter(session, uai, action_id, saisie, Ecriture(idempotence=cle))


@router.get(_NOTES)
async def notes(guichet: ApiAccompagnement, session: Session, uai: Uai, eleve_id: UUID) -> ca.Notes:
    """Those that the caller may read. Each reading is audited."""
    return await guichet.notes(session, uai, eleve_id)


@router.post(_NOTES, status_code=201)
async def ecrire_note(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    saisie: ca.NoteSaisie,
    cle: Cle = None,
) -> ca.Note:
    note = await guichet.ecrire_note(session, uai, (eleve_id, None), saisie, Ecriture(idempotence=cle))
    poser(response, note.version)
    return note


@router.put(_NOTES + "/{note_id}")
async def modifier_note(
    guichet: ApiAccompagnement,
    response: Response,
    session: Session,
    uai: Uai,
    *,
    eleve_id: UUID,
    note_id: UUID,
    saisie: ca.NoteSaisie,
    if_match: IfMatch = None,
    cle: Cle = None,
) -> ca.Note:
    """By its author only; 412, 428 as elsewhere."""
    ecriture = Ecriture(if_match=if_match, idempotence=cle)
    note = await guichet.ecrire_note(session, uai, (eleve_id, note_id), saisie, ecriture)
    poser(response, note.version)
    return note


@router.delete(_NOTES + "/{note_id}", status_code=204)
async def effacer_note(
    guichet: ApiAccompagnement,
    session: Session,
    uai: Uai,
    eleve_id: UUID,
    *,
    note_id: UUID,
    if_match: IfMatch = None,
) -> None:
    """With every text that it had."""
    await guichet.effacer_note(session, uai, (eleve_id, note_id), Ecriture(if_match=if_match))


@router.get(_NOTES + "/{note_id}/historique")
async def historique_de_note(
    guichet: ApiAccompagnement, session: Session, uai: Uai, eleve_id: UUID, note_id: UUID
) -> ca.HistoriqueNote:
    """Of one's own note."""
    return await guichet.historique_de_note(session, uai, eleve_id, note_id)


@router.get(f"{_LYCEE}/propositions")
async def propositions_recues(guichet: ApiAccompagnement, session: Session, uai: Uai) -> ca.Propositions:
    """What the SAIO proposes to the lycée."""
    return await guichet.propositions_recues(session, uai)


@router.get(_LYCEE + "/propositions/{proposition_id}")
async def proposition_recue(
    guichet: ApiAccompagnement, session: Session, uai: Uai, proposition_id: UUID
) -> ca.DetailProposition:
    """With the pupils of its list today, to pick from."""
    return await guichet.proposition(session, uai, proposition_id)


@router.post(_LYCEE + "/propositions/{proposition_id}/reponse")
async def repondre(
    guichet: ApiAccompagnement,
    session: Session,
    uai: Uai,
    proposition_id: UUID,
    *,
    saisie: ca.ReponseProposition,
    if_match: IfMatch = None,
) -> ca.Proposition:
    ecriture = Ecriture(if_match=if_match)
    return await guichet.repondre(session, uai, proposition_id, saisie, ecriture)


@router.get(_ACADEMIE)
async def propositions_faites(
    guichet: ApiAccompagnement, session: Session, code: CodeAcademie
) -> ca.Propositions:
    """What became of them, in counts."""
    return await guichet.propositions_faites(session, code)


@router.post(_ACADEMIE, status_code=201)
async def proposer(
    guichet: ApiAccompagnement,
    session: Session,
    code: CodeAcademie,
    *,
    saisie: ca.PropositionSaisie,
    cle: Cle = None,
) -> ca.PropositionsEnvoyees:
    """One per lycée named, with a ``rapport`` per lycée."""
    return await guichet.proposer(session, code, saisie, Ecriture(idempotence=cle))


@router.post(_ACADEMIE + "/{proposition_id}/retrait")
async def retirer(
    guichet: ApiAccompagnement,
    session: Session,
    code: CodeAcademie,
    proposition_id: UUID,
    *,
    if_match: IfMatch = None,
) -> ca.Proposition:
    return await guichet.retirer_proposition(session, code, proposition_id, Ecriture(if_match=if_match))
