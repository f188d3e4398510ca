"""Which formations a pupil asks for: a list drawn by voie, within the rules of the platform.

Ten vœux; a vœu multiple (same ``groupe``) holds at most ten sous-vœux, and twenty in all outside the
« dossier unique » competitions. Source: parcoursup_reference §2.1, rates of ``calibration.csv``.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from math import exp, lgamma, log
from random import Random
from typing import Generic, TypeVar

from shared.nomenclatures.calibration import parts_des_familles, taux
from shared.nomenclatures.familles import Famille
from shared.nomenclatures.formations import Formation, formations

VOEUX_MAX = 10
SOUS_VOEUX_PAR_VOEU_MAX = 10
SOUS_VOEUX_COMPTES_MAX = 20
REGROUPEMENTS_IFSI_MAX = 5
L1_PASS = frozenset({Famille.LICENCE, Famille.LAS, Famille.PASS})
A_DOSSIER_UNIQUE = frozenset({Famille.INGENIEUR, Famille.COMMERCE, Famille.IFSI, Famille.EFTS})
PASS_ILE_DE_FRANCE = "PASS Île-de-France"  # noqa: S105 - a vœu multiple, not a password
_ENCORE_LE_MEME_GROUPE = 0.3
_LONGUEUR_SI_UNIQUEMENT = 0.45
_DISPERSION = 5.0
_LONGUEUR_MAX = 45
# Lists cut short by the limits are made up for here, so that the published means come out.
_RATTRAPAGE = {"G": 1.25, "T": 1.05, "P": 1.0}
_RATTRAPAGE_L1 = {"G": 1.4, "T": 0.95, "P": 0.7}

# Nearby formations run out first.
_RATTRAPAGE_ACADEMIE = {"G": 0.15, "T": 0.04, "P": 0.0}

T = TypeVar("T")


class Tirage(Generic[T]):
    """Weighted draw in logarithmic time."""

    def __init__(self, poids: Iterable[tuple[T, float]]) -> None:
        paires = [(valeur, p) for valeur, p in poids if p > 0]
        self.valeurs = [valeur for valeur, _ in paires]
        self.cumuls = list(accumulate(p for _, p in paires))
        self.total = self.cumuls[-1]

    def tirer(self, alea: Random) -> T:
        return self.valeurs[bisect(self.cumuls, alea.random() * self.total, 0, len(self.cumuls) - 1)]


def binomiale_negative(moyenne: float) -> Tirage[int]:
    """Number of lines of a list: 1 plus a negative binomial of mean ``moyenne - 1``, cut at the top."""
    m, r = max(0.3, moyenne - 1), _DISPERSION
    p = r / (r + m)
    poids = [
        (k + 1, exp(lgamma(k + r) - lgamma(r) - lgamma(k + 1) + r * log(p) + k * log(1 - p)))
        for k in range(_LONGUEUR_MAX)
    ]
    return Tirage(poids)


def compte_dans_les_vingt(formation: Formation) -> bool:
    """A sous-vœu of these is limited in number; those « à dossier unique » are not."""
    return (
        formation.groupe is not None
        and formation.famille not in A_DOSSIER_UNIQUE
        and formation.groupe != PASS_ILE_DE_FRANCE
    )


class Catalogue:
    """Formations by famille, académie and vœu multiple, ready to be drawn by demand."""

    def __init__(self) -> None:
        par_cle: dict[tuple[str, str | None], list[Formation]] = defaultdict(list)
        for formation in formations().values():
            for cle in (formation.famille.value, formation.groupe):
                if cle:
                    par_cle[cle, formation.academie].append(formation)
                    par_cle[cle, None].append(formation)
        self._tirages = {
            cle: Tirage((formation, formation.candidats) for formation in liste)
            for cle, liste in par_cle.items()
        }

    def tirer(self, cle: str, academie: str, proximite: float, alea: Random) -> Formation:
        """``cle``: a famille or a groupe. ``proximite``: chance of the pupil's own académie."""
        if alea.random() < proximite:
            proche = self._tirages.get((cle, academie))
            if proche:
                return proche.tirer(alea)
        return self._tirages[cle, None].tirer(alea)


class Panier:
    """A list in the making. ``voeux``: formations by vœu, in the order they were thought of."""

    def __init__(self) -> None:
        self.voeux: dict[str, list[Formation]] = {}
        self.lignes = 0
        self._comptes = 0
        self._groupes: dict[Famille, list[str]] = defaultdict(list)

    def ajouter(self, formation: Formation) -> bool:
        """False when a rule of the platform, or a repetition, forbids it."""
        cle = formation.groupe or formation.formation_id
        membres = self.voeux.get(cle)
        if not (self._place_pour(formation) if membres is None else self._place_dans(membres, formation)):
            return False
        if membres is None:
            self.voeux[cle] = [formation]
            self._groupes[formation.famille].append(cle)
        else:
            membres.append(formation)
        self.lignes += 1
        self._comptes += compte_dans_les_vingt(formation)
        return True

    def _place_pour(self, formation: Formation) -> bool:
        if len(self.voeux) == VOEUX_MAX:
            return False
        if formation.famille is Famille.IFSI and len(self._groupes[Famille.IFSI]) == REGROUPEMENTS_IFSI_MAX:
            return False
        return not (compte_dans_les_vingt(formation) and self._comptes == SOUS_VOEUX_COMPTES_MAX)

    def _place_dans(self, membres: list[Formation], formation: Formation) -> bool:
        if formation.groupe is None or len(membres) == SOUS_VOEUX_PAR_VOEU_MAX or formation in membres:
            return False
        return not (compte_dans_les_vingt(formation) and self._comptes == SOUS_VOEUX_COMPTES_MAX)

    def groupe_commence(self, famille: Famille, alea: Random) -> str | None:
        """A vœu multiple of that famille to be lengthened; the more surely, the fuller the list."""
        commences = self._groupes.get(famille)
        encore = _ENCORE_LE_MEME_GROUPE + (1 - _ENCORE_LE_MEME_GROUPE) * len(self.voeux) / VOEUX_MAX
        if not commences or alea.random() >= encore:
            return None
        cle = commences[int(alea.random() * len(commences))]
        return cle if self.voeux[cle][0].groupe else None

    def groupe_a_allonger(self, alea: Random) -> str | None:
        """Any vœu multiple with room left: all that a full list can still take."""
        cles = [
            cle
            for cle, membres in self.voeux.items()
            if membres[0].groupe and len(membres) < SOUS_VOEUX_PAR_VOEU_MAX
        ]
        return cles[int(alea.random() * len(cles))] if cles else None


class Choix:
    """Draws lists for one voie (G, T, P). ``academie`` is the pupil's."""

    def __init__(self, voie: str) -> None:
        parts = parts_des_familles(voie)
        self.au_moins_un = taux("au_moins_un_l1_pass", voie)
        self.uniquement = taux("uniquement_l1_pass", voie)
        moyenne = taux("lignes_par_eleve", voie) * _RATTRAPAGE[voie]
        longs = (1 - self.uniquement * _LONGUEUR_SI_UNIQUEMENT) / (1 - self.uniquement)
        self.longueur = binomiale_negative(moyenne * longs)
        self.longueur_uniquement = binomiale_negative(moyenne * _LONGUEUR_SI_UNIQUEMENT)
        self.l1 = Tirage((f, p) for f, p in parts.items() if f in L1_PASS)
        self.autres = Tirage((f, p) for f, p in parts.items() if f not in L1_PASS)
        attendue = self.l1.total / (self.l1.total + self.autres.total)
        mixtes = self.au_moins_un - self.uniquement
        self.part_l1 = (
            (attendue - self.uniquement * _LONGUEUR_SI_UNIQUEMENT) / (mixtes * longs) * _RATTRAPAGE_L1[voie]
        )
        self.catalogue = _catalogue()
        self.proximite = taux("meme_academie") + _RATTRAPAGE_ACADEMIE[voie]

    def tirer(self, academie: str, alea: Random) -> Panier:
        profil = alea.random()
        if profil < self.uniquement:
            return self._remplir(Panier(), self.longueur_uniquement.tirer(alea), 1.0, academie, alea)
        longueur = self.longueur.tirer(alea)
        if profil > self.au_moins_un:
            return self._remplir(Panier(), longueur, 0.0, academie, alea)
        panier = Panier()
        for famille in (self.l1.tirer(alea), self.autres.tirer(alea)):
            panier.ajouter(self.catalogue.tirer(famille, academie, self.proximite, alea))
        return self._remplir(panier, longueur, self.part_l1, academie, alea)

    def _remplir(self, panier: Panier, longueur: int, part_l1: float, academie: str, alea: Random) -> Panier:
        essais = 3 * longueur + 10
        while panier.lignes < longueur and essais:
            essais -= 1
            if len(panier.voeux) == VOEUX_MAX:
                groupe = panier.groupe_a_allonger(alea)
                if groupe is None:
                    break
                panier.ajouter(self.catalogue.tirer(groupe, academie, self.proximite, alea))
                continue
            famille = (self.l1 if alea.random() < part_l1 else self.autres).tirer(alea)
            groupe = panier.groupe_commence(famille, alea)
            panier.ajouter(self.catalogue.tirer(groupe or famille, academie, self.proximite, alea))
        return panier


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return Catalogue()


@lru_cache(maxsize=3)
def choix(voie: str) -> Choix:
    return Choix(voie)


def formation_en_apprentissage(voie: str, academie: str, alea: Random) -> Formation:
    """BTS mostly, BUT at times for the two other voies."""
    famille = Famille.BUT if voie != "P" and alea.random() < 0.3 else Famille.BTS  # noqa: PLR2004 - a guess
    return _catalogue().tirer(famille, academie, taux("meme_academie"), alea)
