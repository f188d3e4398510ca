"""Pure rules of proposals: their states and who moves them."""

from collections.abc import Mapping
from enum import StrEnum


class EtatProposition(StrEnum):
    PROPOSEE = "PROPOSEE"
    REPONDUE = "REPONDUE"
    ACCEPTEE = "ACCEPTEE"
    DECLINEE = "DECLINEE"
    RETIREE = "RETIREE"

    @property
    def libelle(self) -> str:
        return _LIBELLES[self]


_LIBELLES: Mapping[EtatProposition, str] = {
    EtatProposition.PROPOSEE: "Sans réponse",
    EtatProposition.REPONDUE: "A répondu",
    EtatProposition.ACCEPTEE: "Acceptée",
    EtatProposition.DECLINEE: "Déclinée",
    EtatProposition.RETIREE: "Retirée",
}
_E = EtatProposition
PASSAGES: Mapping[EtatProposition, frozenset[EtatProposition]] = {
    _E.PROPOSEE: frozenset({_E.REPONDUE, _E.ACCEPTEE, _E.DECLINEE, _E.RETIREE}),
    _E.REPONDUE: frozenset({_E.REPONDUE, _E.ACCEPTEE, _E.DECLINEE, _E.RETIREE}),
    _E.DECLINEE: frozenset({_E.REPONDUE, _E.ACCEPTEE}),
    _E.ACCEPTEE: frozenset({_E.ACCEPTEE, _E.REPONDUE}),
    _E.RETIREE: frozenset(),
}
"""A chef may change his mind, and accept with several actions; what the SAIO took back is over."""
A_TRAITER = (_E.PROPOSEE, _E.REPONDUE)


def permis(de: EtatProposition, vers: EtatProposition) -> bool:
    return vers in PASSAGES[de]
