"""The SAIO's pages: lycées × séries without small numbers, one lycée's margins, the table to take away."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway import vues_academie as va
from services.gateway import vues_indicateurs as vues
from services.gateway.operations_indicateurs import GuichetIndicateurs, PageIndicateurs
from services.gateway.pages import INDISPONIBLE, page, session_de
from services.gateway.pages_indicateurs import (
    Adresse,
    calendriers,
    choix,
    classeur,
    situation,
    version_de,
)
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus, introuvable
from shared.nomenclatures.series import Serie

router = APIRouter(include_in_schema=False)
SERIES = (vues.ENSEMBLE, *(serie.value for serie in Serie))
_CSV = "text/csv; charset=utf-8"


class AdresseAcademie(Adresse):
    """``detail``: variants of the indicators too. ``q``: part of the name of a lycée or of its commune."""

    q: str = Field(default="", max_length=60)
    departement: str = Field(default="", max_length=3)
    detail: str = Field(default="", max_length=3)
    page: str = Field(default="", max_length=4)

    @property
    def voulue(self) -> str:
        """Série of the lines: one, ENSEMBLE or TOUTES."""
        return self.serie if self.serie in {*SERIES, va.TOUTES} else vues.ENSEMBLE

    @property
    def descendant(self) -> bool:
        return self.ordre == "desc"


Demande = Annotated[AdresseAcademie, Query()]


@router.get("/academies/{code}")
async def academie(
    request: Request, guichet: PageIndicateurs, code: c.CodeAcademie, adresse: Demande
) -> Response:
    """Lycées × indicators, sorted and filtered by the address; never a name of a pupil."""
    guichet.exiger(Ressource.INDICATEURS_ACADEMIE, Action.LIRE, code)
    session = session_de(request)
    commun: dict[str, Any] = {"code": code, "adresse": adresse, "va": va, "vues": vues}
    try:
        lu = await guichet.academie(session, code, adresse.le, adresse.voulue)
    except Refus as refus:
        if refus.status != INDISPONIBLE:
            raise
        return page(
            request, "academie.html", identite=guichet.identite, lu=None, panne=refus.phrase, **commun
        )
    calendrier, _ = await calendriers(guichet, session)
    choisi = choix(lu, adresse, calendrier)
    definitions = definitions_de(choisi["definitions"], adresse.detail)
    toutes = va.lignes(lu, adresse.voulue)
    voulues = va.retenues(toutes, adresse.q, adresse.departement)
    triees = va.triees(voulues, adresse.tri, descendant=adresse.descendant)
    return page(
        request,
        "academie.html",
        identite=guichet.identite,
        lu=lu,
        panne=None,
        serie=adresse.voulue,
        moment=choisi["moment"],
        definitions=definitions,
        masquees=len(choisi["definitions"]) - len(definitions),
        departements=va.departements_de(toutes),
        toutes=len(toutes),
        trouvees=len(triees),
        **_une_page(triees, adresse.page),
        totaux=va.totaux(lu, adresse.voulue, adresse.departement),
        quartiles={un.code: va.quartiles(toutes, un.code) for un in definitions},
        objectifs=objectifs_de(lu.objectifs, adresse.voulue),
        dites=adresse.model_dump(),
        version=version_de(lu),
        peut_viser=guichet.peut(Ressource.OBJECTIFS, Action.ECRIRE, code),
        **commun,
    )


def definitions_de(toutes: Sequence[ci.Definition], detail: str) -> list[ci.Definition]:
    return [un for un in toutes if detail or un.variante_de is None]


def objectifs_de(tous: Sequence[ci.Objectif], serie: str) -> dict[str, ci.Objectif]:
    return {un.indicateur: un for un in tous if un.serie == serie and un.cible is not None}


def _une_page(triees: list[va.Ligne], demandee: str) -> dict[str, Any]:
    pages = max(1, -(-len(triees) // va.PAR_PAGE))
    numero = min(int(demandee) if demandee.isdecimal() else 1, pages) or 1
    debut = (numero - 1) * va.PAR_PAGE
    return {"lignes": triees[debut : debut + va.PAR_PAGE], "numero": numero, "pages": pages}


@router.get("/academies/{code}/situation")
async def situation_de_l_academie(
    request: Request,
    guichet: PageIndicateurs,
    code: c.CodeAcademie,
    if_none_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    lu = await guichet.academie(session_de(request), code, None, vues.ENSEMBLE)
    return situation(version_de(lu), if_none_match)


@router.get("/academies/{code}/tableur.{genre}")
async def tableur(
    request: Request, guichet: PageIndicateurs, code: c.CodeAcademie, genre: str, adresse: Demande
) -> Response:
    """Lines and order of the page, every indicator before and after the admission."""
    lu = await guichet.academie(session_de(request), code, adresse.le, adresse.voulue)
    voulues = va.retenues(va.lignes(lu, adresse.voulue), adresse.q, adresse.departement)
    triees = va.triees(voulues, adresse.tri, descendant=adresse.descendant)
    totaux = va.totaux(lu, adresse.voulue, adresse.departement)
    return fichier(f"indicateurs-academie-{code}", genre, va.tableau([*triees, *totaux], lu.indicateurs))


def fichier(nom: str, genre: str, tableau: list[tuple[Any, ...]]) -> Response:
    """Raises Refus 404 for what is neither xlsx nor csv."""
    if genre == "xlsx":
        return classeur(f"{nom}.xlsx", {"Indicateurs": tableau})
    if genre != "csv":
        raise introuvable()
    disposition = {"Content-Disposition": f'attachment; filename="{nom}.csv"', "Cache-Control": "no-store"}
    return Response(va.en_csv(tableau), media_type=_CSV, headers=disposition)


@router.get("/academies/{code}/lycees/{uai}")
async def lycee(
    request: Request, guichet: PageIndicateurs, code: c.CodeAcademie, uai: c.Uai, adresse: Demande
) -> Response:
    """The séries of one lycée as readers outside see them, beside the académie's."""
    lu = await _du_jour(guichet, request, code, adresse)
    sien = next((un for un in lu.lycees if un.uai == uai), None)
    if sien is None:
        raise introuvable()
    calendrier, _ = await calendriers(guichet, session_de(request))
    choisi = choix(lu, adresse, calendrier)
    blocs = [*sien.series, *((sien.ensemble,) if sien.ensemble else ())]
    return page(
        request,
        "academie_lycee.html",
        identite=guichet.identite,
        code=code,
        uai=uai,
        lu=lu,
        adresse=adresse,
        dites={"moment": choisi["moment"], "jour": adresse.jour},
        moment=choisi["moment"],
        definitions=choisi["definitions"],
        lignes=[(va.ligne(uai, bloc), vues.bloc(lu.series, lu.ensemble, bloc.serie)) for bloc in blocs],
        va=va,
        vues=vues,
    )


async def _du_jour(
    guichet: GuichetIndicateurs, request: Request, code: str, adresse: AdresseAcademie
) -> ci.IndicateursAcademie:
    return await guichet.academie(session_de(request), code, adresse.le, va.TOUTES)
