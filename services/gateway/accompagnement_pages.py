"""The pages of accompagnement in a lycée: the board, and an action with what is done of it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from services.gateway import accompagnement_vues as vues
from services.gateway import contrats as c
from services.gateway import contrats_accompagnement as ca
from services.gateway.accompagnement_vues import Formulaire
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_accompagnement import GuichetAccompagnement, PageAccompagnement
from services.gateway.pages import ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
CHAMPS_MAX = 1_000
REPRIS = frozenset({409, 412, 422, 428})
_CONFLIT = frozenset({412, 428})
Dites = tuple[dict[str, Any], ...]
Fait = Annotated[str, Query(max_length=20)]


class AdresseTableau(ca.FiltreActions):
    """What the board's address asks for: open actions unless it says otherwise."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    etat: ca.EtatAction | None = ca.EtatAction.OUVERTE
    tout: bool = False
    fait: str = ""

    def filtre(self) -> ca.FiltreActions:
        voulu = self.model_dump(exclude={"tout", "fait"})
        return ca.FiltreActions(**{**voulu, "etat": None if self.tout else self.etat})


def adresse_tableau(request: Request) -> AdresseTableau:
    """Empty choices of the filter's form are no filter."""
    return AdresseTableau.model_validate({k: v for k, v in request.query_params.items() if v})


@router.get("/lycees/{uai}/accompagnement")
async def tableau(request: Request, guichet: PageAccompagnement, uai: c.Uai) -> Response:
    """What is late, what is for this week, by whom, and what the SAIO proposes."""
    try:
        adresse = adresse_tableau(request)
    except ValueError:
        return RedirectResponse(f"/lycees/{uai}/accompagnement", 303)
    filtre = adresse.filtre()
    found, recues = await asyncio.gather(
        guichet.actions(session_de(request), uai, filtre),
        _recues(request, guichet, uai),
    )
    return page(
        request,
        "accompagnement.html",
        identite=guichet.identite,
        uai=uai,
        tableau=found,
        filtre=filtre,
        groupes=vues.groupes(found),
        suite=vues.adresse(uai, filtre) if found.suivant else "",
        propositions=[un for un in recues if un.etat in {"PROPOSEE", "REPONDUE"}],
        anciennes=[un for un in recues if un.etat not in {"PROPOSEE", "REPONDUE"}],
        vues=vues,
        fait=vues.FAITS.get(adresse.fait, ""),
    )


async def _recues(request: Request, guichet: GuichetAccompagnement, uai: str) -> tuple[ca.Proposition, ...]:
    """The SAIO's proposals are the direction's business; a breakdown does not take the board away."""
    if not guichet.peut(Ressource.PROPOSITIONS, Action.LIRE, uai):
        return ()
    recues = await ou_panne(guichet.propositions_recues(session_de(request), uai))
    return () if isinstance(recues, Refus) else recues.propositions


@router.get("/lycees/{uai}/accompagnement/{action_id}")
async def action(
    request: Request, guichet: PageAccompagnement, uai: c.Uai, action_id: UUID, fait: Fait = ""
) -> Response:
    return await montrer_action(request, guichet, uai, action_id, fait=fait)


async def montrer_action(
    request: Request,
    guichet: GuichetAccompagnement,
    uai: str,
    action_id: UUID,
    *,
    fait: str = "",
    rapport: tuple[ca.SortEleve, ...] = (),
    formulaire: Formulaire | None = None,
    status: int = 200,
) -> Response:
    """``formulaire``: what was just sent and not done; ``rapport``: what became of each pupil of a command."""
    found = await guichet.action(session_de(request), uai, action_id)
    return page(
        request,
        "accompagnement_action.html",
        identite=guichet.identite,
        status=status,
        uai=uai,
        action=found,
        ouverte=found.etat is ca.EtatAction.OUVERTE,
        valeurs={**vues.valeurs_de(found), **(formulaire.valeurs if formulaire else {})},
        erreurs=formulaire.erreurs if formulaire else {},
        refus=formulaire.refus if formulaire else "",
        conflit=formulaire.conflit if formulaire else None,
        propose=formulaire.valeurs.get("titre", "") if formulaire else "",
        fait=vues.FAITS.get(fait, ""),
        rapport=[un for un in rapport if not un.retenu and un.resultat != "retire"],
        cle=str(uuid4()),
        ACTES=vues.ACTES,
        CHAMPS=vues.CHAMPS,
    )


@router.post("/lycees/{uai}/accompagnement/{action_id}/{geste}")
async def changer(
    request: Request, guichet: PageAccompagnement, uai: c.Uai, action_id: UUID, geste: str
) -> Response:
    """One of the forms of an action's page; a refusal comes back on it with what was typed."""
    formulaire = await request.form(max_fields=CHAMPS_MAX)
    verifier_jeton(guichet.identite, str(formulaire.get("jeton", "")))
    textes = {nom: str(valeur) for nom, valeur in formulaire.items()}
    retires = vues.uuids(str(un) for un in formulaire.getlist("eleve_id"))
    return await _faire(request, guichet, (uai, action_id, geste), {**textes, "retires": retires})


async def _faire(
    request: Request, guichet: GuichetAccompagnement, quoi: tuple[str, UUID, str], valeurs: Mapping[str, Any]
) -> Response:
    uai, action_id, geste = quoi
    connue = await guichet.action(session_de(request), uai, action_id)
    saisie = _saisie(geste, valeurs, connue)
    if isinstance(saisie, Formulaire):
        return await montrer_action(request, guichet, uai, action_id, formulaire=saisie, status=422)
    version = str(valeurs.get("version", ""))
    ecriture = Ecriture(
        if_match=f'"{version}"' if version.isdecimal() else None, idempotence=valeurs.get("cle") or None
    )
    try:
        fait = await _envoyer(guichet, session_de(request), quoi, saisie, ecriture)
    except Refus as refus:
        if refus.status not in REPRIS:
            raise
        actuel = refus.details.get("actuel") if refus.status in _CONFLIT else None
        formule = Formulaire(valeurs, conflit=actuel, refus=refus.phrase)
        return await montrer_action(request, guichet, uai, action_id, formulaire=formule, status=refus.status)
    return RedirectResponse(f"/lycees/{uai}/accompagnement/{action_id}?fait={fait}", 303)


def _saisie(geste: str, valeurs: Mapping[str, Any], action: ca.DetailAction) -> BaseModel | Formulaire | None:
    """The command of a form; None when it says nothing but its name."""
    if geste not in _SAISIES:
        return None
    return _SAISIES[geste](valeurs, vues.issues(valeurs, action.eleves))


def _modification(valeurs: Mapping[str, Any], _: Dites) -> BaseModel | Formulaire:
    champs = ("titre", "genre", "consigne", "fonction", "assigne", "echeance")
    return vues.lire(ca.SaisieAction, {nom: valeurs.get(nom) for nom in champs})


def _issues(_: Mapping[str, Any], dites: Dites) -> BaseModel | Formulaire:
    if not dites:
        return Formulaire({}, refus="Rien n’a changé : choisissez une suite pour au moins un élève.")
    return vues.lire(ca.IssuesSaisies, {"issues": dites})


def _retraits(valeurs: Mapping[str, Any], _: Dites) -> BaseModel | Formulaire:
    if not valeurs["retires"]:
        return Formulaire({}, refus="Cochez au moins un élève à retirer.")
    return vues.lire(ca.ChangementEleves, {"retirer": valeurs["retires"]})


def _cloture(valeurs: Mapping[str, Any], dites: Dites) -> BaseModel | Formulaire:
    etat, motif = valeurs.get("etat"), str(valeurs.get("motif") or "").strip()
    if etat == ca.EtatAction.ABANDONNEE and not motif:
        phrase = "Dites en une phrase pourquoi l’action est abandonnée."
        return Formulaire({}, {"motif": phrase}, refus=phrase)
    return vues.lire(ca.ClotureSaisie, {"etat": etat, "motif": motif, "issues": dites})


def _commentaire(valeurs: Mapping[str, Any], _: Dites) -> BaseModel | Formulaire:
    return vues.lire(ca.CommentaireSaisi, {"texte": valeurs.get("texte")})


_SAISIES: Mapping[str, Callable[[Mapping[str, Any], Dites], BaseModel | Formulaire]] = {
    "modifier": _modification,
    "issues": _issues,
    "eleves": _retraits,
    "cloture": _cloture,
    "commentaires": _commentaire,
}
_FAITS = {
    "modifier": "modifiee",
    "issues": "issues",
    "eleves": "eleves",
    "cloture": "close",
    "reouverture": "rouverte",
}


async def _envoyer(
    guichet: GuichetAccompagnement,
    session: int,
    quoi: tuple[str, UUID, str],
    saisie: BaseModel | None,
    ecriture: Ecriture,
) -> str:
    """Do it; returns what to say of it."""
    uai, action_id, geste = quoi
    if isinstance(saisie, ca.CommentaireSaisi):
        await guichet.commenter(session, uai, action_id, saisie, ecriture)
        return "commentee"
    if geste not in _FAITS:
        raise Refus(404, "introuvable", "Cette page n’existe pas ou n’est pas dans votre périmètre.")
    await guichet.changer(session, uai, (action_id, "" if geste == "modifier" else geste), saisie, ecriture)
    return _FAITS[geste]
