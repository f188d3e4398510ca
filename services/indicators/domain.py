"""Pure rules of the indicators: what a pupil counts for, and what each rate is made of.

Source: parcoursup_reference §3.4 and the defaults of its §7. A contribution is a set of cells in
which the pupil counts for one; a change of the pupil is the difference of two such sets.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from shared.domaine.etat import EtatEleve
from shared.domaine.voeux import que_l1_pass, sans_voeu, un_l1_pass


class Cellule(NamedTuple):
    session: int
    uai: str
    serie: str
    classe: str
    mesure: str
    academie: str


EFFECTIF_MINIMAL = 5
VIVIER_INITIAL = "vivier_initial"
PARTICIPANTS_INITIAUX = "participants_initiaux"

MESURES: Mapping[str, Callable[[EtatEleve], bool]] = {
    "vivier": lambda etat: etat.present,
    "inscrits": lambda etat: etat.inscrit,
    "sans_voeu": lambda etat: etat.inscrit and sans_voeu(etat),
    "l1_pass": lambda etat: etat.inscrit and un_l1_pass(etat),
    "que_l1_pass": lambda etat: etat.inscrit and que_l1_pass(etat),
}
"""Counted over the pupils present; adding one is an entry here and a rebuild."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicateur:
    """A rate: two measures and the words that go with the figure."""

    code: str
    libelle: str
    definition: str
    numerateur: str
    denominateur: str


INDICATEURS: tuple[Indicateur, ...] = (
    Indicateur(
        code="participation",
        libelle="Taux de participation",
        definition="Élèves inscrits sur Parcoursup, parmi les élèves de terminale du vivier. Quand la"
        " remontée du lycée est close, le vivier initial est figé et sert de base.",
        numerateur="inscrits",
        denominateur="vivier",
    ),
    Indicateur(
        code="sans_voeu",
        libelle="Taux d’élèves n’ayant formulé aucun vœu",
        definition="Élèves inscrits qui n’ont aucun vœu, en statut étudiant ou en apprentissage,"
        " parmi les inscrits.",
        numerateur="sans_voeu",
        denominateur="inscrits",
    ),
    Indicateur(
        code="l1_pass",
        libelle="Au moins un vœu en L1 ou PASS",
        definition="Élèves inscrits ayant au moins un vœu en licence (L.AS et doubles licences"
        " comprises) ou en PASS, en statut étudiant, parmi les inscrits.",
        numerateur="l1_pass",
        denominateur="inscrits",
    ),
    Indicateur(
        code="que_l1_pass",
        libelle="Uniquement des vœux en L1 ou PASS",
        definition="Élèves inscrits dont tous les vœux sont en licence (L.AS et doubles licences"
        " comprises) ou en PASS, parmi les inscrits. Un vœu en apprentissage suffit à en sortir.",
        numerateur="que_l1_pass",
        denominateur="inscrits",
    ),
)


def contribution(etat: EtatEleve | None) -> frozenset[Cellule]:
    """The cells in which this pupil counts for one; none for an orphan or a pupil who left."""
    if etat is None or etat.scolarite is None:
        return frozenset()
    return frozenset((*_courantes(etat), *_initiales(etat)))


def _courantes(etat: EtatEleve) -> Iterable[Cellule]:
    scolarite = etat.scolarite
    if scolarite is None or not etat.present:
        return
    for mesure, compte in MESURES.items():
        if compte(etat):
            yield Cellule(
                etat.session,
                scolarite.uai,
                scolarite.serie.value,
                scolarite.classe or "",
                mesure,
                scolarite.academie,
            )


def _initiales(etat: EtatEleve) -> Iterable[Cellule]:
    """The frozen base: the pupil counts where he was at the closing, wherever he is now."""
    scolarite = etat.scolarite
    if scolarite is None or scolarite.vivier_initial is None:
        return
    fige = scolarite.vivier_initial
    lieu = (etat.session, fige.uai, fige.serie.value, "")
    yield Cellule(*lieu, VIVIER_INITIAL, scolarite.academie)
    if etat.inscrit:
        yield Cellule(*lieu, PARTICIPANTS_INITIAUX, scolarite.academie)


def deltas(changes: Iterable[tuple[EtatEleve | None, EtatEleve | None]]) -> dict[Cellule, int]:
    """Sum of what every change adds and takes away, without the cells that end level."""
    somme: Counter[Cellule] = Counter()
    for avant, apres in changes:
        lus, nouveaux = contribution(avant), contribution(apres)
        for cellule in nouveaux - lus:
            somme[cellule] += 1
        for cellule in lus - nouveaux:
            somme[cellule] -= 1
    return {cellule: n for cellule, n in somme.items() if n}


def taux(numerateur: int, denominateur: int) -> float | None:
    """None where nobody is counted: shown as « — », never as 0 %."""
    return numerateur / denominateur if denominateur else None


def presenter(mesures: Mapping[str, int], *, masque: bool = False) -> list[dict[str, object]]:
    """Every indicator of a group of cells, numerator and denominator beside the rate.

    ``masque``: for readers outside the lycée, a figure over fewer than five pupils is withheld.
    """
    lignes = [_presenter_un(indicateur, mesures) for indicateur in INDICATEURS]
    return [_masquer(ligne) if masque else ligne for ligne in lignes]


def _masquer(ligne: dict[str, object]) -> dict[str, object]:
    if ligne["denominateur"] in range(1, EFFECTIF_MINIMAL):
        return {**ligne, "numerateur": None, "denominateur": None, "taux": None, "masque": True}
    return ligne


def _presenter_un(indicateur: Indicateur, mesures: Mapping[str, int]) -> dict[str, object]:
    numerateur = mesures.get(indicateur.numerateur, 0)
    denominateur = mesures.get(indicateur.denominateur, 0)
    if indicateur.code == "participation" and mesures.get(VIVIER_INITIAL):
        numerateur, denominateur = mesures.get(PARTICIPANTS_INITIAUX, 0), mesures[VIVIER_INITIAL]
    return {
        "code": indicateur.code,
        "libelle": indicateur.libelle,
        "definition": indicateur.definition,
        "numerateur": numerateur,
        "denominateur": denominateur,
        "taux": taux(numerateur, denominateur),
    }
