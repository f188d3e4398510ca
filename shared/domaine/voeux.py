"""Predicates over a pupil's vœux. L1/PASS is defined here, once, for indicators, lists and exports.

Source: parcoursup_reference §2.1, §3.4 and the defaults of its §7 (points 1 and 4): L.AS and
selective double licences count as L1; an apprenticeship vœu is a vœu, is never L1/PASS, and
breaks "only".
"""

from shared.domaine.etat import EtatEleve, Voeu
from shared.events.modeles import EtatVoeu, Voie
from shared.nomenclatures.familles import Famille

L1_PASS = frozenset({Famille.LICENCE, Famille.LAS, Famille.PASS})


def actif(voeu: Voeu) -> bool:
    return voeu.etat is not EtatVoeu.SUPPRIME


def est_l1_pass(voeu: Voeu) -> bool:
    return voeu.famille in L1_PASS and voeu.voie is Voie.ETUDIANT


def voeux_actifs(etat: EtatEleve) -> list[Voeu]:
    return [voeu for voeu in etat.voeux.values() if voeu.etat is not EtatVoeu.SUPPRIME]


def nombre_de_voeux(etat: EtatEleve) -> int:
    """Distinct vœux: the sous-vœux of a vœu multiple count once."""
    return len({cle.partition("/")[0] for cle, voeu in etat.voeux.items() if actif(voeu)})


def nombre_confirmes(etat: EtatEleve) -> int:
    return len({cle.partition("/")[0] for cle, voeu in etat.voeux.items() if voeu.etat is EtatVoeu.CONFIRME})


def sans_voeu(etat: EtatEleve) -> bool:
    return not any(map(actif, etat.voeux.values()))


def un_l1_pass(etat: EtatEleve) -> bool:
    return any(est_l1_pass(voeu) for voeu in voeux_actifs(etat))


def que_l1_pass(etat: EtatEleve) -> bool:
    actifs = voeux_actifs(etat)
    return bool(actifs) and all(map(est_l1_pass, actifs))


def demandees(etat: EtatEleve) -> frozenset[str]:
    """Formations asked for and not withdrawn: the only ones an avis may be written for."""
    return frozenset(voeu.formation_id for voeu in voeux_actifs(etat))
