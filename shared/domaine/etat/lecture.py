"""What the folded facts say together: the platform's word first, then what time made of it.

Codes are looked for in tuples, by identity: an enumeration is hashed in Python, and this is asked for every vœu of
every row written.
"""

from shared.domaine.etat.structures import Echeance, EtatEleve
from shared.events.modeles import Decision, EtatVoeu, Reponse

A_CONFIRMER = (EtatVoeu.FORMULE, EtatVoeu.COMPLET)
"""A vœu of the phase principale that is still so at the deadline is dropped (parcoursup_reference §2.2)."""
A_REPONDRE = (Decision.OUI, Decision.OUI_SI)
"""Propositions that are lost without an answer in time (parcoursup_reference §2.3)."""


def _vaut(echeance: Echeance | None, version: int) -> bool:
    return echeance is not None and not echeance.annule and echeance.version >= version


def etat_du_voeu(etat: EtatEleve, cle: str) -> EtatVoeu:
    """What the platform says of the vœu, or NON_CONFIRME when its deadline passed since."""
    voeu = etat.voeux[cle]
    if voeu.etat in A_CONFIRMER and _vaut(etat.non_confirmes.get(cle), voeu.version):
        return EtatVoeu.NON_CONFIRME
    return voeu.etat


def reponse_de(etat: EtatEleve, cle: str) -> Reponse | None:
    """The candidate's answer; EXPIREE when there is none and the deadline of the proposition passed."""
    if cle in etat.reponses:
        return etat.reponses[cle].reponse
    proposition = etat.propositions.get(cle)
    if proposition is None or proposition.decision not in A_REPONDRE:
        return None
    return Reponse.EXPIREE if _vaut(etat.expirations.get(cle), proposition.version) else None
