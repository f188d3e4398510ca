"""Pure rules of the service eleves: what is worth an event."""

from msgspec import Struct

from shared.domaine.ligne import LigneEleve
from shared.events.modeles import Statut

_STATUTS = {statut.value: statut for statut in Statut}


class Situation(Struct, array_like=True, frozen=True, gc=False):
    """What ``eleves.statut.v1`` says of a pupil."""

    statut: Statut
    voeux: int
    voeux_confirmes: int
    propositions: int


def situation(rang: LigneEleve) -> Situation | None:
    """None for an orphan: facts without scolarité contribute nothing until completed."""
    if rang.statut is None:
        return None
    return Situation(
        _STATUTS[rang.statut], rang.voeux or 0, rang.voeux_confirmes or 0, rang.propositions or 0
    )
