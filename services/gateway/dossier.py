"""The page of one pupil: the dossier and what is entered there."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import accompagnement_notes, pages_scolarite_eleve, parcours
from services.gateway import contrats as c
from services.gateway import vues_dossier as vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations import Guichet, PageGuichet
from services.gateway.pages import Jeton, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource, permis
from shared.events.modeles import Capacite
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_PERIMES = frozenset({412, 428})
_REFUSE = 409
Genre = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vue:
    """How a dossier is looked at. ``depuis``: see services.gateway.parcours; ``genre``, ``frise``: its timeline.

    ``fait``: what was just recorded. ``conflit``, ``refus`` (cible, sentence): what came of the avis just sent.
    """

    depuis: str = ""
    genre: str = ""
    frise: str = ""
    fait: str = ""
    conflit: vues.Conflit | None = None
    refus: tuple[str, str] | None = None
    status: int = 200

    @property
    def suite(self) -> str:
        """What links of the page keep."""
        return f"?depuis={self.depuis}" if self.depuis else ""


@router.get("/lycees/{uai}/eleves/{eleve_id}")
async def dossier(
    request: Request,
    guichet: PageGuichet,
    uai: c.Uai,
    eleve_id: UUID,
    *,
    fait: Annotated[str, Query(max_length=100)] = "",
    depuis: parcours.Depuis = "",
    genre: Genre = "",
    frise: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A pupil who turned out to be another leads to that one."""
    connu = genre if genre in vues.GENRES else ""
    vue = Vue(depuis=depuis, genre=connu, frise=frise, fait=fait)
    return await _dossier(request, guichet, uai, eleve_id, vue)


async def _dossier(request: Request, guichet: Guichet, uai: str, eleve_id: UUID, vue: Vue) -> Response:
    found, avis, voisins, scolarite, suivi = await asyncio.gather(
        guichet.dossier(session_de(request), eleve_id),
        ou_panne(_avis(request, guichet, eleve_id)),
        parcours.voisins(guichet, uai, vue.depuis, eleve_id),
        pages_scolarite_eleve.section(guichet, session_de(request), uai, eleve_id),
        accompagnement_notes.section(guichet, session_de(request), uai, eleve_id),
    )
    if found.eleve_id != eleve_id:
        return RedirectResponse(f"/lycees/{found.uai}/eleves/{found.eleve_id}{vue.suite}", 303)
    if found.uai != uai:
        raise introuvable()
    lus = () if isinstance(avis, Refus) else avis
    ecrire = permis(guichet.perimetre, Ressource.AVIS, Action.ECRIRE)
    return page(
        request,
        "dossier.html",
        identite=guichet.identite,
        status=vue.status,
        uai=uai,
        dossier=found,
        groupes=vues.voeux_et_avis(found, lus, datetime.now(UTC), ecrire=ecrire),
        lit_avis=permis(guichet.perimetre, Ressource.AVIS, Action.LIRE),
        panne_avis=avis.phrase if isinstance(avis, Refus) else None,
        annees=vues.annees(found.bulletins),
        frise=vues.frise(found, lus, vue.genre, entiere=vue.frise == "tout"),
        voisins=voisins,
        vue=vue,
        fait=vue.fait,
        conflit=vue.conflit,
        refus=vue.refus,
        ORIGINES=vues.ORIGINES,
        **suivi,
        **pages_scolarite_eleve.du_dossier(scolarite, found),
    )


async def _avis(request: Request, guichet: Guichet, eleve_id: UUID) -> tuple[c.Avis, ...]:
    """None at all for those who may not read them: the rest of the dossier is theirs."""
    if not permis(guichet.perimetre, Ressource.AVIS, Action.LIRE):
        return ()
    try:
        return await guichet.avis(session_de(request), eleve_id)
    except Refus as refus:
        if refus.status == introuvable().status:
            return ()
        raise


@router.post("/lycees/{uai}/eleves/{eleve_id}/avis/{cible:path}")
async def rendre_avis(
    request: Request,
    guichet: PageGuichet,
    uai: c.Uai,
    eleve_id: UUID,
    cible: c.Cible,
    *,
    depuis: parcours.Depuis = "",
    jeton: Jeton = "",
    action: Annotated[str, Form(max_length=20)] = "enregistrer",
    capacite: Annotated[Capacite | None, Form()] = None,
    version: Annotated[int | None, Form(ge=0)] = None,
) -> Response:
    """Save or erase one avis, then back to the dossier; a conflict shows both values."""
    verifier_jeton(guichet.identite, jeton)
    choix = None if action == "effacer" else capacite
    if choix is None and action != "effacer":
        phrase = "Choisissez l’un des quatre niveaux avant d’enregistrer."
        vue = Vue(depuis=depuis, refus=(cible, phrase), status=422)
        return await _dossier(request, guichet, uai, eleve_id, vue)
    ecriture = Ecriture(if_match=f'"{version}"' if version else None)
    try:
        await guichet.rendre_avis(session_de(request), eleve_id, cible, choix, ecriture)
    except Refus as refus:
        vue = Vue(depuis=depuis, **_issue_du_refus(refus, cible, choix))
        return await _dossier(request, guichet, uai, eleve_id, vue)
    garde = f"&depuis={depuis}" if depuis else ""
    return RedirectResponse(f"/lycees/{uai}/eleves/{eleve_id}?fait={cible}{garde}#avis-{cible}", 303)


def _issue_du_refus(refus: Refus, cible: str, choix: Capacite | None) -> dict[str, Any]:
    """What the dossier shows of a refused avis; a refusal that is not about it goes on."""
    if refus.status in _PERIMES:
        actuel = refus.details.get("actuel")
        avis = c.Avis.model_validate(actuel) if actuel else None
        return {"conflit": vues.Conflit(cible, avis, choix), "status": 412}
    if refus.status == _REFUSE:
        return {"refus": (cible, refus.phrase), "status": _REFUSE}
    raise refus
