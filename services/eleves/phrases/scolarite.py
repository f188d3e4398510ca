"""Sentences about the pupil and his scolarité: arrivals, classes, sorties, what SIECLE says of bourse and Cordées."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.eleves.chronologie import Entree
from services.eleves.lecture import Genre, Origine
from services.eleves.phrases.base import Contexte, Dite, Phrases
from shared.nomenclatures.lycees import lycee
from shared.nomenclatures.series import Serie


def identite(_: Contexte, avant: Entree | None, __: Entree) -> Phrases:
    phrase = "État civil reçu." if avant is None else "État civil mis à jour."
    yield Dite(Genre.SCOLARITE, Origine.SIECLE, phrase)


def scolarite(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    """Those of a version that the lycée typed, or that we made, are theirs and not SIECLE's."""
    origine = _ORIGINES.get(entree.details[6], Origine.SIECLE)
    for dite in _versions(contexte, avant, entree):
        yield dite._replace(origine=origine)


_ORIGINES: Mapping[str | None, Origine] = {"LYCEE": Origine.LYCEE, "PILOTAGE": Origine.PILOTAGE}


def _versions(contexte: Contexte, avant: Entree | None, entree: Entree) -> Phrases:
    uai, classe, serie, sortie, bourse, cordees, origine = entree.details
    if avant is None:
        ou = ", ".join(filter(None, [_lycee(uai), _classe(classe), f"série {_serie(serie)}"]))
        yield _siecle(f"Arrivée dans Pilotage : {ou}.")
        avant_bourse, avant_cordees = None, False
        dites = [_siecle(f"Sortie de l’établissement le {_jour(sortie)}.")] if sortie else []
    else:
        avant_bourse, avant_cordees = avant.details[4:6]
        dites = list(_mouvements(avant, entree))
    yield from dites
    droits = Droits((avant_bourse, bourse), (avant_cordees, cordees), _DANS.get(origine, "SIECLE"))
    yield from _droits(contexte, droits)
    if avant is not None and not dites and avant.details[:6] == entree.details[:6]:
        yield _siecle("Scolarité mise à jour.")


_DANS: Mapping[str | None, str] = {"LYCEE": "la saisie du lycée", "PILOTAGE": "la scolarité"}


class Droits(NamedTuple):
    """Before and after. ``source``: what says so."""

    bourses: tuple[int | bool | None, int | bool]
    cordees: tuple[bool, bool]
    source: str


def _mouvements(avant: Entree, entree: Entree) -> Phrases:
    uai, classe, serie, sortie, *_ = entree.details
    avant_uai, avant_classe, avant_serie, avant_sortie, *_ = avant.details
    if uai != avant_uai:
        yield _siecle(f"Changement de lycée : {_lycee(avant_uai)} → {_lycee(uai)}{_en_classe(classe)}.")
    elif classe != avant_classe:
        yield _siecle(f"Changement de classe : {avant_classe or 'aucune'} → {classe or 'aucune'}.")
    if serie != avant_serie:
        yield _siecle(f"Changement de série : {_serie(avant_serie)} → {_serie(serie)}.")
    if sortie and not avant_sortie:
        yield _siecle(f"Sortie de l’établissement le {_jour(sortie)}.")
    elif avant_sortie and not sortie:
        yield _siecle(f"Retour : la sortie du {_jour(avant_sortie)} ne compte plus.")
    elif sortie != avant_sortie:
        yield _siecle(f"Date de sortie corrigée : {_jour(avant_sortie)} → {_jour(sortie)}.")


def _droits(contexte: Contexte, droits: Droits) -> Phrases:
    avant, apres = droits.bourses
    if bool(avant) is not bool(apres):
        echelon = f" (échelon {apres})" if contexte.direction and apres and apres is not True else ""
        sens = "notée dans" if apres else "retirée de"
        yield Dite(Genre.BOURSE, Origine.SIECLE, f"Bourse de lycée {sens} {droits.source}{echelon}.")
    if droits.cordees[0] is not droits.cordees[1]:
        sens = "notées dans" if droits.cordees[1] else "retirées de"
        yield Dite(Genre.CORDEES, Origine.SIECLE, f"Cordées de la réussite {sens} {droits.source}.")


def _siecle(phrase: str) -> Dite:
    return Dite(Genre.SCOLARITE, Origine.SIECLE, phrase)


def _lycee(uai: str) -> str:
    connu = lycee(uai)
    return f"{connu.nom}, {connu.commune}" if connu else f"lycée {uai}"


def _classe(classe: str | None) -> str | None:
    return f"classe {classe}" if classe else None


def _en_classe(classe: str | None) -> str:
    return f", classe {classe}" if classe else ""


def _serie(code: str) -> str:
    return Serie(code).libelle


def _jour(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")
