"""What people typed of a pupil, beside the facts of the log: the other half of his derived state.

eleves reads it from its registre; other services fold it from the events that eleves publishes.
"""

from datetime import datetime

from msgspec import Struct

from shared.events.modeles import Dispositif, EtatBourse, EtatCordees


class DecisionBourse(Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """The chef's decision that stands: CERTIFIEE or REFUSEE. ``motif``: code of a refusal."""

    etat: EtatBourse
    echelon: int | None = None
    motif: str | None = None
    le: datetime


class SaisieCordees(Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """The lycée's entry that stands; it outweighs SIECLE."""

    etat: EtatCordees
    dispositif: Dispositif | None = None
    le: datetime


class Suivi(Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """Actions d’accompagnement that are open for the pupil. ``echeance``: of the nearest one.

    ``lycee``: the one that opened them; they are not shown in another, should he move.
    """

    actions: int
    assigne: str | None = None
    echeance: datetime | None = None
    lycee: str | None = None


class Complements(Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    bourse: DecisionBourse | None = None
    cordees: SaisieCordees | None = None
    suivi: Suivi | None = None


AUCUN = Complements()
