"""Predicates in SQL, over the bare columns of a pupil's row: every value is a parameter, nothing is null."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from shared.domaine.predicats import (
    TYPES,
    ALaDate,
    Champ,
    Compare,
    Contexte,
    Contient,
    EstNul,
    Et,
    Jalon,
    Non,
    NonVide,
    Op,
    Ou,
    Parmi,
    Predicat,
    Texte,
)

_SQL: Mapping[Any, str] = {
    bool: "boolean",
    int: "bigint",
    str: "text",
    date: "date",
    datetime: "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Sql:
    """A boolean expression, never null, and its parameters by name."""

    texte: str
    parametres: dict[str, Any]


def compiler(predicat: Predicat, contexte: Contexte, prefixe: str = "p") -> Sql:
    """``prefixe``: of the parameters' names, to put several predicates in one statement."""
    compilation = _Compilation(contexte, prefixe)
    texte = compilation.dire(predicat)
    return Sql(texte, compilation.parametres)


@dataclass(slots=True)
class _Compilation:
    contexte: Contexte
    prefixe: str
    parametres: dict[str, Any] = field(default_factory=dict)

    def parametre(self, valeur: Any, type_sql: str) -> str:
        nom = f"{self.prefixe}{len(self.parametres)}"
        self.parametres[nom] = valeur
        return f"CAST(:{nom} AS {type_sql})"

    def dire(self, predicat: Predicat) -> str:  # noqa: PLR0911 - one return per kind of predicate
        match predicat:
            case Et(membres):
                return self._joindre(membres, " AND ", "TRUE")
            case Ou(membres):
                return self._joindre(membres, " OR ", "FALSE")
            case Non(membre):
                return f"NOT ({self.dire(membre)})"
            case Jalon():
                return "TRUE" if predicat.vaut(self.contexte) else "FALSE"
            case EstNul(champ):
                return f"{champ} IS NULL"
            case Texte():
                return self._texte(predicat)
            case _:
                return f"({self._atome(predicat)}) IS TRUE"

    def _joindre(self, membres: tuple[Predicat, ...], mot: str, vide: str) -> str:
        return f"({mot.join(map(self.dire, membres))})" if membres else vide

    def _texte(self, predicat: Texte) -> str:
        mots = [
            f"(strpos({predicat.champ}, {self.parametre(mot, 'text')}) > 0) IS TRUE" for mot in predicat.mots
        ]
        return f"({' AND '.join(mots)})" if mots else "TRUE"

    def _atome(self, predicat: Compare | Parmi | Contient | NonVide) -> str:
        match predicat:
            case Compare(champ, op, valeur):
                return self._compare(champ, op, valeur)
            case Parmi(champ, valeurs):
                return f"{champ} = ANY({self.parametre(list(valeurs), f'{_SQL[TYPES[champ]]}[]')})"
            case Contient(champ, code):
                return f"{self.parametre(code, 'text')} = ANY({champ})"
            case NonVide(champ):
                return f"cardinality({champ}) > 0"

    def _compare(self, champ: str, op: Op, valeur: Any) -> str:
        if isinstance(valeur, Champ):
            return f"{champ} {op} {valeur.nom}"
        type_ = TYPES[champ]
        if isinstance(valeur, ALaDate):
            valeur = valeur.valeur(type_, self.contexte)
        return f"{champ} {op} {self.parametre(valeur, _SQL[type_])}"
