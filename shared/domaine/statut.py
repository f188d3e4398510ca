"""Where a pupil stands, as a pure function of his folded facts (parcoursup_reference §2.2).

The first line that holds; docs/statut.md has every transition, tested against this code.

| statut | when |
|---|---|
| DEMISSIONNAIRE | the dossier is in DEMISSION (a réponse DEMISSION gives up one vœu only) |
| ADMIS | a proposition was accepted, definitively or en maintenant |
| SANS_PROPOSITION | every answer of the formations is a refusal, or was given up |
| EN_ADMISSION | at least one answer of a formation is open |
| CONFIRME, AVEC_VOEUX, INSCRIT | a confirmed vœu, a vœu, a dossier |
| NON_INSCRIT | nothing of these |

An answer of the candidate to a proposition that is not known, or not made, counts for nothing until it is.
"""

from collections.abc import Mapping
from types import MappingProxyType

from shared.domaine.etat import EtatEleve, reponse_de
from shared.domaine.voeux import nombre_confirmes, sans_voeu
from shared.events.modeles import Decision, EtatDossier, Reponse, Statut

ACCEPTATIONS = (Reponse.ACCEPTEE, Reponse.ACCEPTEE_EN_MAINTENANT)
_OUI = (Decision.OUI, Decision.OUI_SI, Decision.RETENU_SOUS_RESERVE)
_ABANDONS = (Reponse.REFUSEE, Reponse.EXPIREE, Reponse.DEMISSION)
LIBELLES: Mapping[Statut, str] = MappingProxyType(
    {
        Statut.NON_INSCRIT: "Non inscrit",
        Statut.INSCRIT: "Inscrit, sans vœu",
        Statut.AVEC_VOEUX: "Avec vœux",
        Statut.CONFIRME: "Vœux confirmés",
        Statut.EN_ADMISSION: "En phase d’admission",
        Statut.ADMIS: "Admis",
        Statut.SANS_PROPOSITION: "Sans proposition",
        Statut.DEMISSIONNAIRE: "A quitté la procédure",
    }
)
"""As principals read them, on the screen and in the spreadsheets."""


def statut(etat: EtatEleve) -> Statut:
    """The first line of the table that holds."""
    if _demission(etat):
        return Statut.DEMISSIONNAIRE
    if any(un.reponse in ACCEPTATIONS and _proposee(etat, cle) for cle, un in etat.reponses.items()):
        return Statut.ADMIS
    if etat.propositions:
        return Statut.EN_ADMISSION if _ouverte(etat) else Statut.SANS_PROPOSITION
    return _avant_admission(etat)


def _demission(etat: EtatEleve) -> bool:
    return etat.inscription is not None and etat.inscription.etat is EtatDossier.DEMISSION


def _proposee(etat: EtatEleve, cle: str) -> bool:
    return cle in etat.propositions and etat.propositions[cle].decision in _OUI


def _ouverte(etat: EtatEleve) -> bool:
    return any(
        proposition.decision is not Decision.NON and reponse_de(etat, cle) not in _ABANDONS
        for cle, proposition in etat.propositions.items()
    )


def _avant_admission(etat: EtatEleve) -> Statut:
    if not etat.inscrit:
        return Statut.NON_INSCRIT
    if sans_voeu(etat):
        return Statut.INSCRIT
    return Statut.CONFIRME if nombre_confirmes(etat) else Statut.AVEC_VOEUX


def nombre_de_propositions(etat: EtatEleve) -> int:
    """Formations that said yes, whatever the answer."""
    return sum(proposition.decision in _OUI for proposition in etat.propositions.values())
