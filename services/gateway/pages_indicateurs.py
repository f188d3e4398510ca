"""The rubrique Pilotage of a lycée: figures by série, where it stands, who is behind them, the session's curve."""

import asyncio
import hashlib
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Annotated, Any

import xlsxwriter
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway import contrats_session as cs
from services.gateway import vues_indicateurs as vues
from services.gateway.accueil import partie
from services.gateway.api import XLSX
from services.gateway.operations_indicateurs import GuichetIndicateurs, PageIndicateurs
from services.gateway.operations_session import GuichetSession
from services.gateway.pages import LIBELLES_FILTRES, ou_panne, page, session_de
from services.gateway.policy import Action, Ressource
from shared.domaine.calendrier import jour_de
from shared.http.errors import Refus
from shared.nomenclatures.series import Serie

router = APIRouter(include_in_schema=False)
_SERIES = (vues.ENSEMBLE, *(serie.value for serie in Serie))


class Adresse(BaseModel):
    """What the address of a page of indicators asks for; what is not known is as if it were not there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    moment: str = Field(default="", max_length=10)
    serie: str = Field(default="", max_length=40)
    jour: str = Field(default="", max_length=10)
    courbe: str = Field(default="", max_length=40)
    dimension: str = Field(default="", max_length=20)
    tri: str = Field(default="nom", max_length=40)
    ordre: str = Field(default="", max_length=10)

    @property
    def le(self) -> date | None:
        """The day asked for; None: now, as for a date that is not one or that is to come."""
        try:
            jour = date.fromisoformat(self.jour)
        except ValueError:
            return None
        return jour if jour < jour_de(datetime.now(UTC)) else None


AdresseIndicateurs = Annotated[Adresse, Query()]


async def calendriers(
    guichet: GuichetIndicateurs, session: int
) -> tuple[cs.Calendrier | None, cs.Calendrier | None]:
    """Of the session and of the one before; None where nobody knows."""
    dates = GuichetSession(guichet.identite, guichet.moyens)

    async def un(millesime: int) -> cs.Calendrier | None:
        try:
            return await dates.calendrier(millesime, None)
        except Refus:
            return None

    ici, avant = await asyncio.gather(un(session), un(session - 1))
    return ici, avant


async def _lire(
    guichet: GuichetIndicateurs, session: int, uai: str, jour: date | None
) -> tuple[ci.IndicateursLycee, cs.Calendrier | None]:
    ici, avant = await calendriers(guichet, session)
    precedent = vues.jour_precedent(session, jour or jour_de(datetime.now(UTC)), ici, avant)
    return await guichet.lycee(session, uai, jour, precedent), ici


@router.get("/lycees/{uai}/pilotage")
async def pilotage(
    request: Request, guichet: PageIndicateurs, uai: c.Uai, adresse: AdresseIndicateurs
) -> Response:
    """The indicators by série; one of them in detail; its parts; its curve."""
    guichet.exiger(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai)
    session = session_de(request)
    lu, courbe, intentions = await asyncio.gather(
        ou_panne(_lire(guichet, session, uai, adresse.le)),
        ou_panne(guichet.courbe(session, uai)),
        ou_panne(guichet.intentions(session, uai, adresse.le)),
    )
    contexte: dict[str, Any] = {"identite": guichet.identite, "uai": uai, "adresse": adresse, "vues": vues}
    if isinstance(lu, Refus) or isinstance(courbe, Refus):
        panne = lu if isinstance(lu, Refus) else courbe
        return page(request, "pilotage.html", **contexte, **partie("indicateurs", panne))
    found, calendrier = lu
    return page(
        request,
        "pilotage.html",
        **contexte,
        **partie("indicateurs", found),
        **choix(found, adresse, calendrier),
        intentions=[] if isinstance(intentions, Refus) else vues.intentions(intentions, adresse.serie),
        trace=_trace(found, courbe, adresse),
        listes=vues.LISTES if not adresse.le and guichet.peut(Ressource.ELEVES, Action.LIRE, uai) else {},
        specialite=LIBELLES_FILTRES["specialite"],
        version=version_de(found),
        suivi=f"/lycees/{uai}/pilotage/situation",
    )


def choix(
    lu: ci.IndicateursLycee | ci.IndicateursAcademie, adresse: Adresse, calendrier: cs.Calendrier | None
) -> dict[str, Any]:
    """Moment, série and indicators that a page shows; the moment of the session when none is asked for."""
    moment = adresse.moment
    if moment not in vues.MOMENTS:
        admission = calendrier is not None and calendrier.phase in {"ADMISSION", "COMPLEMENTAIRE", "TERMINEE"}
        moment = "apres" if admission else "avant"
    connues = [bloc.serie for bloc in lu.series]
    return {
        "moment": moment,
        "serie": adresse.serie if adresse.serie in connues else vues.ENSEMBLE,
        "definitions": vues.du_moment(lu.indicateurs, moment),
    }


def _trace(lu: ci.IndicateursLycee, courbe: ci.Courbe, adresse: Adresse) -> vues.Trace | None:
    definitions = {un.code: un for un in lu.indicateurs}
    voulu = definitions.get(adresse.courbe)
    if voulu is None:
        return None
    serie = adresse.serie if adresse.serie in _SERIES else vues.ENSEMBLE
    bloc = vues.bloc(lu.series, lu.ensemble, serie)
    return vues.tracer(courbe, serie, voulu.code, f"{voulu.libelle}, {bloc.libelle if bloc else serie}")


def version_de(lu: ci.IndicateursLycee | ci.IndicateursAcademie) -> str:
    """Changes whenever a figure may have."""
    dit = lu.model_dump_json(include={"situation_au", "faits", "comparaisons_au", "objectifs"})
    return hashlib.sha256(dit.encode()).hexdigest()[:16]


def situation(version: str, if_none_match: str | None) -> Response:
    """304 as long as nothing moved: what an open page asks every few seconds."""
    entetes = {"ETag": f'W/"{version}"', "Cache-Control": "no-store"}
    if if_none_match == entetes["ETag"]:
        return Response(status_code=304, headers=entetes)
    return Response(status_code=200, content=version, media_type="text/plain", headers=entetes)


@router.get("/lycees/{uai}/pilotage/situation")
async def situation_du_lycee(
    request: Request,
    guichet: PageIndicateurs,
    uai: c.Uai,
    if_none_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    return situation(version_de(await guichet.lycee(session_de(request), uai)), if_none_match)


@router.get("/lycees/{uai}/pilotage/tableur")
async def tableur(
    request: Request, guichet: PageIndicateurs, uai: c.Uai, adresse: AdresseIndicateurs
) -> Response:
    """Every figure of the page: one sheet by série, one line by indicator and part."""
    guichet.exiger(Ressource.INDICATEURS_LYCEE, Action.LIRE, uai)
    lu, _ = await _lire(guichet, session_de(request), uai, adresse.le)
    feuilles = {bloc.libelle: _lignes(bloc) for bloc in (lu.ensemble, *lu.series)}
    return classeur(f"indicateurs-{uai}.xlsx", feuilles)


_TITRES = (
    "Indicateur",
    "Part",
    "Élèves",
    "Sur",
    "Taux",
    "Académie",
    "Nation",
    "Session précédente",
    "Objectif",
)


def _lignes(bloc: ci.Bloc) -> list[tuple[Any, ...]]:
    libelles = {un.code: un.libelle for un in bloc.indicateurs}
    lignes: list[tuple[Any, ...]] = [_TITRES]
    for un in bloc.indicateurs:
        pairs = (_taux(paire) for paire in (un.academie, un.nation, un.precedente))
        cible = un.objectif.cible if un.objectif else None
        lignes.append((un.libelle, "Tous", un.numerateur, un.denominateur, un.taux, *pairs, cible))
    for decl in bloc.declinaisons:
        for part in decl.modalites:
            nom = vues.modalite(decl.dimension, part.modalite, LIBELLES_FILTRES["specialite"])
            for code, (n, sur) in part.figures.items():
                lignes.append((libelles[code], nom, n, sur, _taux((n, sur)), None, None, None, None))
    return lignes


def _taux(paire: ci.Paire | None) -> float | None:
    return None if paire is None or paire[0] is None or not paire[1] else paire[0] / paire[1]


def classeur(nom: str, feuilles: dict[str, list[tuple[Any, ...]]]) -> Response:
    """A workbook whose rates are rates, and whose text is never a formula."""
    sortie = BytesIO()
    with xlsxwriter.Workbook(sortie, {"in_memory": True, "strings_to_formulas": False}) as livre:
        gras, rate = livre.add_format({"bold": True}), livre.add_format({"num_format": "0.0 %"})
        for titre, lignes in feuilles.items():
            feuille = livre.add_worksheet(titre[:31])
            feuille.set_column(0, 1, 42)
            feuille.freeze_panes(1, 1)
            for rang, ligne in enumerate(lignes):
                for colonne, valeur in enumerate(ligne):
                    genre = gras if rang == 0 else rate if isinstance(valeur, float) else None
                    feuille.write(rang, colonne, valeur, genre)
    disposition = {"Content-Disposition": f'attachment; filename="{nom}"', "Cache-Control": "no-store"}
    return Response(sortie.getvalue(), media_type=XLSX, headers=disposition)
