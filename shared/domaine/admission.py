"""What the formations answered and what the candidate did of it, in figures (parcoursup_reference §2.3, §3.5)."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from shared.domaine.etat import EtatEleve, Proposition, reponse_de
from shared.events.modeles import Decision, EtatDossier, Reponse

OUI = frozenset({Decision.OUI, Decision.OUI_SI, Decision.RETENU_SOUS_RESERVE})
"""Decisions that are a proposition, whatever the answer."""
_OUI = tuple(OUI)
_A_REPONDRE = (Decision.OUI, Decision.OUI_SI)
_ABANDONS = (Reponse.REFUSEE, Reponse.EXPIREE, Reponse.DEMISSION)


class SansProposition(StrEnum):
    """Why a candidate that formations answered has no proposition."""

    TOUS_EN_ATTENTE = "TOUS_EN_ATTENTE"
    QUE_DES_NON = "QUE_DES_NON"
    MIXTE = "MIXTE"

    @property
    def libelle(self) -> str:
        return _LIBELLES_SANS[self]


class Acceptation(StrEnum):
    DEFINITIVE = "DEFINITIVE"
    EN_MAINTENANT = "EN_MAINTENANT"

    @property
    def libelle(self) -> str:
        return _LIBELLES_ACCEPTATION[self]


_LIBELLES_SANS = {
    SansProposition.TOUS_EN_ATTENTE: "Tous ses vœux sont en attente",
    SansProposition.QUE_DES_NON: "Que des refus",
    SansProposition.MIXTE: "Des refus et des vœux en attente",
}
_LIBELLES_ACCEPTATION = {
    Acceptation.DEFINITIVE: "Acceptée définitivement",
    Acceptation.EN_MAINTENANT: "Acceptée en maintenant des vœux",
}
_ACCEPTATIONS = {
    Reponse.ACCEPTEE: Acceptation.DEFINITIVE,
    Reponse.ACCEPTEE_EN_MAINTENANT: Acceptation.EN_MAINTENANT,
}


class BilanAdmission(Struct, frozen=True, gc=False, kw_only=True):
    """``decisions``: vœux and sous-vœux that were answered. ``en_attente``: those not given up since.

    ``admis``: key of the vœu accepted last. The other fields are those of the row.
    """

    decisions: int = 0
    propositions: int = 0
    a_repondre: int = 0
    a_repondre_avant: datetime | None = None
    expirees: int = 0
    expiree_le: datetime | None = None
    oui_si: int = 0
    en_attente: int = 0
    refus: int = 0
    sous_reserve: int = 0
    sans_proposition: SansProposition | None = None
    acceptation: Acceptation | None = None
    admis: str | None = None
    attente_non_classee: int = 0
    demission: bool = False


def bilan_admission(etat: EtatEleve) -> BilanAdmission:
    """What lists say of the admission. A pupil who left the procedure has nothing to answer any more."""
    demission = etat.inscription is not None and etat.inscription.etat is EtatDossier.DEMISSION
    if not etat.propositions:
        return _DEMISSION if demission else _RIEN
    reponses = {cle: reponse_de(etat, cle) for cle in etat.propositions}
    decisions = [proposition.decision for proposition in etat.propositions.values()]
    admis, acceptation = _acceptee(etat)
    a_repondre = [] if demission else _a_repondre(etat, reponses)
    attentes = [] if demission else _ouverts(etat, reponses, Decision.EN_ATTENTE)
    return BilanAdmission(
        decisions=len(etat.propositions),
        propositions=sum(decision in _OUI for decision in decisions),
        a_repondre=len(a_repondre),
        a_repondre_avant=min((p.date_limite for p in a_repondre if p.date_limite), default=None),
        expirees=sum(reponse is Reponse.EXPIREE for reponse in reponses.values()),
        expiree_le=_derniere_expiration(etat, reponses),
        oui_si=decisions.count(Decision.OUI_SI),
        en_attente=len(attentes),
        refus=decisions.count(Decision.NON),
        sous_reserve=len(_ouverts(etat, reponses, Decision.RETENU_SOUS_RESERVE)),
        sans_proposition=None if admis else _sans_proposition(decisions, len(attentes)),
        acceptation=acceptation,
        admis=admis,
        attente_non_classee=_non_classes(etat, admis, attentes),
        demission=demission,
    )


_RIEN = BilanAdmission()
_DEMISSION = BilanAdmission(demission=True)


def _acceptee(etat: EtatEleve) -> tuple[str | None, Acceptation | None]:
    """The last one accepted: accepting another releases the one before. Of a known proposition, as the statut."""
    if not etat.reponses:
        return None, None
    acceptees = [
        (donnee.version, cle)
        for cle, donnee in etat.reponses.items()
        if donnee.reponse in _ACCEPTATIONS
        and cle in etat.propositions
        and etat.propositions[cle].decision in _OUI
    ]
    if not acceptees:
        return None, None
    _, cle = max(acceptees)
    return cle, _ACCEPTATIONS[etat.reponses[cle].reponse]


def _a_repondre(etat: EtatEleve, reponses: dict[str, Reponse | None]) -> list[Proposition]:
    return [
        proposition
        for cle, proposition in etat.propositions.items()
        if proposition.decision in _A_REPONDRE and reponses[cle] is None
    ]


def _ouverts(etat: EtatEleve, reponses: dict[str, Reponse | None], decision: Decision) -> list[str]:
    """Keys of the vœux with that decision that the candidate did not give up."""
    return [
        cle
        for cle, proposition in etat.propositions.items()
        if proposition.decision is decision and reponses[cle] not in _ABANDONS
    ]


def _derniere_expiration(etat: EtatEleve, reponses: dict[str, Reponse | None]) -> datetime | None:
    limites = (
        etat.expirations[cle].date_limite if cle in etat.expirations else etat.propositions[cle].date_limite
        for cle, reponse in reponses.items()
        if reponse is Reponse.EXPIREE
    )
    return max((limite for limite in limites if limite), default=None)


def _sans_proposition(decisions: list[Decision], attentes: int) -> SansProposition | None:
    """None with a proposition, even a lost one, or before any answer."""
    if not decisions or any(decision in _OUI for decision in decisions):
        return None
    if not attentes:
        return SansProposition.QUE_DES_NON
    return SansProposition.MIXTE if Decision.NON in decisions else SansProposition.TOUS_EN_ATTENTE


def _non_classes(etat: EtatEleve, admis: str | None, attentes: list[str]) -> int:
    """Vœux en attente without a rank that an acceptance en maintenant keeps: those it names, or all of them."""
    donnee = etat.reponses.get(admis or "")
    if donnee is None or donnee.reponse is not Reponse.ACCEPTEE_EN_MAINTENANT:
        return 0
    gardes = donnee.maintenus
    return sum(
        cle in etat.voeux
        and etat.voeux[cle].rang is None
        and (not gardes or cle in gardes or cle.partition("/")[0] in gardes)
        for cle in attentes
    )
