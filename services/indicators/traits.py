"""What measures ask of a pupil, as bits of one integer.

A vœu sets, for each stage that it reached, the bit of its filière; a pupil is the union of his vœux, and of
what his dossier says. « Uniquement L1 ou PASS » is then: a bit of L1/PASS is set, and none of the other filières.
Stages and decisions read as in shared.domaine (voeux, admission, etat.lecture): a property test holds both together.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import reduce
from operator import or_

from shared.domaine.admission import OUI
from shared.domaine.etat import A_CONFIRMER, A_REPONDRE
from shared.domaine.statut import ACCEPTATIONS
from shared.events.modeles import Decision, EtatVoeu, Phase, Reponse, Voie
from shared.nomenclatures.familles import Famille


class Stade(IntEnum):
    """How far a vœu went. PROPOSE: a formation said yes, whatever the answer. ACCEPTE: the one accepted last."""

    DEMANDE = 0
    CONFIRME = 1
    PROPOSE = 2
    ACCEPTE = 3


_FAMILLES = tuple(Famille)
_LICENCE_SELECTIVE = len(_FAMILLES)
_APPRENTISSAGE = _LICENCE_SELECTIVE + 1
_INCONNUE = _APPRENTISSAGE + len(_FAMILLES)
_FILIERES = _INCONNUE + 1
"""Filières: the familles en statut étudiant, licences sélectives apart, then in apprentissage; last, a vœu not known yet."""


def _bit(stade: Stade, filiere: int) -> int:
    return 1 << (stade * _FILIERES + filiere)


def union(masques: Iterable[int]) -> int:
    return reduce(or_, masques, 0)


def etudiant(stade: Stade, *familles: Famille) -> int:
    """Bits of ``familles`` en statut étudiant; LICENCE without the selective ones (:func:`licence_selective`)."""
    return union(_bit(stade, _FAMILLES.index(famille)) for famille in familles)


def licence_selective(stade: Stade) -> int:
    return _bit(stade, _LICENCE_SELECTIVE)


def apprentissage(stade: Stade) -> int:
    return union(_bit(stade, _APPRENTISSAGE + rang) for rang in range(len(_FAMILLES)))


def tout(stade: Stade) -> int:
    """Any vœu at that stage."""
    return union(_bit(stade, filiere) for filiere in range(_FILIERES))


_AUTRES = len(Stade) * _FILIERES
COMPLEMENTAIRE = 1 << _AUTRES
"""A vœu of the phase complémentaire, not withdrawn."""
A_CONFIRMER_ENCORE = 1 << _AUTRES + 1
NON_CONFIRME = 1 << _AUTRES + 2
REPONDU = 1 << _AUTRES + 3
"""A formation answered, whatever it said."""
REPONSE_ATTENDUE = 1 << _AUTRES + 4
"""A proposition that the candidate has not answered yet."""
ATTENTE = 1 << _AUTRES + 5
"""A vœu en attente that the candidate did not give up."""
REFUS = 1 << _AUTRES + 6
EXPIREE = 1 << _AUTRES + 7
MAINTENANT = 1 << _AUTRES + 8
"""The proposition accepted last was accepted en maintenant others."""
PROPOSE_COMPLEMENTAIRE = 1 << _AUTRES + 9
INSCRIT = 1 << _AUTRES + 10
DEMISSION = 1 << _AUTRES + 11
CAES = 1 << _AUTRES + 12
CAES_PROPOSITION = 1 << _AUTRES + 13
TOUS = (1 << _AUTRES + 14) - 1

_ABANDONS = frozenset({Reponse.REFUSEE, Reponse.EXPIREE, Reponse.DEMISSION})
_ETATS, _DECISIONS, _REPONSES = tuple(EtatVoeu), tuple(Decision), tuple(Reponse)
FAMILLE = {famille: rang << 1 for rang, famille in enumerate(_FAMILLES)}
VOIE = {Voie.ETUDIANT: 0, Voie.APPRENTISSAGE: 1 << 5}
PHASE = {Phase.PRINCIPALE: 0, Phase.COMPLEMENTAIRE: 1 << 6}
ETAT = {etat: (rang + 1) << 7 for rang, etat in enumerate(_ETATS)}
DECISION = {decision: (rang + 1) << 10 for rang, decision in enumerate(_DECISIONS)}
REPONSE = {reponse: (rang + 1) << 13 for rang, reponse in enumerate(_REPONSES)}
EXPIRATION, ECHEANCE = 1 << 16, 1 << 17
VOEU, BITS_DECISION, BITS_REPONSE = (1 << 10) - 1, 7 << 10, 7 << 13
"""A vœu in one small integer: what the platform says of it, the decision, the answer, and what time made of both.

Its parts: selective, FAMILLE, VOIE, PHASE, ETAT; DECISION; REPONSE.
"""


class _Masques(dict[int, int]):
    """Bits of a vœu, by its code; computed once for each code met."""

    def __missing__(self, code: int) -> int:
        self[code] = masque = _masque(code)
        return masque


MASQUES: Mapping[int, int] = _Masques()
"""Accepted vœux all set ACCEPTE and MAINTENANT here: only the last one counts (:func:`services.indicators.etat.traits`)."""
ACCEPTES = tout(Stade.ACCEPTE) | MAINTENANT


def _masque(code: int) -> int:
    filiere = _filiere(code)
    etat = _ETATS[(code >> 7 & 7) - 1] if code & VOEU else None
    complementaire = bool(code >> 6 & 1) and etat is not None
    return _du_voeu(code, etat, filiere, complementaire=complementaire) | _de_l_admission(
        code, filiere, complementaire=complementaire
    )


def _filiere(code: int) -> int:
    if not code & VOEU:
        return _INCONNUE
    famille = code >> 1 & 15
    if code >> 5 & 1:
        return _APPRENTISSAGE + famille
    return _LICENCE_SELECTIVE if _FAMILLES[famille] is Famille.LICENCE and code & 1 else famille


def _du_voeu(code: int, etat: EtatVoeu | None, filiere: int, *, complementaire: bool) -> int:
    if etat is None or etat is EtatVoeu.SUPPRIME:
        return 0
    masque = _bit(Stade.DEMANDE, filiere)
    if complementaire:
        masque |= COMPLEMENTAIRE
    if etat in A_CONFIRMER:
        return masque | (NON_CONFIRME if code & ECHEANCE else A_CONFIRMER_ENCORE)
    return masque | (_bit(Stade.CONFIRME, filiere) if etat is EtatVoeu.CONFIRME else NON_CONFIRME)


def _de_l_admission(code: int, filiere: int, *, complementaire: bool) -> int:
    if not code & BITS_DECISION:
        return 0
    decision = _DECISIONS[(code >> 10 & 7) - 1]
    reponse = _reponse(code, decision)
    masque = REPONDU
    if decision is Decision.NON:
        masque |= REFUS
    elif decision is Decision.EN_ATTENTE:
        masque |= 0 if reponse in _ABANDONS else ATTENTE
    if decision in OUI:
        masque |= _bit(Stade.PROPOSE, filiere) | (PROPOSE_COMPLEMENTAIRE if complementaire else 0)
        if reponse in ACCEPTATIONS:
            masque |= _bit(Stade.ACCEPTE, filiere)
            masque |= MAINTENANT if reponse is Reponse.ACCEPTEE_EN_MAINTENANT else 0
    if decision in A_REPONDRE and reponse is None:
        masque |= REPONSE_ATTENDUE
    return masque | (EXPIREE if reponse is Reponse.EXPIREE else 0)


def _reponse(code: int, decision: Decision) -> Reponse | None:
    """As ``shared.domaine.etat.reponse_de``: the platform's word, then what time made of it."""
    if code & BITS_REPONSE:
        return _REPONSES[(code >> 13 & 7) - 1]
    return Reponse.EXPIREE if code & EXPIRATION and decision in A_REPONDRE else None


def familles(masque: int, stade: Stade) -> frozenset[Famille]:
    """Familles, in either voie, of the vœux at that stage."""
    trouvees = set()
    for rang, famille in enumerate(_FAMILLES):
        bits = _bit(stade, rang) | _bit(stade, _APPRENTISSAGE + rang)
        bits |= _bit(stade, _LICENCE_SELECTIVE) if famille is Famille.LICENCE else 0
        if masque & bits:
            trouvees.add(famille)
    return frozenset(trouvees)
