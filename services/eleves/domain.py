"""Pure rules of the service eleves: what is worth an event, and the orders of a list."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from shared.domaine.etat import EtatEleve
from shared.domaine.statut import nombre_de_propositions, statut
from shared.domaine.voeux import nombre_confirmes, nombre_de_voeux
from shared.events.modeles import Statut


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


def situation(etat: EtatEleve | None) -> Situation | None:
    """None for an orphan: facts without scolarité contribute nothing until completed."""
    if etat is None or etat.scolarite is None:
        return None
    return Situation(
        statut(etat), nombre_de_voeux(etat), nombre_confirmes(etat), nombre_de_propositions(etat)
    )
