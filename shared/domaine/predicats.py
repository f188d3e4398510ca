"""A small closed language over the row of a pupil: what a list, a filter or a priority is made of.

Two-valued: a comparison with something unknown is false, and its NON is true. ``predicats_sql`` says the
same in SQL; a property test on PostgreSQL holds one to the other.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from shared.domaine.calendrier import Calendrier, debut_du_jour, jour_de
from shared.domaine.etapes import Etape
from shared.domaine.ligne import LigneEleve
from shared.domaine.tri import cle_de_tri

LISTE = tuple[str, ...]
_TYPES = (bool, int, str, datetime, date, LISTE)
TYPES: Mapping[str, Any] = MappingProxyType(
    {
        champ: next(t for t in (*get_args(annotation), annotation) if t in _TYPES)
        for champ, annotation in get_type_hints(LigneEleve).items()
    }
)
"""What each field of the row holds when it is known: ``bool``, ``int``, ``str``, ``date``, ``datetime`` or LISTE."""
REPLIES = frozenset({"tri", "recherche"})
"""Fields kept without accents nor case: the only ones that a text is looked for in."""
_ENTIER_MAX = 2**63 - 1


class PredicatInvalideError(TypeError):
    """A predicate that makes no sense: an unknown field, or a value of another type than the field's."""


class Op(StrEnum):
    """The symbol is that of SQL."""

    EGAL = "="
    DIFFERENT = "<>"
    MOINS = "<"
    AU_PLUS = "<="
    PLUS = ">"
    AU_MOINS = ">="


_OPERATIONS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EGAL: operator.eq,
    Op.DIFFERENT: operator.ne,
    Op.MOINS: operator.lt,
    Op.AU_PLUS: operator.le,
    Op.PLUS: operator.gt,
    Op.AU_MOINS: operator.ge,
}
_ORDONNES = frozenset({int, date, datetime})


@dataclass(frozen=True, slots=True)
class Contexte:
    """What a predicate is asked with. Without calendar no step is known: every :class:`Jalon` is false."""

    a_la_date: datetime
    calendrier: Calendrier | None = None

    @property
    def jour(self) -> date:
        """The day in Paris."""
        return jour_de(self.a_la_date)


@dataclass(frozen=True, slots=True)
class Champ:
    """Another field of the same row."""

    nom: str


@dataclass(frozen=True, slots=True)
class ALaDate:
    """``a_la_date`` ± days: the same hour, or with ``debut`` the beginning of that day in Paris.

    Beside a ``date`` it is the day in Paris.
    """

    jours: int = 0
    debut: bool = False

    def valeur(self, type_: Any, contexte: Contexte) -> date | datetime:
        jour = contexte.jour + timedelta(days=self.jours)
        if type_ is date:
            return jour
        return debut_du_jour(jour) if self.debut else contexte.a_la_date + timedelta(days=self.jours)


Litteral = bool | int | str | date | datetime
Operande = Litteral | Champ | ALaDate


@dataclass(frozen=True, slots=True)
class Compare:
    """``champ op valeur``. Text and booleans are equal or different; the rest is ordered too."""

    champ: str
    op: Op
    valeur: Operande

    def __post_init__(self) -> None:
        type_ = type_de(self.champ)
        if type_ == LISTE or (self.op not in {Op.EGAL, Op.DIFFERENT} and type_ not in _ORDONNES):
            raise PredicatInvalideError(f"{self.champ} {self.op}")
        if isinstance(self.valeur, Champ):
            _exiger(type_de(self.valeur.nom) == type_, self.champ)
        elif isinstance(self.valeur, ALaDate):
            _exiger(type_ in {date, datetime}, self.champ)
        else:
            verifier(self.champ, type_, self.valeur)


@dataclass(frozen=True, slots=True)
class Parmi:
    champ: str
    valeurs: tuple[str, ...] | tuple[int, ...]

    def __post_init__(self) -> None:
        type_ = type_de(self.champ)
        _exiger(type_ in {str, int}, self.champ)
        for valeur in self.valeurs:
            verifier(self.champ, type_, valeur)


@dataclass(frozen=True, slots=True)
class Contient:
    """The list holds that code."""

    champ: str
    code: str

    def __post_init__(self) -> None:
        _exiger(type_de(self.champ) == LISTE, self.champ)
        verifier(self.champ, str, self.code)


@dataclass(frozen=True, slots=True)
class NonVide:
    """The list is known and holds something."""

    champ: str

    def __post_init__(self) -> None:
        _exiger(type_de(self.champ) == LISTE, self.champ)


@dataclass(frozen=True, slots=True)
class Texte:
    """Every word of the text is in the field, accents, case and punctuation apart. No word: everybody."""

    texte: str
    champ: str = "recherche"

    def __post_init__(self) -> None:
        _exiger(self.champ in REPLIES, self.champ)

    @property
    def mots(self) -> tuple[str, ...]:
        return tuple(cle_de_tri(self.texte).split())


@dataclass(frozen=True, slots=True)
class EstNul:
    """Not known, or without object."""

    champ: str

    def __post_init__(self) -> None:
        type_de(self.champ)


@dataclass(frozen=True, slots=True)
class Jalon:
    """The day is from ``de`` to ``a`` days after that step of the session (before it: negative).

    None: without bound. False when the calendar has not the step.
    """

    etape: Etape
    de: int | None = None
    a: int | None = None

    def vaut(self, contexte: Contexte) -> bool:
        calendrier = contexte.calendrier
        if calendrier is None or self.etape not in calendrier.dates:
            return False
        ecart = (contexte.jour - jour_de(calendrier.dates[self.etape])).days
        return (self.de is None or self.de <= ecart) and (self.a is None or ecart <= self.a)


@dataclass(frozen=True, slots=True)
class Et:
    """All of them; nothing to hold: true."""

    membres: "tuple[Predicat, ...]" = ()


@dataclass(frozen=True, slots=True)
class Ou:
    """One of them at least; nothing to hold: false."""

    membres: "tuple[Predicat, ...]" = ()


@dataclass(frozen=True, slots=True)
class Non:
    membre: "Predicat"


Predicat = Compare | Parmi | Contient | NonVide | Texte | EstNul | Jalon | Et | Ou | Non


def type_de(champ: str) -> Any:
    """What a field holds.

    Raises:
        PredicatInvalideError: no such field.
    """
    if champ not in TYPES:
        raise PredicatInvalideError(champ)
    return TYPES[champ]


def _exiger(vrai: bool, champ: str) -> None:
    if not vrai:
        raise PredicatInvalideError(champ)


def verifier(champ: str, type_: Any, valeur: Any) -> None:
    """A value that the field may be compared with, in Python and in SQL alike."""
    _exiger(type(valeur) is type_ or (type_ is str and isinstance(valeur, str)), champ)
    if isinstance(valeur, str):
        _exiger(_codable(valeur), champ)
    elif type_ is int:
        _exiger(abs(valeur) <= _ENTIER_MAX, champ)
    elif isinstance(valeur, datetime):
        _exiger(valeur.tzinfo is not None, champ)


def _codable(texte: str) -> bool:
    return "\x00" not in texte and texte.encode("utf-8", "ignore").decode() == texte


def et(*membres: Predicat) -> Et:
    return Et(membres)


def ou(*membres: Predicat) -> Ou:
    return Ou(membres)


def vrai(champ: str) -> Compare:
    return Compare(champ, Op.EGAL, valeur=True)


def egal(champ: str, valeur: Litteral) -> Compare:
    return Compare(champ, Op.EGAL, valeur)


def au_moins(champ: str, nombre: int) -> Compare:
    return Compare(champ, Op.AU_MOINS, nombre)


def connu(champ: str) -> Non:
    return Non(EstNul(champ))


def evaluer(predicat: Predicat, ligne: LigneEleve, contexte: Contexte) -> bool:
    """Whether the predicate holds for that row."""
    match predicat:
        case Et(membres):
            return all(evaluer(membre, ligne, contexte) for membre in membres)
        case Ou(membres):
            return any(evaluer(membre, ligne, contexte) for membre in membres)
        case Non(membre):
            return not evaluer(membre, ligne, contexte)
        case Jalon():
            return predicat.vaut(contexte)
        case EstNul(champ):
            return getattr(ligne, champ) is None
        case _:
            return _atome(predicat, ligne, contexte)


def _atome(  # noqa: PLR0911 - one return per kind of predicate
    predicat: Compare | Parmi | Contient | NonVide | Texte, ligne: LigneEleve, contexte: Contexte
) -> bool:
    if isinstance(predicat, Texte) and not predicat.mots:
        return True
    lu = getattr(ligne, predicat.champ)
    if lu is None:
        return False
    match predicat:
        case Compare(champ, op, valeur):
            autre = _operande(valeur, champ, ligne, contexte)
            return autre is not None and _OPERATIONS[op](lu, autre)
        case Parmi(_, valeurs):
            return lu in valeurs
        case Contient(_, code):
            return code in lu
        case NonVide():
            return bool(lu)
        case Texte():
            return all(mot in lu for mot in predicat.mots)


def _operande(valeur: Operande, champ: str, ligne: LigneEleve, contexte: Contexte) -> Any:
    if isinstance(valeur, Champ):
        return getattr(ligne, valeur.nom)
    return valeur.valeur(TYPES[champ], contexte) if isinstance(valeur, ALaDate) else valeur
