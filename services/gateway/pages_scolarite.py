"""The pages of what a lycée enters of its pupils: corrections, additions, sorties, questions, closing."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_scolarite as cs
from services.gateway import vues_scolarite as vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_scolarite import GuichetScolarite, PageScolarite
from services.gateway.pages import Jeton, ou_panne, page, session_de
from services.gateway.pages_scolarite_eleve import REPRIS, Formulaire, lire_formulaire, un
from services.gateway.policy import Action, Ressource
from services.gateway.reunions import deux_dossiers
from services.gateway.vues_scolarite import Essai, Onglet
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)


@router.get("/lycees/{uai}/scolarite")
async def scolarite(
    request: Request,
    guichet: PageScolarite,
    uai: c.Uai,
    *,
    onglet: Onglet = Onglet.SAISIES,
    fait: str = "",
    eleve: UUID | None = None,
) -> Response:
    return await _page(request, guichet, uai, onglet, fait=fait, eleve=eleve)


@router.post("/lycees/{uai}/scolarite/eleves")
async def ajouter(request: Request, guichet: PageScolarite, uai: c.Uai) -> Response:
    """Add a pupil; when he may be known already, the page asks which one he is."""
    formulaire = await lire_formulaire(request, guichet)
    ecriture = Ecriture(idempotence=un(formulaire, "cle") or None)
    try:
        saisie = vues.ajout(formulaire)
        fait = await guichet.changer(session_de(request), uai, ("POST", "scolarites"), saisie, ecriture)
    except Refus as refus:
        return await _repris(request, guichet, (uai, Onglet.AJOUT), formulaire, refus)
    return RedirectResponse(f"/lycees/{uai}/scolarite?fait=ajoute&eleve={fait.eleve_id}", 303)


@router.post("/lycees/{uai}/scolarite/taches/{tache_id}")
async def repondre(
    request: Request,
    guichet: PageScolarite,
    uai: c.Uai,
    tache_id: UUID,
    *,
    jeton: Jeton = "",
    choix: Annotated[cs.Choix | None, Form()] = None,
    cle: Annotated[UUID | None, Form()] = None,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    if choix is None:
        refus = Refus(422, "choix", "Choisissez une réponse avant d’enregistrer.")
        return await _repris(request, guichet, (uai, Onglet.TACHES), {"tache": [str(tache_id)]}, refus)
    try:
        ecriture = Ecriture(idempotence=str(cle) if cle else None)
        await guichet.repondre(session_de(request), uai, tache_id, choix, ecriture)
    except Refus as refus:
        return await _repris(request, guichet, (uai, Onglet.TACHES), {"tache": [str(tache_id)]}, refus)
    return RedirectResponse(f"/lycees/{uai}/scolarite?onglet=taches&fait=repondu", 303)


@router.post("/lycees/{uai}/scolarite/remontee")
async def cloturer(
    request: Request,
    guichet: PageScolarite,
    uai: c.Uai,
    *,
    jeton: Jeton = "",
    confirme: Annotated[bool, Form()] = False,
    presents: Annotated[int, Form(ge=0)] = 0,
    cle: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Close the remontée, once the box is ticked under the number that is shown."""
    verifier_jeton(guichet.identite, jeton)
    if not confirme:
        refus = Refus(422, "confirmation", "Cochez la case pour confirmer la clôture.")
        return await _repris(request, guichet, (uai, Onglet.REMONTEE), {}, refus)
    try:
        ecriture = Ecriture(idempotence=str(cle) if cle else None)
        saisie = cs.Cloture(confirme=True, presents=presents)
        await guichet.cloturer(session_de(request), uai, saisie, ecriture)
    except Refus as refus:
        return await _repris(request, guichet, (uai, Onglet.REMONTEE), {}, refus)
    return RedirectResponse(f"/lycees/{uai}/scolarite?onglet=remontee&fait=clos", 303)


async def _repris(
    request: Request,
    guichet: GuichetScolarite,
    ou: tuple[str, Onglet],
    formulaire: Formulaire,
    refus: Refus,
) -> Response:
    """The same page with what is wrong; a refusal that is not about the form goes on."""
    if refus.status not in REPRIS:
        raise refus
    return await _page(request, guichet, *ou, essai=vues.essai(formulaire, refus))


async def _page(
    request: Request,
    guichet: GuichetScolarite,
    uai: str,
    onglet: Onglet,
    *,
    fait: str = "",
    eleve: UUID | None = None,
    essai: Essai | None = None,
) -> Response:
    session = session_de(request)
    taches = await guichet.taches_du_lycee(session, uai, toutes=False)
    deux = await deux_dossiers(guichet, session, uai) if onglet is Onglet.TACHES else {}
    contenu = await _contenu(guichet, session, uai, onglet)
    ids = vues.ids_des_taches(taches.taches) + _ids(contenu) + ([eleve] if eleve else [])
    ids += [un.annulation.survivant if un.annulation else un.survivant for un in deux.get("fusions", ())]
    ids += [UUID(str(candidat["eleve_id"])) for candidat in (essai.candidats if essai else ())]
    noms = await ou_panne(guichet.noms(session, uai, ids))
    return page(
        request,
        "scolarite.html",
        identite=guichet.identite,
        status=essai.status if essai else 200,
        uai=uai,
        onglet=onglet,
        onglets=list(Onglet),
        taches=taches.taches,
        noms={} if isinstance(noms, Refus) else noms,
        vs=vues,
        fait=fait,
        eleve=eleve,
        essai=essai,
        peut_clore=guichet.peut(Ressource.CLOTURE, Action.ECRIRE, uai),
        **contenu,
        **deux,
    )


async def _contenu(guichet: GuichetScolarite, session: int, uai: str, onglet: Onglet) -> dict[str, Any]:
    """What a tab needs; a part of it that is out of order is None."""
    vide: dict[str, Any] = {"saisies": None, "bilan": None, "ecarts": None, "retour": None}
    if onglet is Onglet.SAISIES:
        return vide | {"saisies": await guichet.saisies(session, uai)}
    if onglet is Onglet.REMONTEE:
        parts: tuple[Awaitable[Any], ...] = (
            guichet.bilan(session, uai),
            guichet.ecarts(session, uai),
            ou_panne(guichet.retour(session, uai)),
        )
        bilan, ecarts, retour = await asyncio.gather(*parts)
        return vide | {
            "bilan": bilan,
            "ecarts": ecarts,
            "retour": None if isinstance(retour, Refus) else retour,
        }
    return vide


def _ids(contenu: Mapping[str, Any]) -> list[UUID]:
    saisies, ecarts = contenu["saisies"], contenu["ecarts"]
    return [
        *(saisie.eleve_id for saisie in (saisies.saisies if saisies else ())),
        *(ecart.eleve_id for ecart in (ecarts.ecarts if ecarts else ())),
    ]
