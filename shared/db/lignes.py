"""A pupil's row in SQL: one column per field of LigneEleve, and how rows are handed to a statement in sets."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, SmallInteger, Text
from sqlalchemy.types import TypeEngine

from shared.db.tables import NOT_COMPARED
from shared.domaine.ligne import LigneEleve

_TYPES: Mapping[Any, tuple[str, TypeEngine[Any]]] = {
    str: ("text", Text()),
    int: ("smallint", SmallInteger()),
    bool: ("boolean", Boolean()),
    date: ("date", Date()),
    datetime: ("timestamptz", DateTime(timezone=True)),
    tuple[str, ...]: ("text[]", ARRAY(Text)),
}


def _type(annotation: Any) -> Any:
    return next((t for t in get_args(annotation) if t in _TYPES), annotation)


_CHAMPS = {champ: _type(annotation) for champ, annotation in get_type_hints(LigneEleve).items()}
COLONNES: Mapping[str, str] = MappingProxyType({champ: _TYPES[t][0] for champ, t in _CHAMPS.items()})
"""PostgreSQL type of each column, in the order of the fields."""
_LISTES = frozenset(champ for champ, type_ in COLONNES.items() if type_ == "text[]")
_SEPARATEUR = " "
"""Between the codes of a list in transit: an array of arrays cannot be unnested by rows."""


def colonnes(*, hors_comparaison: Sequence[str] = ()) -> list[Column[Any]]:
    """The columns of a projection table. ``hors_comparaison``: prefixes of those that the log alone does not give."""
    return [
        Column(
            champ,
            _TYPES[type_][1],
            nullable=True,
            info={NOT_COMPARED: True} if champ.startswith(tuple(hors_comparaison)) else {},
        )
        for champ, type_ in _CHAMPS.items()
    ]


NOMS = ", ".join(COLONNES)
TABLEAUX = ", ".join(
    f"CAST(:{champ} AS {'text' if champ in _LISTES else type_}[])" for champ, type_ in COLONNES.items()
)
"""Arguments of ``unnest``, in the order of :data:`NOMS`."""
_LUES = {
    champ: f"string_to_array(n.{champ}, '{_SEPARATEUR}')" if champ in _LISTES else f"n.{champ}"
    for champ in COLONNES
}
SELECTION = ", ".join(f"{lue} AS {champ}" for champ, lue in _LUES.items())
"""The columns of the set ``n``, as they are stored."""
AFFECTATIONS = ", ".join(f"{champ} = {lue}" for champ, lue in _LUES.items())
"""``SET`` of the columns, from the set ``n``."""


def parametres(lignes: Sequence[LigneEleve]) -> dict[str, list[Any]]:
    """The columns of ``lignes``, each as an array."""
    return {
        champ: [_joindre(getattr(ligne, champ)) for ligne in lignes]
        if champ in _LISTES
        else [getattr(ligne, champ) for ligne in lignes]
        for champ in COLONNES
    }


def lire(row: Any) -> LigneEleve:
    """The row back from a ``SELECT`` of :data:`NOMS`, whatever else it selects."""
    champs: dict[str, Any] = {champ: getattr(row, champ) for champ in COLONNES}
    champs.update((champ, tuple(champs[champ])) for champ in _LISTES if champs[champ] is not None)
    return LigneEleve(**champs)


def lire_valeurs(valeurs: Sequence[Any]) -> LigneEleve:
    """The same from the columns of :data:`NOMS` alone, in their order: for many rows at once."""
    champs = dict(zip(COLONNES, valeurs, strict=True))
    champs.update((champ, tuple(champs[champ])) for champ in _LISTES if champs[champ] is not None)
    return LigneEleve(**champs)


def _joindre(codes: tuple[str, ...] | None) -> str | None:
    return None if codes is None else _SEPARATEUR.join(codes)
