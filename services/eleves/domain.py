"""Pure rules of the service eleves: what is worth an event, and the orders of a list."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from shared.domaine.ligne import LigneEleve
from shared.events.modeles import Statut

_STATUTS = {statut.value: statut for statut in Statut}


class Tri(StrEnum):
    """What a list is ordered by; those alike follow each other by name."""

    NOM = "nom"
    CLASSE = "classe"
    SERIE = "serie"
    STATUT = "statut"
    VOEUX = "voeux"


@dataclass(frozen=True, slots=True)
class Ordre:
    """``descendant`` reverses what is ordered by, not the names of those alike."""

    tri: Tri = Tri.NOM
    descendant: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Keys of the last pupil of a page: of the order, of the name, and the id."""

    cle: str
    nom: str
    eleve_id: str


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
