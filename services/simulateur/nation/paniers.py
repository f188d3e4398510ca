"""Which formations a candidate asks for, within the rules of the platform (parcoursup_reference §2.1).

A list is drawn famille by famille: does he ask for it, and for how many? Both come from the reference
population, so that the totals by famille come out whatever the lengths of the lists.
"""

import csv
from bisect import bisect
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from math import exp, lgamma, log, prod
from random import Random
from typing import NamedTuple

from services.simulateur.nation.catalogue import (
    A_VOEU_MULTIPLE,
    COMPTEES_DANS_LES_VINGT,
    L1_PASS,
    catalogue,
)
from services.simulateur.nation.reference import serie, valeur
from services.simulateur.voeux import REGROUPEMENTS_IFSI_MAX, SOUS_VOEUX_COMPTES_MAX, VOEUX_MAX
from shared.nomenclatures.familles import Famille

SOUS_VOEUX_MAX = 10
AUTRE_VOEU_MULTIPLE = 0.05
_DISPERSION = 4.0
_LIGNES_MAX = {Famille.IFSI: 40, Famille.INGENIEUR: 40, Famille.PASS: 40}
_VOEUX_SEULS = (Famille.LICENCE, Famille.LAS, Famille.AUTRE)

Panier = dict[str | int, list[int]]


class Lieu(NamedTuple):
    """Where somebody asks from, and the chance that he asks for what is near."""

    academie: str
    proximite: float


@lru_cache(maxsize=1)
def longueurs() -> dict[tuple[str, Famille], float]:
    """Mean number of formations of a famille for who asks for it, by voie; made by ``calage``."""
    texte = files(__package__).joinpath("donnees", "reglages.csv").read_text(encoding="utf-8")
    lignes = csv.DictReader(texte.splitlines(), delimiter=";")
    return {(x["voie"], Famille(x["famille"])): float(x["longueur"]) for x in lignes if x["famille"]}


def _poids(moyenne: float, maximum: int) -> list[float]:
    r, m = _DISPERSION, moyenne
    p = r / (r + m)
    return [
        exp(lgamma(k + r) - lgamma(r) - lgamma(k + 1) + r * log(p) + k * log(1 - p)) for k in range(maximum)
    ]


def loi(moyenne: float, maximum: int) -> list[float]:
    """Cumulated chances of 1, 2… ``maximum``: a negative binomial cut there, of that very mean."""
    visee = min(max(moyenne, 1.001), maximum - 0.5)
    bas, haut = 1e-6, 400.0
    for _ in range(60):
        milieu = (bas + haut) / 2
        poids = _poids(milieu, maximum)
        obtenue = 1 + sum(k * x for k, x in enumerate(poids)) / sum(poids)
        bas, haut = (milieu, haut) if obtenue < visee else (bas, milieu)
    cumuls = list(accumulate(_poids(bas, maximum)))
    return [x / cumuls[-1] for x in cumuls]


def _chances(visees: dict[Famille, float], defaut: Famille | None = None) -> dict[Famille, float]:
    """Chances of independent draws that give ``visees``, when who draws nothing is given one.

    That one is ``defaut``, or drawn like ``visees``.
    """
    total, chances = sum(visees.values()), dict(visees)
    for _ in range(200):
        rien = prod(1 - min(1.0, x) for x in chances.values())
        for famille, visee in visees.items():
            part = visee / total if defaut is None else float(famille is defaut)
            chances[famille] = min(1.0, max(0.0, visee - rien * part))
    return chances


class Menu:
    """Lists of one voie: G, T, P, or A for those who are in no terminale."""

    def __init__(self, voie: str, tailles: dict[tuple[str, Famille], float]) -> None:
        parts = {Famille(f): x for f, x in serie("au_moins_un", f"{voie}/").items()}
        self.uniquement = valeur("uniquement_l1_pass", voie)
        self.au_moins_un = valeur("au_moins_un_l1_pass", voie)
        self.lois = {
            f: loi(tailles[voie, f], _LIGNES_MAX.get(f, 10 if f in _VOEUX_SEULS else 20)) for f in parts
        }
        self.l1 = _chances(
            {f: x / self.au_moins_un for f, x in parts.items() if f in L1_PASS}, Famille.LICENCE
        )
        self.autres = _chances({f: x / (1 - self.uniquement) for f, x in parts.items() if f not in L1_PASS})
        self.cumuls = list(accumulate(x for f, x in parts.items() if f not in L1_PASS))
        self.catalogue = catalogue()

    def tirer(self, lieu: Lieu, alea: Random) -> Panier:
        """Formations by vœu: the key is a vœu multiple, or the formation itself when it is asked for alone."""
        panier: Panier = {}
        multiples, seules = self._familles(alea)
        alea.shuffle(multiples)
        alea.shuffle(seules)
        comptes, place = 0, VOEUX_MAX - len(seules)
        for famille in multiples:
            nombre = 1 + bisect(self.lois[famille], alea.random())
            if famille in COMPTEES_DANS_LES_VINGT:
                nombre = min(nombre, SOUS_VOEUX_COMPTES_MAX - comptes)
                comptes += self._multiples(panier, famille, nombre, lieu, alea, place=place)
            else:
                self._multiples(panier, famille, nombre, lieu, alea, place=place)
        for famille in seules:
            self._seules(panier, famille, 1, lieu, alea)
        for famille in seules:
            nombre = bisect(self.lois[famille], alea.random())
            self._seules(panier, famille, nombre, lieu, alea)
        return panier

    def _familles(self, alea: Random) -> tuple[list[Famille], list[Famille]]:
        profil, hasard = alea.random(), alea.random
        voulues: list[Famille] = []
        if profil < self.au_moins_un:
            voulues = [f for f, chance in self.l1.items() if hasard() < chance] or [Famille.LICENCE]
        if profil >= self.uniquement:
            autres = [f for f, chance in self.autres.items() if hasard() < chance]
            voulues += autres or [list(self.autres)[bisect(self.cumuls, hasard() * self.cumuls[-1])]]
        multiples = [f for f in voulues if f in A_VOEU_MULTIPLE]
        return multiples, [f for f in voulues if f not in A_VOEU_MULTIPLE]

    def _multiples(
        self, panier: Panier, famille: Famille, nombre: int, lieu: Lieu, alea: Random, *, place: int
    ) -> int:
        """Sous-vœux of one or several vœux multiples, ``place`` vœux in all; how many were added."""
        tirer, groupes = self.catalogue.tirer, self.catalogue.groupes
        ajoutes, regroupements, cle = 0, 0, None
        for _ in range(3 * nombre + 5):
            if ajoutes == nombre:
                break
            if cle is None or len(panier[cle]) == SOUS_VOEUX_MAX or alea.random() < AUTRE_VOEU_MULTIPLE:
                rang = tirer(famille.value, *lieu, alea)
            else:
                rang = tirer(str(cle), *lieu, alea)
            nouvelle: str | int = groupes[rang] or rang
            membres = panier.get(nouvelle)
            if membres is None:
                if len(panier) >= place or (
                    famille is Famille.IFSI and regroupements == REGROUPEMENTS_IFSI_MAX
                ):
                    continue
                panier[nouvelle] = [rang]
                regroupements += 1
                cle = nouvelle if groupes[rang] else None
            elif rang in membres or len(membres) == SOUS_VOEUX_MAX:
                continue
            else:
                membres.append(rang)
                cle = nouvelle
            ajoutes += 1
        return ajoutes

    def _seules(self, panier: Panier, famille: Famille, nombre: int, lieu: Lieu, alea: Random) -> None:
        tirer, nombre = self.catalogue.tirer, min(nombre, VOEUX_MAX - len(panier))
        for _ in range(3 * nombre):
            rang = tirer(famille.value, *lieu, alea)
            if rang not in panier:
                panier[rang] = [rang]
                nombre -= 1
                if nombre == 0:
                    return


@lru_cache(maxsize=4)
def menu(voie: str) -> Menu:
    return Menu(voie, longueurs())
