"""The targets of an académie: all of a série, one with its form and its history; undone, compared when two write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway import contrats as c
from services.gateway import contrats_indicateurs as ci
from services.gateway import vues_academie as va
from services.gateway import vues_indicateurs as vues
from services.gateway.auth import verifier_jeton
from services.gateway.demandes import Ecriture
from services.gateway.operations_indicateurs import GuichetIndicateurs, PageIndicateurs
from services.gateway.pages import Jeton, page, session_de
from services.gateway.pages_indicateurs import calendriers, choix
from services.gateway.pages_indicateurs_academie import SERIES, Demande, definitions_de, objectifs_de
from services.gateway.policy import Action, Ressource
from shared.http.errors import Refus, introuvable

router = APIRouter(include_in_schema=False)
_REPRIS = frozenset({412, 422, 428})
_OBJECTIF = "/academies/{code}/objectifs/{indicateur}/{serie}"
_POURCENTAGE = re.compile(r"\s*([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%?\s*")
_CONTINUUM = re.compile(r"[+-]?[0-3]")
FAITS = {
    "pose": "L’objectif est enregistré ; les lycées le voient à côté de leur chiffre.",
    "retire": "L’objectif est retiré ; les lycées ne le voient plus.",
}


@dataclass(frozen=True, slots=True)
class Essai:
    """What was typed and refused. ``actuel``: what somebody else set meanwhile."""

    valeurs: Mapping[str, str] = field(default_factory=dict)
    refus: str = ""
    erreurs: Mapping[str, str] = field(default_factory=dict)
    actuel: ci.Objectif | None = None
    status: int = 200


@router.get("/academies/{code}/objectifs")
async def objectifs(
    request: Request, guichet: PageIndicateurs, code: c.CodeAcademie, adresse: Demande
) -> Response:
    """Of one série: each indicator's figure, target, what is wanted of it."""
    guichet.exiger(Ressource.OBJECTIFS, Action.LIRE, code)
    serie = adresse.serie if adresse.serie in SERIES else vues.ENSEMBLE
    lu = await guichet.academie(session_de(request), code, None, vues.ENSEMBLE)
    calendrier, _ = await calendriers(guichet, session_de(request))
    choisi = choix(lu, adresse, calendrier)
    bloc = vues.bloc(lu.series, lu.ensemble, serie)
    return page(
        request,
        "academie_objectifs.html",
        identite=guichet.identite,
        code=code,
        lu=lu,
        adresse=adresse,
        serie=serie,
        moment=choisi["moment"],
        definitions=definitions_de(choisi["definitions"], "oui"),
        dites={"moment": choisi["moment"], "serie": adresse.serie},
        figures=vues.par_code(bloc) if bloc else {},
        objectifs=objectifs_de(lu.objectifs, serie),
        autres=[un for un in lu.objectifs if un.cible is not None and un.serie != serie],
        libelles={un.code: un.libelle for un in lu.indicateurs},
        va=va,
        vues=vues,
    )


@router.get(_OBJECTIF)
async def objectif(
    request: Request,
    guichet: PageIndicateurs,
    code: c.CodeAcademie,
    *,
    indicateur: str,
    serie: str,
    fait: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    return await _objectif(request, guichet, code, (indicateur, serie), Essai(), fait=fait)


async def _objectif(
    request: Request,
    guichet: GuichetIndicateurs,
    code: str,
    vise: tuple[str, str],
    essai: Essai,
    *,
    fait: str = "",
) -> Response:
    """The form, with what was typed when it was refused, and every version."""
    guichet.exiger(Ressource.OBJECTIFS, Action.LIRE, code)
    session, (indicateur, serie) = session_de(request), vise
    lu = await guichet.academie(session, code, None, vues.ENSEMBLE)
    definition = next((un for un in lu.indicateurs if un.code == indicateur), None)
    if definition is None or serie not in SERIES:
        raise introuvable()
    versions = (await guichet.histoire(session, code, indicateur, serie)).versions
    dernier = versions[0] if versions else None
    connu = essai.actuel or dernier
    bloc = vues.bloc(lu.series, lu.ensemble, serie)
    return page(
        request,
        "academie_objectif.html",
        identite=guichet.identite,
        status=essai.status,
        code=code,
        definition=definition,
        serie=serie,
        figure=vues.par_code(bloc).get(indicateur) if bloc else None,
        versions=versions,
        dernier=dernier,
        version=connu.version if connu else 0,
        valeurs={**champs(dernier), **essai.valeurs},
        essai=essai,
        fait=FAITS.get(fait, ""),
        defaire=versions[1] if len(versions) > 1 else None,
        modifiable=guichet.peut(Ressource.OBJECTIFS, Action.ECRIRE, code),
        champs=champs,
        va=va,
        vues=vues,
    )


@router.post(_OBJECTIF)
async def poser(
    request: Request,
    guichet: PageIndicateurs,
    code: c.CodeAcademie,
    *,
    indicateur: str,
    serie: str,
    jeton: Jeton = "",
    version: Annotated[int, Form(ge=0)] = 0,
    cible: Annotated[str, Form(max_length=10)] = "",
    continuum: Annotated[str, Form(max_length=3)] = "",
    note: Annotated[str, Form(max_length=2_000)] = "",
    action: Annotated[str, Form(max_length=20)] = "poser",
) -> Response:
    """Set, change, take back, or set an older version again: the four are the same write."""
    verifier_jeton(guichet.identite, jeton)
    vise, valeurs = (indicateur, serie), {"cible": cible, "continuum": continuum, "note": note}
    lue = lire(valeurs, retirer=action == "retirer")
    if isinstance(lue, Essai):
        return await _objectif(request, guichet, code, vise, lue)
    ecriture = Ecriture(if_match=f'"{version}"' if version else None)
    try:
        await guichet.poser_objectif(session_de(request), code, vise, lue, ecriture)
    except Refus as refus:
        if refus.status not in _REPRIS:
            raise
        essai = Essai(valeurs, refus.phrase, actuel=_actuel(refus), status=refus.status)
        return await _objectif(request, guichet, code, vise, essai)
    fait = urlencode({"fait": "retire" if lue.cible is None else "pose"})
    return RedirectResponse(f"/academies/{code}/objectifs/{indicateur}/{serie}?{fait}", 303)


def _actuel(refus: Refus) -> ci.Objectif | None:
    actuel = refus.details.get("actuel")
    return ci.Objectif.model_validate(actuel) if actuel else None


def lire(valeurs: Mapping[str, str], *, retirer: bool) -> ci.SaisieObjectif | Essai:
    """A percentage with a comma or a point; the note is kept when the target is taken back."""
    erreurs: dict[str, str] = {}
    cible = _pourcentage(valeurs["cible"])
    if not retirer and (cible is None or not 0 <= cible <= 1):
        erreurs["cible"] = "Écrivez un pourcentage entre 0 et 100, par exemple 92,5."
    note = valeurs["note"].strip()
    if len(note) > 1_000:  # noqa: PLR2004 - as the service keeps it
        erreurs["note"] = "La note ne dépasse pas 1 000 caractères."
    continuum = valeurs["continuum"].replace("−", "-").strip()
    if continuum and not _CONTINUUM.fullmatch(continuum):
        erreurs["continuum"] = "Choisissez une valeur de la liste."
    if erreurs:
        return Essai(valeurs, "Corrigez les champs signalés ci-dessous.", erreurs, status=422)
    return ci.SaisieObjectif(
        cible=None if retirer else cible, continuum=int(continuum) if continuum else None, note=note
    )


def _pourcentage(texte: str) -> float | None:
    lu = _POURCENTAGE.fullmatch(texte)
    return round(float(lu[1].replace(",", ".")) / 100, 6) if lu else None


def champs(un: ci.Objectif | None) -> dict[str, str]:
    """As the form shows and sends them."""
    if un is None:
        return {"cible": "", "continuum": "", "note": ""}
    cible = "" if un.cible is None else f"{100 * un.cible:.4f}".rstrip("0").rstrip(".").replace(".", ",")
    return {
        "cible": cible,
        "continuum": "" if un.continuum is None else str(un.continuum),
        "note": un.note,
    }
