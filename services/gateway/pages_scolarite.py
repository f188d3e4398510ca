"""The pages of what a lycée enters of its pupils: corrections, additions, sorties, questions, closing."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.gateway import contrats as c
from services.gateway import contrats_scolarite as cs
from services.gateway import vues_scolarite as vues
from services.gateway.auth import verifier_jeton
from services.gateway.contrats_dossier import Dossier
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet
from services.gateway.operations_scolarite import GuichetScolarite, PageScolarite
from services.gateway.pages import Jeton, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from services.gateway.vues_scolarite import Essai, Onglet
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
Formulaire = Mapping[str, list[str]]
_REPRIS = frozenset({409, 412, 422, 428})
_CHAMPS_MAX = 60


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
    formulaire = await _formulaire(request, guichet)
    ecriture = Ecriture(idempotence=_un(formulaire, "cle") or None)
    try:
        saisie = vues.ajout(formulaire)
        fait = await guichet.changer(session_de(request), uai, ("POST", "scolarites"), saisie, ecriture)
    except Refus as refus:
        return await _repris(request, guichet, (uai, Onglet.AJOUT), formulaire, refus)
    return RedirectResponse(f"/lycees/{uai}/scolarite?fait=ajoute&eleve={fait.eleve_id}", 303)


@router.get("/lycees/{uai}/scolarite/eleves/{eleve_id}")
async def un_eleve(
    request: Request, guichet: PageScolarite, uai: c.Uai, eleve_id: UUID, *, fait: str = ""
) -> Response:
    """The scolarité of one pupil, also of one who is followed elsewhere."""
    return await _un_eleve(request, guichet, uai, eleve_id, fait=fait)


@router.post("/lycees/{uai}/scolarite/eleves/{eleve_id}")
async def changer(request: Request, guichet: PageScolarite, uai: c.Uai, eleve_id: UUID) -> Response:
    """Correct, take SIECLE's value back, mark sorti, cancel; ``action`` says which."""
    formulaire = await _formulaire(request, guichet)
    session = session_de(request)
    ecriture = Ecriture(
        if_match=f'"{_un(formulaire, "version") or 0}"', idempotence=_un(formulaire, "cle") or None
    )
    try:
        quoi, saisie = await _demande(guichet, (session, uai, eleve_id), formulaire)
        await guichet.changer(session, uai, quoi, saisie, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        return await _un_eleve(request, guichet, uai, eleve_id, essai=vues.essai(formulaire, refus))
    depuis_dossier = _un(formulaire, "retour") == "dossier"
    suite = (
        f"eleves/{eleve_id}?fait=scolarite#scolarite"
        if depuis_dossier
        else f"scolarite/eleves/{eleve_id}?fait=oui"
    )
    return RedirectResponse(f"/lycees/{uai}/{suite}", 303)


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


async def section(guichet: Guichet, session: int, uai: str, eleve_id: UUID) -> cs.Scolarite | None:
    """For the dossier: None when the caller may not see it, nothing is said of the pupil, or ingest is away."""
    sien = GuichetScolarite(guichet.identite, guichet.moyens)
    if not sien.peut(Ressource.SCOLARITE, Action.LIRE, uai):
        return None
    try:
        lue = await ou_panne(sien.scolarite(session, uai, eleve_id))
    except Refus as refus:
        if refus.status != introuvable().status:
            raise
        return None
    return None if isinstance(lue, Refus) else lue


def du_dossier(lue: cs.Scolarite | None, dossier: Dossier) -> dict[str, Any]:
    """What the section shows in the dossier."""
    return {
        **_section(lue),
        "retour_scolarite": "dossier",
        "attente_scolarite": lue is not None and vues.en_attente(lue, dossier),
    }


def _section(lue: cs.Scolarite | None, essai: Essai | None = None, fait: str = "") -> dict[str, Any]:
    return {
        "scolarite": lue,
        "vs": vues,
        "essai_scolarite": essai,
        "fait_scolarite": fait,
        "attente_scolarite": False,
        "retour_scolarite": "scolarite",
        "nouvelle_cle": lambda: str(uuid4()),
    }


async def _demande(
    guichet: GuichetScolarite, de_qui: tuple[int, str, UUID], formulaire: Formulaire
) -> tuple[tuple[str, str], BaseModel]:
    """Method and path under the lycée, and the body."""
    base, action = f"scolarites/{de_qui[2]}", _un(formulaire, "action")
    if "retirer" in formulaire:
        return ("POST", f"{base}/corrections/retrait"), vues.retrait(formulaire)
    if action == "sortir":
        return ("PUT", f"{base}/sortie"), vues.sortie(formulaire)
    if action == "annuler":
        return ("POST", f"{base}/sortie/annulation"), vues.motivee(formulaire)
    connue = await guichet.scolarite(*de_qui)
    return ("PUT", f"{base}/corrections"), vues.correction(formulaire, connue)


async def _formulaire(request: Request, guichet: GuichetScolarite) -> Formulaire:
    envoye = await request.form(max_fields=_CHAMPS_MAX)
    lu = {nom: [str(valeur) for valeur in envoye.getlist(nom)] for nom in envoye}
    verifier_jeton(guichet.identite, _un(lu, "jeton"))
    return lu


def _un(formulaire: Formulaire, nom: str) -> str:
    return (formulaire.get(nom) or [""])[0]


async def _repris(
    request: Request,
    guichet: GuichetScolarite,
    ou: tuple[str, Onglet],
    formulaire: Formulaire,
    refus: Refus,
) -> Response:
    """The same page with what is wrong; a refusal that is not about the form goes on."""
    if refus.status not in _REPRIS:
        raise refus
    return await _page(request, guichet, *ou, essai=vues.essai(formulaire, refus))


async def _un_eleve(
    request: Request,
    guichet: GuichetScolarite,
    uai: str,
    eleve_id: UUID,
    *,
    fait: str = "",
    essai: Essai | None = None,
) -> Response:
    session = session_de(request)
    lue, noms = await asyncio.gather(
        guichet.scolarite(session, uai, eleve_id), ou_panne(guichet.noms(session, uai, [eleve_id]))
    )
    return page(
        request,
        "scolarite_eleve.html",
        identite=guichet.identite,
        status=essai.status if essai else 200,
        uai=uai,
        nomme=None if isinstance(noms, Refus) else noms.get(eleve_id),
        **_section(lue, essai, fait),
    )


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
    contenu = await _contenu(guichet, session, uai, onglet)
    ids = vues.ids_des_taches(taches.taches) + _ids(contenu) + ([eleve] if eleve else [])
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
        nouvelle_cle=lambda: str(uuid4()),
        **contenu,
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
