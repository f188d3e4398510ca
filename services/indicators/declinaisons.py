"""A lycée's own figures by classe, specialités, sexe, bourse and Cordées: from its pupils, and for itself alone.

They are not kept: nobody else reads them, and a lycée has a few hundred pupils. A pupil is in one modalité of each
dimension, so that the modalités of a dimension add up to the série.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from services.indicators.domain import Cle, Comptage
from services.indicators.etat import Etat, Place
from services.indicators.situation import situation

_OUI, _NON = "OUI", "NON"
_DECIDE = {1: True, 2: False}
"""What outweighs SIECLE: a certified or refused bourse, what the lycée entered of the Cordées."""


class Dimension(StrEnum):
    ENSEMBLE = "ensemble"
    CLASSE = "classe"
    SPECIALITES = "specialites"
    SEXE = "sexe"
    BOURSIER = "boursier"
    CORDEES = "cordees"


class Part(NamedTuple):
    """``modalite``: '' for the whole, and where nothing is known."""

    serie: str
    dimension: Dimension
    modalite: str


def declinaisons(comptage: Comptage, uai: str, etats: Iterable[Etat]) -> Mapping[Part, Mapping[str, int]]:
    """Measures by part, of the pupils who are or were of ``uai``; parts that count nobody are left out."""
    sommes: dict[Part, int] = {}
    for etat in etats:
        lieu = situation(etat).place
        if lieu is not None:
            for cle, vecteur in comptage.contribution(comptage.vue(etat)):
                if cle.uai == uai:
                    for part in _parts(cle, lieu, etat):
                        sommes[part] = sommes.get(part, 0) + vecteur
    codes = [mesure.code for mesure in comptage.mesures]
    return {
        part: dict(zip(codes, comptage.valeurs(vecteur), strict=True))
        for part, vecteur in sorted(sommes.items())
    }


def _parts(cle: Cle, lieu: Place, etat: Etat) -> Iterator[Part]:
    """A pupil who is elsewhere today has no classe nor specialités here any more."""
    ici = bool(lieu.present) and (lieu.uai, lieu.serie) == (cle.uai, cle.serie)
    yield Part(cle.serie, Dimension.ENSEMBLE, "")
    yield Part(cle.serie, Dimension.CLASSE, lieu.classe if ici else "")
    yield Part(cle.serie, Dimension.SPECIALITES, lieu.specialites if ici else "")
    yield Part(cle.serie, Dimension.SEXE, lieu.sexe)
    yield Part(cle.serie, Dimension.BOURSIER, _dit(boursier(etat, lieu)))
    yield Part(cle.serie, Dimension.CORDEES, _dit(encorde(etat, lieu)))


def boursier(etat: Etat, lieu: Place) -> bool:
    """As ``shared.domaine.bourse``: the chef's decision, then SIECLE."""
    decide = _DECIDE.get(etat.bourse[3]) if etat.bourse else None
    return bool(lieu.boursier) if decide is None else decide


def encorde(etat: Etat, lieu: Place) -> bool:
    """As ``shared.domaine.cordees``: what the lycée entered, then SIECLE."""
    decide = _DECIDE.get(etat.cordees[3]) if etat.cordees else None
    return bool(lieu.cordees) if decide is None else decide


def _dit(oui: bool) -> str:
    return _OUI if oui else _NON
