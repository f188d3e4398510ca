"""The indicators, as data: a numerator and a base among the measures, and the words that go with the figure.

Source: parcoursup_reference §3.4 and the defaults of its §7. Adding one is an entry in one of the two modules (and a measure in
``services.indicators.mesures`` when none says it yet), then ``pilotage rebuild indicators``: no migration.
"""

from functools import cache

from services.indicators.definitions_apres import apres
from services.indicators.definitions_avant import avant
from services.indicators.indicateur import Base, Indicateur, Moment
from services.indicators.mesures import MESURES, PAR_DEFAUT, RANGS, Mesure, Parametres, mesures

__all__ = [
    "INDICATEURS",
    "MESURES",
    "RANGS",
    "Base",
    "Indicateur",
    "Mesure",
    "Moment",
    "Parametres",
    "indicateurs",
    "mesures",
]


@cache
def indicateurs(parametres: Parametres = PAR_DEFAUT) -> tuple[Indicateur, ...]:
    """All of them, in the order in which they are shown, with definitions that say the choices of the session."""
    return (*avant(parametres), *apres(parametres))


INDICATEURS: tuple[Indicateur, ...] = indicateurs()
"""With the default choices."""
