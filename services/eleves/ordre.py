"""Orders of a list: any column of a pupil's row, or the urgency that the catalogue gives the list.

Every order becomes one text key per pupil, compared byte by byte, so that a cursor holds it as it is. What is
not known comes last, in both directions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.db.lignes import COLONNES
from shared.events.modeles import Statut
from shared.nomenclatures.series import Serie

DERNIER = "\U0010ffff"
"""Sorts after any text: who has no name yet, or no classe, comes last."""
_SANS_ORDRE = frozenset({"session", "uai", "present", "tri", "recherche", "classe_tri", "ine"})
TRIABLES = frozenset(COLONNES) - _SANS_ORDRE
_GRAND = 99_999
_FIN_DES_TEMPS = 99_999_999_999


@dataclass(frozen=True, slots=True)
class Ordre:
    """``tri``: a column, or None for the urgency. ``descendant`` reverses it, not the names of those alike."""

    tri: str | None = None
    descendant: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Keys of the last pupil of a page: of the order, of the name, and the id."""

    cle: str
    nom: str
    eleve_id: str


def cle(colonne: str, *, descendant: bool) -> str:
    """SQL text by which a column is ordered, ``DESC`` when ``descendant``."""
    absent = "''" if descendant else f"'{DERNIER}'"
    return f"coalesce({_texte(colonne)}, {absent})"


def urgence(tris: Sequence[tuple[str, bool]]) -> str:
    """SQL text, always ascending, by which several columns are ordered, each in its own direction."""
    return " || ' ' || ".join(_terme(colonne, descendant) for colonne, descendant in tris) or "''"


def _terme(colonne: str, descendant: bool) -> str:
    if not descendant:
        return cle(colonne, descendant=False)
    return f"coalesce({_inverse(colonne)}, '{DERNIER}')"


def _texte(colonne: str) -> str:
    if colonne in _PROPRES:
        return _PROPRES[colonne]
    return _PAR_TYPE[COLONNES[colonne]].format(c=colonne)


def _inverse(colonne: str) -> str:
    """The greater the value, the smaller the text. A text itself cannot be turned round: it stays."""
    forme = _INVERSES.get(COLONNES[colonne])
    return forme.format(c=colonne) if forme and colonne not in _PROPRES else _texte(colonne)


def _rang(colonne: str, codes: Iterable[str]) -> str:
    """Text key of a code: its place in the enum, unknown ones last."""
    places = ", ".join(f"'{code}'" for code in codes)
    rang = f"lpad(coalesce(array_position(ARRAY[{places}], {colonne}), {_GRAND})::text, 5, '0')"
    return f"CASE WHEN {colonne} IS NOT NULL THEN {rang} END"


_PROPRES = {
    "nom": "tri",
    "classe": "classe_tri",
    "serie": _rang("serie", Serie),
    "statut": _rang("statut", Statut),
}
_PAR_TYPE = {
    "text": "{c}",
    "smallint": "lpad({c}::text, 5, '0')",
    "boolean": "CASE WHEN {c} THEN '0' WHEN NOT {c} THEN '1' END",
    "date": "to_char({c}, 'YYYYMMDD')",
    "timestamptz": "lpad(floor(extract(epoch FROM {c}))::bigint::text, 11, '0')",
    "text[]": "lpad(cardinality({c})::text, 5, '0')",
}
"""A yes comes before a no: it is what one looks for."""
_INVERSES = {
    "smallint": f"lpad(({_GRAND} - {{c}})::text, 5, '0')",
    "boolean": "CASE WHEN {c} THEN '1' WHEN NOT {c} THEN '0' END",
    "timestamptz": f"lpad(({_FIN_DES_TEMPS} - floor(extract(epoch FROM {{c}}))::bigint)::text, 11, '0')",
    "text[]": f"lpad(({_GRAND} - cardinality({{c}}))::text, 5, '0')",
}
