"""Pure rules of the service eleves: what is worth an event."""

from dataclasses import dataclass

from shared.domaine.etat import EtatEleve
from shared.domaine.statut import nombre_de_propositions, statut
from shared.domaine.voeux import nombre_confirmes, nombre_de_voeux
from shared.events.modeles import Statut


@dataclass(frozen=True, slots=True)
class Situation:
    """What ``eleves.statut.v1`` says of a pupil."""

    statut: Statut
    voeux: int
    voeux_confirmes: int
    propositions: int


def situation(etat: EtatEleve | None) -> Situation | None:
    """None for an orphan: facts without scolarité contribute nothing until completed."""
    if etat is None or etat.scolarite is None:
        return None
    return Situation(
        statut(etat), nombre_de_voeux(etat), nombre_confirmes(etat), nombre_de_propositions(etat)
    )
