"""How an action starts: pupils chosen in a list, a dossier or a proposal, then the form; or into one that is open."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accompagnement_vues as vues
from services.gateway import contrats as c
from services.gateway import contrats_accompagnement as ca
from services.gateway.accompagnement_pages import CHAMPS_MAX, REPRIS, montrer_action
from services.gateway.accompagnement_vues import Formulaire
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_accompagnement import GuichetAccompagnement, PageAccompagnement
from services.gateway.pages import page, session_de
from shared.http.errors import Refus
from shared.http.perimetre import Role

router = APIRouter(include_in_schema=False)


@router.get("/lycees/{uai}/accompagnement/nouvelle")
async def sans_eleve(request: Request, guichet: PageAccompagnement, uai: c.Uai) -> Response:
    """Reached by its address: says where pupils are chosen."""
    return await _nouvelle(request, guichet, uai, Formulaire({"eleve_id": ()}))


@router.post("/lycees/{uai}/accompagnement/nouvelle")
async def nouvelle(request: Request, guichet: PageAccompagnement, uai: c.Uai) -> Response:
    """From a list or a dossier: ``eleve_id`` several times. The same form comes back with ``etape`` to create."""
    formulaire = await request.form(max_fields=CHAMPS_MAX)
    verifier_jeton(guichet.identite, str(formulaire.get("jeton", "")))
    textes = {nom: str(valeur) for nom, valeur in formulaire.items()}
    ids = vues.uuids(str(un) for un in formulaire.getlist("eleve_id"))[: ca.ELEVES_MAX]
    valeurs = {**textes, "eleve_id": ids}
    match textes.get("etape"):
        case "creer":
            return await _creer(request, guichet, uai, valeurs)
        case "ajouter":
            return await _ajouter(request, guichet, uai, valeurs)
        case _:
            return await _nouvelle(request, guichet, uai, Formulaire(valeurs))


async def _creer(
    request: Request, guichet: GuichetAccompagnement, uai: str, valeurs: Mapping[str, Any]
) -> Response:
    champs = ("titre", "genre", "consigne", "fonction", "assigne", "echeance", "proposition_id")
    demande = {**{nom: valeurs.get(nom) for nom in champs}, "eleves": valeurs["eleve_id"]}
    saisie = vues.lire(ca.ActionNouvelle, demande)
    if isinstance(saisie, Formulaire):
        return await _nouvelle(request, guichet, uai, Formulaire(valeurs, saisie.erreurs), status=422)
    try:
        ecriture = Ecriture(idempotence=valeurs.get("cle"))
        creee = await guichet.creer(session_de(request), uai, saisie, ecriture)
    except Refus as refus:
        if refus.status not in REPRIS:
            raise
        formule = Formulaire(valeurs, refus=refus.phrase)
        return await _nouvelle(request, guichet, uai, formule, status=refus.status)
    if any(not un.retenu for un in creee.rapport):
        return await montrer_action(
            request, guichet, uai, creee.action.id, fait="creee", rapport=creee.rapport
        )
    return RedirectResponse(f"/lycees/{uai}/accompagnement/{creee.action.id}?fait=creee", 303)


async def _ajouter(
    request: Request, guichet: GuichetAccompagnement, uai: str, valeurs: Mapping[str, Any]
) -> Response:
    """To an action that is open: ``action`` is its id and the version that was shown."""
    action_id, _, version = str(valeurs.get("action", "")).partition(".")
    connue = vues.uuids([action_id])
    if not connue or not version.isdecimal():
        refus = "Choisissez l’action à laquelle ajouter ces élèves."
        return await _nouvelle(request, guichet, uai, Formulaire(valeurs, refus=refus), status=422)
    saisie = ca.ChangementEleves(ajouter=valeurs["eleve_id"])
    ecriture = Ecriture(if_match=f'"{version}"', idempotence=valeurs.get("cle"))
    try:
        changee = await guichet.changer(session_de(request), uai, (connue[0], "eleves"), saisie, ecriture)
    except Refus as refus_:
        if refus_.status not in REPRIS:
            raise
        formule = Formulaire(valeurs, refus=refus_.phrase)
        return await _nouvelle(request, guichet, uai, formule, status=refus_.status)
    return await montrer_action(request, guichet, uai, connue[0], fait="eleves", rapport=changee.rapport)


async def _nouvelle(
    request: Request, guichet: GuichetAccompagnement, uai: str, formulaire: Formulaire, *, status: int = 200
) -> Response:
    demande = ca.DemandeApercu(eleves=formulaire.valeurs["eleve_id"])
    apercu, ouvertes = await asyncio.gather(
        guichet.apercu(session_de(request), uai, demande),
        guichet.actions(session_de(request), uai, ca.FiltreActions(etat=ca.EtatAction.OUVERTE)),
    )
    liste = vues.liste_dite(formulaire.valeurs.get("liste"))
    return page(
        request,
        "accompagnement_nouvelle.html",
        identite=guichet.identite,
        status=status,
        uai=uai,
        apercu=apercu,
        ouvertes=[une for une in ouvertes.actions if une.modifiable],
        retenus=[un for un in apercu.rapport if un.retenu],
        ecartes=[un for un in apercu.rapport if not un.retenu],
        valeurs={**_vierge(guichet, liste), **formulaire.valeurs},
        erreurs=formulaire.erreurs,
        refus=formulaire.refus,
        cle=formulaire.valeurs.get("cle") or str(uuid4()),
    )


def _vierge(guichet: GuichetAccompagnement, liste: str | None) -> dict[str, str]:
    """A psyEN starts for himself, the others most often for the professeur principal."""
    fonction = "PSYEN" if guichet.perimetre.role is Role.PSYEN else "PROFESSEUR_PRINCIPAL"
    echeance = vues.echeance_proposee()
    return {"titre": liste or "", "echeance": echeance, "fonction": fonction, "proposition_id": ""}
