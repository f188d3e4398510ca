"""Who may do what over which scope: one table, read by one function. What is not in it is denied."""

from collections.abc import Mapping
from enum import StrEnum

from shared.http.perimetre import Delegation, Perimetre, Role


class Ressource(StrEnum):
    INDICATEURS_LYCEE = "indicateurs_lycee"
    INDICATEURS_ACADEMIE = "indicateurs_academie"
    INDICATEURS_NATION = "indicateurs_nation"
    OBJECTIFS = "objectifs"
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
    BOURSE = "bourse"
    CORDEES = "cordees"
    ETABLISSEMENT = "etablissement"
    VUES = "vues"
    ACCOMPAGNEMENT = "accompagnement"
    NOTES = "notes"
    PROPOSITIONS = "propositions"
    DELEGATION = "delegation"


class Action(StrEnum):
    LIRE = "lire"
    ECRIRE = "ecrire"


class Portee(StrEnum):
    """What the right reaches.

    SES_LYCEES: the object's lycée is checked by the service that knows it. CLASSES: the caller's classes
    in that lycée, by which the service filters. FLUX: the platform's own
    exchanges, which belong to no lycée. MAISON: what everybody of the house may know, such as the dates.
    """

    LYCEE = "lycee"
    SES_LYCEES = "ses_lycees"
    CLASSES = "classes"
    MAISON = "maison"
    ACADEMIE = "academie"
    NATION = "nation"
    FLUX = "flux"


Droit = tuple[Role, Ressource, Action]
Objet = tuple[Ressource, Action]


def _tout(ressource: Ressource, portee: Portee) -> dict[Objet, Portee]:
    return {(ressource, action): portee for action in Action}


def _lire(portee: Portee, *ressources: Ressource) -> dict[Objet, Portee]:
    return {(ressource, Action.LIRE): portee for ressource in ressources}


R = Ressource
_DIRECTION: Mapping[Objet, Portee] = {
    **_lire(Portee.LYCEE, R.INDICATEURS_LYCEE, R.ELEVES, R.RETOUR_LYCEE, R.BULLETINS),
    **_lire(Portee.SES_LYCEES, R.DOSSIER),
    **_lire(Portee.MAISON, R.CALENDRIER),
    **_tout(R.AVIS, Portee.SES_LYCEES),
    **_tout(R.EXPORT, Portee.LYCEE),
    (R.REMONTEE, Action.ECRIRE): Portee.LYCEE,
    (R.REMONTEE, Action.LIRE): Portee.SES_LYCEES,
    **_tout(R.LOGICIELS, Portee.LYCEE),
    **_tout(R.SCOLARITE, Portee.LYCEE),
    **_tout(R.TACHES, Portee.LYCEE),
    **_tout(R.CLOTURE, Portee.LYCEE),
    **_tout(R.BOURSE, Portee.LYCEE),
    **_tout(R.CORDEES, Portee.LYCEE),
    **_tout(R.ETABLISSEMENT, Portee.LYCEE),
    **_tout(R.VUES, Portee.LYCEE),
    **_tout(R.ACCOMPAGNEMENT, Portee.LYCEE),
    **_tout(R.NOTES, Portee.SES_LYCEES),
    **_tout(R.PROPOSITIONS, Portee.LYCEE),
}
SUR_DELEGATION: Mapping[Objet, Delegation] = {
    (R.AVIS, Action.ECRIRE): Delegation.AVIS,
    (R.CLOTURE, Action.ECRIRE): Delegation.CLOTURE,
    (R.LOGICIELS, Action.ECRIRE): Delegation.ACCES,
}
"""What an adjoint does only when the chef delegated it; all the rest he does as the chef does.

The bourse is not here: eleves knows who was delegated, from when and until when.
"""
_PROFESSEUR_PRINCIPAL: Mapping[Objet, Portee] = {
    **_lire(Portee.CLASSES, R.ELEVES, R.DOSSIER, R.AVIS, R.CORDEES),
    **_lire(Portee.LYCEE, R.ETABLISSEMENT),
    **_lire(Portee.MAISON, R.CALENDRIER),
    **_tout(R.EXPORT, Portee.CLASSES),
    **_tout(R.VUES, Portee.CLASSES),
    **_tout(R.ACCOMPAGNEMENT, Portee.CLASSES),
    **_tout(R.NOTES, Portee.CLASSES),
}
_PSYEN: Mapping[Objet, Portee] = {
    **_lire(Portee.LYCEE, R.INDICATEURS_LYCEE, R.ELEVES, R.CORDEES, R.ETABLISSEMENT),
    **_lire(Portee.SES_LYCEES, R.DOSSIER),
    **_lire(Portee.MAISON, R.CALENDRIER),
    **_tout(R.VUES, Portee.LYCEE),
    **_tout(R.ACCOMPAGNEMENT, Portee.LYCEE),
    **_tout(R.NOTES, Portee.SES_LYCEES),
}
_SAIO: Mapping[Objet, Portee] = {
    **_lire(Portee.ACADEMIE, R.INDICATEURS_ACADEMIE, R.TACHES),
    **_lire(Portee.MAISON, R.CALENDRIER),
    **_tout(R.PROPOSITIONS, Portee.ACADEMIE),
    **_tout(R.OBJECTIFS, Portee.ACADEMIE),
}
"""Never a pupil: the SAIO proposes to a chef, and follows counts."""
_OPERATEUR: Mapping[Objet, Portee] = {
    **_lire(Portee.NATION, R.SERVICES, R.RETOUR_ETAT, R.INDICATEURS_NATION),
    **_tout(R.SCOLARITE, Portee.NATION),
    **_tout(R.TACHES_NATION, Portee.NATION),
    **_tout(R.CLOTURE, Portee.NATION),
    (R.REOUVERTURE, Action.ECRIRE): Portee.NATION,
    **_tout(R.REJETS, Portee.NATION),
    **_tout(R.FAITS, Portee.NATION),
    **_lire(Portee.MAISON, R.CALENDRIER),
    (R.CALENDRIER, Action.ECRIRE): Portee.NATION,
    **_tout(R.REFERENTIEL, Portee.NATION),
}
_LOGICIEL: Mapping[Objet, Portee] = {
    **_lire(Portee.LYCEE, R.BULLETINS),
    (R.REMONTEE, Action.ECRIRE): Portee.LYCEE,
    (R.REMONTEE, Action.LIRE): Portee.SES_LYCEES,
    (R.JETON, Action.ECRIRE): Portee.SES_LYCEES,
}
_PLATEFORME: Mapping[Objet, Portee] = {
    **_tout(R.FAITS, Portee.FLUX),
    **_lire(Portee.FLUX, R.RETOUR),
    (R.JETON, Action.ECRIRE): Portee.FLUX,
}
_PAR_ROLE: Mapping[Role, Mapping[Objet, Portee]] = {
    Role.CHEF: {**_DIRECTION, **_tout(R.DELEGATION, Portee.LYCEE)},
    Role.ADJOINT: {**_DIRECTION, **_lire(Portee.LYCEE, R.DELEGATION)},
    Role.PROFESSEUR_PRINCIPAL: _PROFESSEUR_PRINCIPAL,
    Role.PSYEN: _PSYEN,
    Role.SAIO: _SAIO,
    Role.OPERATEUR: _OPERATEUR,
    Role.LOGICIEL: _LOGICIEL,
    Role.PLATEFORME: _PLATEFORME,
}
DROITS: Mapping[Droit, Portee] = {
    (role, *objet): portee for role, siens in _PAR_ROLE.items() for objet, portee in siens.items()
}


def permis(perimetre: Perimetre, ressource: Ressource, action: Action, objet: str = "") -> bool:
    """Whether the caller may; ``objet`` is the UAI or the code of the académie that is asked for."""
    delegation = SUR_DELEGATION.get((ressource, action))
    if perimetre.role is Role.ADJOINT and delegation is not None and not perimetre.decide(delegation):
        return False
    portee = DROITS.get((perimetre.role, ressource, action))
    return portee is not None and _atteint(perimetre, portee, objet)


def _atteint(perimetre: Perimetre, portee: Portee, objet: str) -> bool:
    match portee:
        case Portee.LYCEE:
            return perimetre.voit_lycee(objet)
        case Portee.SES_LYCEES:
            return bool(perimetre.lycees)
        case Portee.CLASSES:
            return bool(perimetre.classes) and (not objet or perimetre.voit_lycee(objet))
        case Portee.ACADEMIE:
            return perimetre.voit_academie(objet)
        case Portee.NATION:
            return perimetre.nation
        case Portee.FLUX | Portee.MAISON:
            return True
