"""The notes d’entretien of a pupil: a section of his dossier, and a page where its author changes one."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accompagnement_vues as vues
from services.gateway import contrats as c
from services.gateway import contrats_accompagnement as ca
from services.gateway.accompagnement_vues import Formulaire
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.operations_accompagnement import GuichetAccompagnement, PageAccompagnement
from services.gateway.pages import Jeton, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_NOTES = "/lycees/{uai}/eleves/{eleve_id}/notes"
_REPRIS = frozenset({409, 412, 422, 428})


async def section(guichet: Guichet, session: int, uai: str, eleve_id: UUID) -> dict[str, Any]:
    """What the dossier's section needs beside its actions. ``notes`` None: the caller reads none."""
    lecteur = GuichetAccompagnement(guichet.identite, guichet.moyens)
    lues = await _lisibles(lecteur, session, uai, eleve_id)
    panne = lues.phrase if isinstance(lues, Refus) else ""
    return {
        "notes": None if isinstance(lues, Refus) else lues,
        "panne_notes": panne,
        "suit": guichet.peut(Ressource.ACCOMPAGNEMENT, Action.ECRIRE, uai),
        "jour_note": vues.aujourd_hui().isoformat(),
        "cle_note": str(uuid4()),
    }


async def _lisibles(
    guichet: GuichetAccompagnement, session: int, uai: str, eleve_id: UUID
) -> ca.Notes | Refus | None:
    """None for who reads none, and of a pupil who is not (or no more) of this lycée."""
    if not guichet.peut(Ressource.NOTES, Action.LIRE, uai):
        return None
    try:
        return await ou_panne(guichet.notes(session, uai, eleve_id))
    except Refus as refus:
        if refus.status != introuvable().status:
            raise
        return None


@router.post(_NOTES)
async def creer(
    request: Request,
    guichet: PageAccompagnement,
    uai: c.Uai,
    eleve_id: UUID,
    *,
    jeton: Jeton = "",
    jour: Annotated[str, Form(max_length=20)] = "",
    texte: Annotated[str, Form(max_length=8_000)] = "",
    visibilite: Annotated[str, Form(max_length=40)] = "",
    cle: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Back to the dossier; a note that is refused comes back on a page of its own, text and all."""
    verifier_jeton(guichet.identite, jeton)
    valeurs = {"jour": jour, "texte": texte, "visibilite": visibilite}
    ecriture = Ecriture(idempotence=cle or None)
    return await _ecrire(request, guichet, (uai, eleve_id, None), valeurs, ecriture)


@router.get(_NOTES + "/{note_id}")
async def note(
    request: Request, guichet: PageAccompagnement, uai: c.Uai, eleve_id: UUID, note_id: UUID
) -> Response:
    """One's own note, to change or take away, with what it said before."""
    return await _page(request, guichet, (uai, eleve_id, note_id), Formulaire({}))


@router.post(_NOTES + "/{note_id}")
async def changer(
    request: Request,
    guichet: PageAccompagnement,
    uai: c.Uai,
    eleve_id: UUID,
    note_id: UUID,
    *,
    version: Annotated[int, Form(ge=1)],
    jeton: Jeton = "",
    action: Annotated[str, Form(max_length=20)] = "enregistrer",
    jour: Annotated[str, Form(max_length=20)] = "",
    texte: Annotated[str, Form(max_length=8_000)] = "",
    visibilite: Annotated[str, Form(max_length=40)] = "",
    confirme: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    ecriture = Ecriture(if_match=f'"{version}"')
    quoi = (uai, eleve_id, note_id)
    if action != "effacer":
        valeurs = {"jour": jour, "texte": texte, "visibilite": visibilite}
        return await _ecrire(request, guichet, quoi, valeurs, ecriture)
    if not confirme:
        refus = "Cochez la case pour confirmer : une note effacée ne peut pas être retrouvée."
        return await _page(request, guichet, quoi, Formulaire({}, refus=refus), status=422)
    try:
        await guichet.effacer_note(session_de(request), uai, (eleve_id, note_id), ecriture)
    except Refus as refus_:
        if refus_.status not in _REPRIS:
            raise
        formule = Formulaire({}, refus=refus_.phrase)
        return await _page(request, guichet, quoi, formule, status=refus_.status)
    return _retour(uai, eleve_id)


async def _ecrire(
    request: Request,
    guichet: GuichetAccompagnement,
    quoi: tuple[str, UUID, UUID | None],
    valeurs: dict[str, str],
    ecriture: Ecriture,
) -> Response:
    uai, eleve_id, note_id = quoi
    saisie = vues.lire(ca.NoteSaisie, valeurs)
    if isinstance(saisie, Formulaire):
        return await _page(request, guichet, quoi, saisie, status=422)
    try:
        await guichet.ecrire_note(session_de(request), uai, (eleve_id, note_id), saisie, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        conflit = refus.details.get("actuel")
        formule = Formulaire(valeurs, conflit=conflit, refus=refus.phrase)
        return await _page(request, guichet, quoi, formule, status=refus.status)
    return _retour(uai, eleve_id)


async def _page(
    request: Request,
    guichet: GuichetAccompagnement,
    quoi: tuple[str, UUID, UUID | None],
    formulaire: Formulaire,
    *,
    status: int = 200,
) -> Response:
    uai, eleve_id, note_id = quoi
    session = session_de(request)
    lues = await guichet.notes(session, uai, eleve_id)
    sienne = next((un for un in lues.notes if un.id == note_id and un.sienne), None)
    if note_id is not None and sienne is None:
        raise introuvable()
    passe = await guichet.historique_de_note(session, uai, eleve_id, note_id) if note_id else None
    connue = {} if sienne is None else sienne.model_dump(mode="json", include={"jour", "texte", "visibilite"})
    return page(
        request,
        "note.html",
        identite=guichet.identite,
        status=status,
        uai=uai,
        eleve_id=eleve_id,
        note=sienne,
        visibilites=lues.visibilites,
        valeurs={"jour": "", "texte": "", "visibilite": "", **connue, **formulaire.valeurs},
        erreurs=formulaire.erreurs,
        conflit=formulaire.conflit,
        refus=formulaire.refus,
        historique=passe.historique if passe else (),
        cle=str(uuid4()),
    )


def _retour(uai: str, eleve_id: UUID) -> Response:
    return RedirectResponse(f"/lycees/{uai}/eleves/{eleve_id}?fait=note#notes", 303)
