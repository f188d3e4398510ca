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


class ReponseEnregistree(ContratEleve):
    voeu_id: Code
    sous_voeu_id: Code | None = None
    reponse: Reponse
    voeux_maintenus: tuple[Code, ...] = ()
