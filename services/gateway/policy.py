"""Who may do what over which scope: one table, read by one function. What is not in it is denied."""

from collections.abc import Mapping
from enum import StrEnum

from shared.http.perimetre import Perimetre, Role


class Ressource(StrEnum):
    INDICATEURS_LYCEE = "indicateurs_lycee"
    INDICATEURS_ACADEMIE = "indicateurs_academie"
    ELEVES = "eleves"
    DOSSIER = "dossier"
    AVIS = "avis"
    EXPORT = "export"
    REMONTEE = "remontee"
    SERVICES = "services"
    SCOLARITE = "scolarite"
    TACHES = "taches"
    TACHES_NATION = "taches_nation"
    CLOTURE = "cloture"
    REOUVERTURE = "reouverture"
    LOGICIELS = "logiciels"
    JETON = "jeton"
    FAITS = "faits"
    RETOUR = "retour"
    RETOUR_ETAT = "retour_etat"
    RETOUR_LYCEE = "retour_lycee"
    REJETS = "rejets"
    BULLETINS = "bulletins"
    CALENDRIER = "calendrier"
    REFERENTIEL = "referentiel"


class Action(StrEnum):
    LIRE = "lire"
    ECRIRE = "ecrire"


class Portee(StrEnum):
    """What the right reaches.

    SES_LYCEES: the object's lycée is checked by the service that knows it. FLUX: the platform's own
    exchanges, which belong to no lycée. MAISON: what everybody of the house may know, such as the dates.
    """

    LYCEE = "lycee"
    SES_LYCEES = "ses_lycees"
    MAISON = "maison"
    ACADEMIE = "academie"
    NATION = "nation"
    FLUX = "flux"


Droit = tuple[Role, Ressource, Action]
DROITS: Mapping[Droit, Portee] = {
    (Role.CHEF, Ressource.INDICATEURS_LYCEE, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.ELEVES, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.DOSSIER, Action.LIRE): Portee.SES_LYCEES,
    (Role.CHEF, Ressource.AVIS, Action.LIRE): Portee.SES_LYCEES,
    (Role.CHEF, Ressource.AVIS, Action.ECRIRE): Portee.SES_LYCEES,
    (Role.CHEF, Ressource.EXPORT, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.EXPORT, Action.ECRIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.REMONTEE, Action.ECRIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.REMONTEE, Action.LIRE): Portee.SES_LYCEES,
    (Role.SAIO, Ressource.INDICATEURS_ACADEMIE, Action.LIRE): Portee.ACADEMIE,
    (Role.CHEF, Ressource.LOGICIELS, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.LOGICIELS, Action.ECRIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.RETOUR_LYCEE, Action.LIRE): Portee.LYCEE,
    (Role.OPERATEUR, Ressource.SERVICES, Action.LIRE): Portee.NATION,
    (Role.CHEF, Ressource.SCOLARITE, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.SCOLARITE, Action.ECRIRE): Portee.LYCEE,
    (Role.OPERATEUR, Ressource.SCOLARITE, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.SCOLARITE, Action.ECRIRE): Portee.NATION,
    (Role.CHEF, Ressource.TACHES, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.TACHES, Action.ECRIRE): Portee.LYCEE,
    (Role.SAIO, Ressource.TACHES, Action.LIRE): Portee.ACADEMIE,
    (Role.OPERATEUR, Ressource.TACHES_NATION, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.TACHES_NATION, Action.ECRIRE): Portee.NATION,
    (Role.CHEF, Ressource.CLOTURE, Action.LIRE): Portee.LYCEE,
    (Role.CHEF, Ressource.CLOTURE, Action.ECRIRE): Portee.LYCEE,
    (Role.OPERATEUR, Ressource.CLOTURE, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.CLOTURE, Action.ECRIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.REOUVERTURE, Action.ECRIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.RETOUR_ETAT, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.REJETS, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.REJETS, Action.ECRIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.FAITS, Action.ECRIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.FAITS, Action.LIRE): Portee.NATION,
    (Role.CHEF, Ressource.BULLETINS, Action.LIRE): Portee.LYCEE,
    (Role.LOGICIEL, Ressource.BULLETINS, Action.LIRE): Portee.LYCEE,
    (Role.LOGICIEL, Ressource.REMONTEE, Action.ECRIRE): Portee.LYCEE,
    (Role.LOGICIEL, Ressource.REMONTEE, Action.LIRE): Portee.SES_LYCEES,
    (Role.LOGICIEL, Ressource.JETON, Action.ECRIRE): Portee.SES_LYCEES,
    (Role.PLATEFORME, Ressource.FAITS, Action.ECRIRE): Portee.FLUX,
    (Role.PLATEFORME, Ressource.FAITS, Action.LIRE): Portee.FLUX,
    (Role.PLATEFORME, Ressource.RETOUR, Action.LIRE): Portee.FLUX,
    (Role.PLATEFORME, Ressource.JETON, Action.ECRIRE): Portee.FLUX,
    (Role.CHEF, Ressource.CALENDRIER, Action.LIRE): Portee.MAISON,
    (Role.SAIO, Ressource.CALENDRIER, Action.LIRE): Portee.MAISON,
    (Role.OPERATEUR, Ressource.CALENDRIER, Action.LIRE): Portee.MAISON,
    (Role.OPERATEUR, Ressource.CALENDRIER, Action.ECRIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.REFERENTIEL, Action.LIRE): Portee.NATION,
    (Role.OPERATEUR, Ressource.REFERENTIEL, Action.ECRIRE): Portee.NATION,
}


def permis(perimetre: Perimetre, ressource: Ressource, action: Action, objet: str = "") -> bool:
    """Whether the caller may; ``objet`` is the UAI or the code of the académie that is asked for."""
    match DROITS.get((perimetre.role, ressource, action)):
        case Portee.LYCEE:
            return perimetre.voit_lycee(objet)
        case Portee.SES_LYCEES:
            return bool(perimetre.lycees)
        case Portee.ACADEMIE:
            return perimetre.voit_academie(objet)
        case Portee.NATION:
            return perimetre.nation
        case Portee.FLUX | Portee.MAISON:
            return True
        case _:
            return False
