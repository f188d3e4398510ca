"""The pages of the views that a person saved: create from a list, open, rename, delete."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from services.gateway import contrats as c
from services.gateway import contrats_listes as cl
from services.gateway import vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture, FormulaireExport
from services.gateway.operations_listes import GuichetListes, PageListes
from services.gateway.pages import Jeton, page, session_de
from shared.domaine.catalogue import LISTES
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_REPRIS = frozenset({409, 412, 422, 428})
_NOM_VIDE = "Donnez un nom à la vue, de soixante caractères au plus."
Nom = Annotated[str, Form(max_length=200)]
Version = Annotated[int | None, Form(ge=0)]


class FormulaireVue(FormulaireExport):
    """The list as it is shown, to be kept under a name."""

    nom: str = ""


@router.get("/lycees/{uai}/vues")
async def mes_vues(request: Request, guichet: PageListes, uai: c.Uai, fait: str = "") -> Response:
    return await _page(request, guichet, uai, fait=fait)


async def _page(
    request: Request, guichet: GuichetListes, uai: str, *, fait: str = "", refus: Refus | None = None
) -> Response:
    lues = await guichet.vues(session_de(request), uai)
    return page(
        request,
        "vues.html",
        identite=guichet.identite,
        status=refus.status if refus else 200,
        uai=uai,
        vues_gardees=lues.vues,
        maximum=lues.maximum,
        LISTES=LISTES,
        adresse_de=lambda vue: vues.adresse_de_la_vue(uai, vue),
        fait=fait,
        refus=refus and refus.phrase,
    )


@router.post("/lycees/{uai}/vues")
async def creer(
    request: Request, guichet: PageListes, uai: c.Uai, formulaire: Annotated[FormulaireVue, Form()]
) -> Response:
    """Keep the list with its filters and order, and go back to it; a name that is looked for is left out."""
    verifier_jeton(guichet.identite, formulaire.jeton)
    try:
        saisie = _saisie(
            nom=formulaire.nom,
            liste=formulaire.liste,
            filtres=formulaire.filtres,
            tri=formulaire.tri,
            descendant=formulaire.descendant,
        )
        vue = await guichet.creer_vue(session_de(request), uai, saisie, Ecriture())
    except Refus as refus:
        return await _reprendre(request, guichet, uai, refus)
    return RedirectResponse(vues.adresse_de_la_vue(uai, vue), 303)


@router.get("/lycees/{uai}/vues/{vue_id}")
async def ouvrir(request: Request, guichet: PageListes, uai: c.Uai, vue_id: UUID) -> Response:
    vue = await _une(request, guichet, uai, vue_id)
    return RedirectResponse(vues.adresse_de_la_vue(uai, vue), 303)


@router.post("/lycees/{uai}/vues/{vue_id}")
async def renommer(
    request: Request,
    guichet: PageListes,
    uai: c.Uai,
    vue_id: UUID,
    *,
    jeton: Jeton = "",
    nom: Nom = "",
    version: Version = None,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    vue = await _une(request, guichet, uai, vue_id)
    try:
        garde = vue.model_dump(include={"liste", "filtres", "tri", "descendant"})
        saisie = _saisie(nom=nom, **garde)
        await guichet.changer_vue(session_de(request), uai, vue_id, saisie, _ecriture(version))
    except Refus as refus:
        return await _reprendre(request, guichet, uai, refus)
    return RedirectResponse(f"/lycees/{uai}/vues?fait=renommee", 303)


@router.post("/lycees/{uai}/vues/{vue_id}/suppression")
async def supprimer(
    request: Request,
    guichet: PageListes,
    uai: c.Uai,
    vue_id: UUID,
    *,
    jeton: Jeton = "",
    version: Version = None,
) -> Response:
    verifier_jeton(guichet.identite, jeton)
    try:
        await guichet.supprimer_vue(session_de(request), uai, vue_id, _ecriture(version))
    except Refus as refus:
        return await _reprendre(request, guichet, uai, refus)
    return RedirectResponse(f"/lycees/{uai}/vues?fait=supprimee", 303)


async def _reprendre(request: Request, guichet: GuichetListes, uai: str, refus: Refus) -> Response:
    """The page says what was refused; what is not about the view goes on."""
    if refus.status not in _REPRIS:
        raise refus
    return await _page(request, guichet, uai, refus=refus)


async def _une(request: Request, guichet: GuichetListes, uai: str, vue_id: UUID) -> cl.Vue:
    for vue in (await guichet.vues(session_de(request), uai)).vues:
        if vue.id == vue_id:
            return vue
    raise introuvable()


def _saisie(**champs: object) -> cl.SaisieVue:
    try:
        return cl.SaisieVue.model_validate(champs)
    except ValidationError as erreur:
        raise Refus(422, "saisie_invalide", _NOM_VIDE) from erreur


def _ecriture(version: int | None) -> Ecriture:
    return Ecriture(if_match=f'"{version}"' if version else None)
