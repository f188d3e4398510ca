"""Seeded generator of synthetic sessions: SIECLE files, candidate feed, and what they must add up to."""

from services.simulateur.eleves import Eleve
from services.simulateur.faits import Desordre, Fait, Stade
from services.simulateur.identifiants import ine_rnie, ine_valide
from services.simulateur.population import (
    LYCEE_A,
    LYCEE_B,
    LYCEE_C,
    LYCEES_DE_DEMONSTRATION,
    Population,
    premiers_lycees,
)
from services.simulateur.verite import Comptes, Verite

__all__ = [
    "LYCEES_DE_DEMONSTRATION",
    "LYCEE_A",
    "LYCEE_B",
    "LYCEE_C",
    "Comptes",
    "Desordre",
    "Eleve",
    "Fait",
    "Population",
    "Stade",
    "Verite",
    "ine_rnie",
    "ine_valide",
    "premiers_lycees",
]
