"""Who reads a note d’entretien, and whom an author may choose: one table."""

from collections.abc import Mapping
from enum import StrEnum

from shared.domaine.roles import DANS_UN_LYCEE, DIRECTION, Role


class Visibilite(StrEnum):
    """Chosen by the author, who always reads his own notes."""

    EQUIPE = "EQUIPE"
    DIRECTION_PSYEN = "DIRECTION_PSYEN"
    PSYEN = "PSYEN"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]


_LIBELLES: Mapping[Visibilite, str] = {
    Visibilite.EQUIPE: "Équipe de direction, psychologue et professeur principal",
    Visibilite.DIRECTION_PSYEN: "Équipe de direction et psychologue",
    Visibilite.PSYEN: "Psychologues de l’éducation nationale seulement",
}
LECTEURS: Mapping[Visibilite, frozenset[Role]] = {
    Visibilite.EQUIPE: DANS_UN_LYCEE,
    Visibilite.DIRECTION_PSYEN: DIRECTION | {Role.PSYEN},
    Visibilite.PSYEN: frozenset({Role.PSYEN}),
}
"""Within the scope of each: a professeur principal reads of his classes only."""


def lisibles(role: Role) -> tuple[Visibilite, ...]:
    """Notes of others that a role reads."""
    return tuple(visibilite for visibilite in Visibilite if role in LECTEURS[visibilite])


def au_choix(role: Role) -> tuple[Visibilite, ...]:
    """What an author may choose: a note for psyEN only is a psyEN's."""
    return tuple(v for v in Visibilite if v is not Visibilite.PSYEN or role is Role.PSYEN)
