"""Who a caller is: the roles of people and machines, and what a chef may delegate."""

from enum import StrEnum


class Role(StrEnum):
    """People, then machines (credentials of our own, never claims of the identity provider).

    PROFESSEUR_PRINCIPAL: the classes he is in charge of only. PSYEN: the lycées he serves.
    LOGICIEL: the gradebook software of one lycée. PLATEFORME: the national platform. PASSERELLE: the
    gateway itself, on nobody's behalf.
    """

    CHEF = "chef"
    ADJOINT = "adjoint"
    PROFESSEUR_PRINCIPAL = "professeur_principal"
    PSYEN = "psyen"
    SAIO = "saio"
    OPERATEUR = "operateur"
    LOGICIEL = "logiciel"
    PLATEFORME = "plateforme"
    PASSERELLE = "passerelle"


MACHINES = frozenset({Role.LOGICIEL, Role.PLATEFORME, Role.PASSERELLE})
DIRECTION = frozenset({Role.CHEF, Role.ADJOINT})
DANS_UN_LYCEE = frozenset({*DIRECTION, Role.PROFESSEUR_PRINCIPAL, Role.PSYEN})


class Delegation(StrEnum):
    """What only the chef does, unless he delegated it to an adjoint."""

    BOURSE = "bourse"
    AVIS = "avis"
    CLOTURE = "cloture"
    ACCES = "acces"
