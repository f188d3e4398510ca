"""Random pupils as traits, with what always holds of them, and the cases that they make."""

from random import Random

from services.indicators import traits as t
from services.indicators.mesures import MESURES, Lieu
from services.indicators.traits import Stade
from shared.nomenclatures.familles import Famille

Case = tuple[int, ...]
_FAMILLES = tuple(Famille)


def eleve(r: Random, *, admission: bool = True) -> int:
    """Traits of one pupil: a vœu confirmed was asked for, a proposition is an answer, one at most is accepted.

    A vœu withdrawn may still be answered, one that was not confirmed too (phase complémentaire, CAES).
    """
    if r.random() < 0.1:
        return 0
    traits = t.INSCRIT | _bit(r, t.DEMISSION, 0.05) | _bit(r, t.COMPLEMENTAIRE, 0.1)
    if r.random() < 0.08:
        return traits
    voulus = [r.choice(_FAMILLES) for _ in range(r.choice((1, 1, 2, 5)))]
    if r.random() < 0.25:
        voulus = [Famille.LICENCE] * len(voulus)
    acceptable = 0
    for famille in voulus:
        retire = r.random() < 0.05
        traits |= 0 if retire else t.etudiant(Stade.DEMANDE, famille)
        if not retire and r.random() < 0.8:
            traits |= t.etudiant(Stade.CONFIRME, famille)
        if admission and r.random() < 0.85:
            traits, acceptable = _reponse(r, famille, traits, acceptable)
    caes = t.CAES | _bit(r, t.CAES_PROPOSITION, 0.5) if r.random() < 0.05 else 0
    return traits | acceptable | caes


def _reponse(r: Random, famille: Famille, traits: int, acceptable: int) -> tuple[int, int]:
    issue = r.random()
    if issue < 0.4:
        traits |= t.etudiant(Stade.PROPOSE, famille) | t.REPONDU | _bit(r, t.PROPOSE_COMPLEMENTAIRE, 0.1)
        suite = r.random()
        if suite < 0.5 and not acceptable:
            acceptable = t.etudiant(Stade.ACCEPTE, famille) | _bit(r, t.MAINTENANT, 0.3)
        elif suite < 0.7:
            traits |= t.REPONSE_ATTENDUE
        elif suite < 0.8:
            traits |= t.EXPIREE
    elif issue < 0.7:
        traits |= t.REPONDU | t.ATTENTE
    elif issue < 0.9:
        traits |= t.REPONDU | t.REFUS
    return traits, acceptable


def _bit(r: Random, bit: int, chance: float) -> int:
    return bit if r.random() < chance else 0


def case(r: Random, effectif: int, *, admission: bool = True) -> Case:
    """Measures of that many random pupils; about one in twenty came after the closing."""
    somme = [0] * len(MESURES)
    for _ in range(effectif):
        traits, initial = eleve(r, admission=admission), r.random() < 0.95
        for rang, mesure in enumerate(MESURES):
            if (initial or mesure.lieu is Lieu.COURANT) and mesure.compte(traits):
                somme[rang] += 1
    return tuple(somme)


def monde(
    r: Random, *, academies: int, lycees: int, admission: bool
) -> tuple[dict[str, Case], dict[str, tuple[str, ...]]]:
    """A série in some lycées of some académies: cases and paths, by UAI."""
    cases, chemins = {}, {}
    modeles = [
        case(r, r.choice((r.randint(1, 8), r.randint(5, 40), 90)), admission=admission) for _ in range(40)
    ]
    for a in range(academies):
        for rang in range(r.randint(1, lycees)):
            uai = f"{a:03d}{rang:04d}X"
            cases[uai] = r.choice(modeles)
            chemins[uai] = ("N", f"R{a // 2}", f"A{a}", f"A{a}D{rang % 3}")
    return cases, chemins
