"""The operator's page: académies and régions side by side, one série or all together."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.gateway import contrats_indicateurs as ci
from services.gateway import vues_academie as va
from services.gateway import vues_indicateurs as vues
from services.gateway.operations_indicateurs import GuichetIndicateurs, PageIndicateurs
from services.gateway.pages import INDISPONIBLE, page, session_de
from services.gateway.pages_indicateurs import calendriers
from services.gateway.pages_indicateurs_academie import AdresseAcademie, Demande, definitions_de, fichier
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus

router = APIRouter(include_in_schema=False)


@router.get("/nation")
async def nation(request: Request, guichet: PageIndicateurs, adresse: Demande) -> Response:
    guichet.exiger(Ressource.INDICATEURS_NATION, Action.LIRE)
    commun: dict[str, Any] = {"adresse": adresse, "va": va, "vues": vues}
    try:
        lu = await guichet.nation(session_de(request), adresse.le)
    except Refus as refus:
        if refus.status != INDISPONIBLE:
            raise
        return page(
            request, "academie_nation.html", identite=guichet.identite, lu=None, panne=refus.phrase, **commun
        )
    moment = await _moment(guichet, request, adresse)
    definitions = definitions_de(vues.du_moment(lu.indicateurs, moment), adresse.detail)
    academies, regions = _lignes(lu, adresse)
    return page(
        request,
        "academie_nation.html",
        identite=guichet.identite,
        lu=lu,
        panne=None,
        serie=_serie(adresse),
        moment=moment,
        definitions=definitions,
        groupes=(("Académies", academies), ("Régions académiques", regions)),
        france=vues.bloc(lu.series, lu.ensemble, _serie(adresse)),
        dites=adresse.model_dump(),
        **commun,
    )


@router.get("/nation/tableur.{genre}")
async def tableur(request: Request, guichet: PageIndicateurs, genre: str, adresse: Demande) -> Response:
    """Académies and régions, every indicator before and after the admission."""
    lu = await guichet.nation(session_de(request), adresse.le)
    academies, regions = _lignes(lu, adresse)
    return fichier("indicateurs-nation", genre, va.tableau([*academies, *regions], lu.indicateurs))


def _serie(adresse: AdresseAcademie) -> str:
    return vues.ENSEMBLE if adresse.voulue == va.TOUTES else adresse.voulue


def _lignes(lu: ci.IndicateursNation, adresse: AdresseAcademie) -> tuple[list[va.Ligne], list[va.Ligne]]:
    academies, regions = va.lieux_de_la_nation(lu, _serie(adresse))
    ordre: dict[str, Any] = {"tri": adresse.tri, "descendant": adresse.descendant}
    return va.triees(academies, **ordre), va.triees(regions, **ordre)


async def _moment(guichet: GuichetIndicateurs, request: Request, adresse: AdresseAcademie) -> str:
    if adresse.moment in vues.MOMENTS:
        return adresse.moment
    calendrier, _ = await calendriers(guichet, session_de(request))
    phase = calendrier.phase if calendrier else None
    return "apres" if phase in {"ADMISSION", "COMPLEMENTAIRE", "TERMINEE"} else "avant"
