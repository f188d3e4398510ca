"""The state of a pupil, the reducer that every projection folds with, and how to read what it says."""

from shared.domaine.etat.lecture import A_CONFIRMER, A_REPONDRE, etat_du_voeu, reponse_de
from shared.domaine.etat.repli import cle_bulletin, cle_voeu, replier
from shared.domaine.etat.structures import (
    Accuse,
    BourseDite,
    Bulletin,
    CordeesDites,
    Echeance,
    EtatEleve,
    Fiche,
    Identite,
    Inscription,
    Proposition,
    ReponseDonnee,
    Scolarite,
    Vivier,
    Voeu,
    decoder,
    encoder,
)

__all__ = [
    "A_CONFIRMER",
    "A_REPONDRE",
    "Accuse",
    "BourseDite",
    "Bulletin",
    "CordeesDites",
    "Echeance",
    "EtatEleve",
    "Fiche",
    "Identite",
    "Inscription",
    "Proposition",
    "ReponseDonnee",
    "Scolarite",
    "Vivier",
    "Voeu",
    "cle_bulletin",
    "cle_voeu",
    "decoder",
    "encoder",
    "etat_du_voeu",
    "replier",
    "reponse_de",
]
