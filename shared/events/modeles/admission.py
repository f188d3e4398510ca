"""Contracts of the admission: propositions and answers."""

from enum import StrEnum

from pydantic import AwareDatetime

from shared.events.modeles.base import Code, ContratEleve, Entier


class Decision(StrEnum):
    OUI = "OUI"
    OUI_SI = "OUI_SI"
    EN_ATTENTE = "EN_ATTENTE"
    NON = "NON"
    RETENU_SOUS_RESERVE = "RETENU_SOUS_RESERVE"


class Reponse(StrEnum):
    ACCEPTEE = "ACCEPTEE"
    ACCEPTEE_EN_MAINTENANT = "ACCEPTEE_EN_MAINTENANT"
    REFUSEE = "REFUSEE"
    EXPIREE = "EXPIREE"
    DEMISSION = "DEMISSION"


class PropositionRecue(ContratEleve):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    decision: Decision
    rang_attente: Entier | None = None
    date_limite: AwareDatetime | None = None


class PropositionExpiree(ContratEleve):
    """No answer came before the deadline: said by ingest, not by the platform; a subject of its own.

    It stands for the proposition of that very ``version`` or an older one, as long as the platform has
    no answer: whenever one arrives, or a newer proposition, it is void. ``annule``: the deadline was put
    off. Ordered by (version, revision), ``revision`` being that of the calendar, 0 when the platform
    itself gave the deadline.
    """

    voeu_id: Code
    sous_voeu_id: Code | None = None
    date_limite: AwareDatetime
    annule: bool = False
    revision: Entier = 0


class ReponseEnregistree(ContratEleve):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    reponse: Reponse
    voeux_maintenus: tuple[Code, ...] = ()
