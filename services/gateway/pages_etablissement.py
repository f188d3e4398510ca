"""The pages of a lycée's own settings: one tab for each kind of fiche, a form for each fiche."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_etablissement as ce
from services.gateway import vues_etablissement as vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_etablissement import GuichetEtablissement, PageEtablissement
from services.gateway.pages import page, session_de
from services.gateway.policy import Action, Ressource
from services.gateway.vues_etablissement import Essaye, Onglet
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)
_REPRIS = frozenset({409, 412, 422, 428})
_TABLEAU_MAX = 60_000


@router.get("/lycees/{uai}/etablissement")
async def etablissement(
    request: Request,
    guichet: PageEtablissement,
    uai: c.Uai,
    *,
    onglet: Onglet = Onglet.COORDONNEES,
    fait: str = "",
    fiche: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """``fiche``: the one whose form is open."""
    return await _page(request, guichet, uai, onglet, fait=fait, choisie=fiche)


@router.post("/lycees/{uai}/etablissement/fiche")
async def enregistrer(request: Request, guichet: PageEtablissement, uai: c.Uai) -> Response:
    """Save a fiche; ``retirer`` names the field that takes SIECLE's value again."""
    formulaire = {nom: str(valeur) for nom, valeur in (await request.form(max_fields=40)).items()}
    verifier_jeton(guichet.identite, formulaire.get("jeton", ""))
    saisie = vues.saisie(formulaire)
    version = formulaire.get("version", "0")
    ecriture = Ecriture(
        if_match=f'"{version}"' if version.isdecimal() and version != "0" else None,
        idempotence=formulaire.get("cle") or None,
    )
    onglet = vues.onglet_de(saisie.objet)
    try:
        await guichet.enregistrer(session_de(request), uai, saisie, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        return await _page(request, guichet, uai, onglet, essaye=vues.essaye(saisie, refus))
    suite = urlencode({"onglet": onglet.value, "fait": "oui"})
    return RedirectResponse(f"/lycees/{uai}/etablissement?{suite}#{vues.ancre(saisie)}", 303)


@router.post("/lycees/{uai}/etablissement/conseils")
async def importer(
    request: Request,
    guichet: PageEtablissement,
    uai: c.Uai,
    *,
    jeton: Annotated[str, Form(max_length=200)] = "",
    texte: Annotated[str, Form(max_length=_TABLEAU_MAX)] = "",
    action: Annotated[str, Form(max_length=20)] = "essayer",
    cle: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Show what a pasted table would do, then do it."""
    verifier_jeton(guichet.identite, jeton)
    saisie = ce.TableauSaisi(texte=texte, essai=action != "integrer")
    ecriture = Ecriture(idempotence=str(cle) if cle and not saisie.essai else None)
    rendu = await guichet.importer_conseils(session_de(request), uai, saisie, ecriture)
    return await _page(request, guichet, uai, Onglet.CONSEILS, tableau=rendu, texte=texte)


async def _page(
    request: Request,
    guichet: GuichetEtablissement,
    uai: str,
    onglet: Onglet,
    *,
    essaye: Essaye | None = None,
    **valeurs: Any,
) -> Response:
    """``essaye``: the fiche that was just refused, with what was typed in it."""
    found, passe = await asyncio.gather(
        guichet.etablissement(session_de(request), uai), guichet.historique(session_de(request), uai)
    )
    contexte: Mapping[str, Any] = {
        "fait": "",
        "tableau": None,
        "texte": "",
        "choisie": vues.ancre(essaye.saisie) if essaye else "",
        **valeurs,
    }
    return page(
        request,
        "etablissement.html",
        identite=guichet.identite,
        status=essaye.status if essaye else 200,
        uai=uai,
        etablissement=found,
        actes=passe.actes,
        onglet=onglet,
        onglets=list(Onglet),
        vues=vues,
        essaye=essaye,
        modifiable=guichet.peut(Ressource.ETABLISSEMENT, Action.ECRIRE, uai),
        nouveau=str(uuid4()),
        **contexte,
    )
