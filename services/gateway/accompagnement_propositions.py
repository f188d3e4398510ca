"""The pages of proposals: a chef's answer to one, and what a SAIO proposed to the lycées of an académie."""

import asyncio
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accompagnement_vues as vues
from services.gateway import contrats as c
from services.gateway import contrats_accompagnement as ca
from services.gateway.accompagnement_vues import Formulaire
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_accompagnement import GuichetAccompagnement, PageAccompagnement
from services.gateway.pages import Jeton, ou_panne, page, session_de
from shared.http.errors import Refus
from shared.nomenclatures.lycees import lycees

router = APIRouter(include_in_schema=False)
_CHAMPS_MAX = 1_000
_REPRIS = frozenset({409, 412, 422, 428})
Version = Annotated[int, Form(ge=1)]
Fait = Annotated[str, Query(max_length=20)]


@router.get("/lycees/{uai}/accompagnement/propositions/{proposition_id}")
async def proposition(
    request: Request, guichet: PageAccompagnement, uai: c.Uai, proposition_id: UUID
) -> Response:
    """A proposal, the pupils of its list to pick from, and the answers a chef may give."""
    return await _proposition(request, guichet, uai, proposition_id)


async def _proposition(
    request: Request,
    guichet: GuichetAccompagnement,
    uai: str,
    proposition_id: UUID,
    *,
    refus: str = "",
    phrase: str = "",
    status: int = 200,
) -> Response:
    found = await guichet.proposition(session_de(request), uai, proposition_id)
    return page(
        request,
        "accompagnement_proposition.html",
        identite=guichet.identite,
        status=status,
        uai=uai,
        proposition=found,
        liste=vues.liste_dite(found.liste),
        refus=refus,
        phrase=phrase,
    )


@router.post("/lycees/{uai}/accompagnement/propositions/{proposition_id}/reponse")
async def repondre(
    request: Request,
    guichet: PageAccompagnement,
    uai: c.Uai,
    proposition_id: UUID,
    *,
    version: Version,
    jeton: Jeton = "",
    action: Annotated[str, Form(max_length=20)] = "repondre",
    phrase: Annotated[str, Form(max_length=4_000)] = "",
) -> Response:
    """Answer or decline, with a sentence; accepting is the other form, which starts the action."""
    verifier_jeton(guichet.identite, jeton)
    etat = "DECLINEE" if action == "decliner" else "REPONDUE"
    saisie = vues.lire(ca.ReponseProposition, {"etat": etat, "phrase": phrase.strip()})
    dit: dict[str, Any] = {"phrase": phrase}
    if isinstance(saisie, Formulaire):
        dit |= {"refus": saisie.erreurs.get("phrase", ""), "status": 422}
        return await _proposition(request, guichet, uai, proposition_id, **dit)
    try:
        ecriture = Ecriture(if_match=f'"{version}"')
        await guichet.repondre(session_de(request), uai, proposition_id, saisie, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        dit |= {"refus": refus.phrase, "status": refus.status}
        return await _proposition(request, guichet, uai, proposition_id, **dit)
    fait = "declinee" if action == "decliner" else "repondue"
    return RedirectResponse(f"/lycees/{uai}/accompagnement?fait={fait}", 303)


@router.get("/academies/{code}/accompagnement")
async def academie(
    request: Request, guichet: PageAccompagnement, code: c.CodeAcademie, fait: Fait = ""
) -> Response:
    """The SAIO's page: what he proposed, what became of it in each lycée, in counts."""
    return await _academie(request, guichet, code, Formulaire({}), fait=fait)


async def _academie(
    request: Request,
    guichet: GuichetAccompagnement,
    code: str,
    formulaire: Formulaire,
    *,
    fait: str = "",
    status: int = 200,
) -> Response:
    found, compares = await asyncio.gather(
        guichet.propositions_faites(session_de(request), code),
        ou_panne(guichet.indicateurs_academie(session_de(request), code)),
    )
    remontes = None if isinstance(compares, Refus) else {un.uai for un in compares.lycees}
    return page(
        request,
        "academie_accompagnement.html",
        identite=guichet.identite,
        status=status,
        code=code,
        par_lycee=vues.par_lycee(found.propositions),
        total=len(found.propositions),
        genres=found.genres,
        lycees=_lycees(code, remontes),
        listes=vues.listes(),
        valeurs={"echeance": vues.echeance_proposee(), "lycees": (), **formulaire.valeurs},
        erreurs=formulaire.erreurs,
        refus=formulaire.refus,
        fait=vues.FAITS.get(fait, ""),
        cle=formulaire.valeurs.get("cle") or str(uuid4()),
        vues=vues,
    )


def _lycees(code: str, remontes: set[str] | None) -> list[tuple[str, str]]:
    """(UAI, name) of the lycées to choose from: those that sent their pupils, by commune."""
    siens = [
        un for un in lycees().values() if un.academie == code and (remontes is None or un.uai in remontes)
    ]
    return [(un.uai, f"{un.commune} – {un.nom}") for un in sorted(siens, key=lambda un: (un.commune, un.nom))]


@router.post("/academies/{code}/accompagnement")
async def proposer(request: Request, guichet: PageAccompagnement, code: c.CodeAcademie) -> Response:
    """Send one proposal to each lycée that was ticked."""
    formulaire = await request.form(max_fields=_CHAMPS_MAX)
    verifier_jeton(guichet.identite, str(formulaire.get("jeton", "")))
    valeurs: dict[str, Any] = {nom: str(valeur) for nom, valeur in formulaire.items()}
    valeurs["lycees"] = tuple(dict.fromkeys(str(un) for un in formulaire.getlist("lycees")))
    champs = ("lycees", "liste", "genre", "phrase", "echeance")
    saisie = vues.lire(ca.PropositionSaisie, {nom: valeurs.get(nom) for nom in champs})
    if isinstance(saisie, Formulaire):
        return await _academie(request, guichet, code, Formulaire(valeurs, saisie.erreurs), status=422)
    ecriture = Ecriture(idempotence=valeurs.get("cle") or None)
    try:
        await guichet.proposer(session_de(request), code, saisie, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        formule = Formulaire(valeurs, refus=refus.phrase)
        return await _academie(request, guichet, code, formule, status=refus.status)
    return RedirectResponse(f"/academies/{code}/accompagnement?fait=proposee", 303)


@router.post("/academies/{code}/accompagnement/{proposition_id}/retrait")
async def retirer(
    request: Request,
    guichet: PageAccompagnement,
    code: c.CodeAcademie,
    proposition_id: UUID,
    *,
    version: Version,
    jeton: Jeton = "",
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    try:
        ecriture = Ecriture(if_match=f'"{version}"')
        await guichet.retirer_proposition(session_de(request), code, proposition_id, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        formule = Formulaire({}, refus=refus.phrase)
        return await _academie(request, guichet, code, formule, status=refus.status)
    return RedirectResponse(f"/academies/{code}/accompagnement?fait=retiree", 303)
