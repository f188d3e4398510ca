"""Whether a change of a contract would break somebody, as a table of rules over JSON Schemas.

Both directions count: subscribers read new events with the old contract, and whoever starts from zero reads
the old events of the log with the new one. Only a new optional field is harmless to both.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
_ANNOTATIONS = frozenset({"$defs", "$id", "$schema", "description", "examples", "title"})
_NATURE = (
    "type",
    "format",
    "const",
    "anyOf",
    "nullable",
    "additionalProperties",
    "uniqueItems",
    "multipleOf",
)
_PLANCHERS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_PLAFONDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_AUTRES_REGLES = frozenset({"default", "enum", "items", "pattern", "properties", "required"})
_CONNUS = frozenset({*_NATURE, *_PLANCHERS, *_PLAFONDS, *_AUTRES_REGLES, *_ANNOTATIONS})


class Regle(NamedTuple):
    """``perdus(avant, apres)``: the names that break, none when the change is harmless; ``tort``: whom, how."""

    phrase: str
    perdus: Callable[[Schema, Schema], set[str]]
    tort: str


def _cles(champ: str, schema: Schema) -> set[str]:
    return {str(cle) for cle in schema.get(champ, ())}


def _changes(champs: tuple[str, ...], avant: Schema, apres: Schema) -> set[str]:
    return {champ for champ in champs if avant.get(champ) != apres.get(champ)}


def _resserres(avant: Schema, apres: Schema) -> set[str]:
    """Bounds that refuse what they accepted."""
    infini = float("inf")
    montes = {c for c in _PLANCHERS if apres.get(c, -infini) > avant.get(c, -infini)}
    return montes | {c for c in _PLAFONDS if apres.get(c, infini) < avant.get(c, infini)}


def _inconnus(avant: Schema, apres: Schema) -> set[str]:
    return {cle for cle in {*avant, *apres} - _CONNUS if avant.get(cle) != apres.get(cle)}


REGLES: tuple[Regle, ...] = (
    Regle(
        "removed",
        lambda avant, apres: _cles("properties", avant) - _cles("properties", apres),
        "subscribers that read it find nothing any more",
    ),
    Regle(
        "retyped",
        lambda avant, apres: _changes(_NATURE, avant, apres),
        "subscribers that parse it fail on new events",
    ),
    Regle(
        "newly required",
        lambda avant, apres: _cles("required", apres) - _cles("required", avant),
        "events already in the log may lack it: subscribers that start from zero refuse them",
    ),
    Regle(
        "no longer always present",
        lambda avant, apres: _cles("required", avant) - _cles("required", apres),
        "subscribers that count on it fail on the first event without it",
    ),
    Regle(
        "value removed",
        lambda avant, apres: _cles("enum", avant) - _cles("enum", apres),
        "events already in the log bear it: subscribers that start from zero refuse them",
    ),
    Regle(
        "value added to a closed list",
        lambda avant, apres: _cles("enum", apres) - _cles("enum", avant),
        "subscribers that know the old list refuse the events that bear it",
    ),
    Regle(
        "changed",
        lambda avant, apres: _changes(("pattern",), avant, apres),
        "subscribers that validate refuse new values, or those already in the log",
    ),
    Regle(
        "tightened",
        _resserres,
        "events already in the log may exceed it: subscribers that start from zero refuse them",
    ),
    Regle(
        "loosened",
        lambda avant, apres: _resserres(apres, avant),
        "subscribers that validate, or store it in a column of that size, refuse the new values",
    ),
    Regle(
        "default changed",
        lambda avant, apres: _changes(("default",), avant, apres),
        "events without the field change their meaning for subscribers that have already read them",
    ),
    Regle(
        "changed in a way that no rule knows",
        _inconnus,
        "nobody can tell what subscribers make of it: write the rule first",
    ),
)


def ruptures(avant: Schema, apres: Schema) -> list[str]:
    """A sentence for each change that needs a ``.v2``; empty when subscribers keep working."""
    return list(_comparer("$", deplier(avant), deplier(apres)))


def deplier(schema: Schema) -> dict[str, Any]:
    """The schema without references nor annotations, so that moving a definition changes nothing."""
    deplie: dict[str, Any] = _deplier(schema, schema.get("$defs", {}))
    return deplie


def _deplier(noeud: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(noeud, list):
        return [_deplier(element, definitions) for element in noeud]
    if not isinstance(noeud, Mapping):
        return noeud
    if "$ref" in noeud:
        cible = definitions[noeud["$ref"].rpartition("/")[2]]
        return _deplier({**cible, **{c: v for c, v in noeud.items() if c != "$ref"}}, definitions)
    if (contenu := _nullable(noeud)) is not None:
        return {**_deplier(contenu, definitions), "nullable": True, "default": noeud.get("default")}
    deplie = {}
    for cle, valeur in noeud.items():
        if cle == "properties":
            deplie[cle] = {champ: _deplier(contenu, definitions) for champ, contenu in valeur.items()}
        elif cle not in _ANNOTATIONS:
            deplie[cle] = _deplier(valeur, definitions)
    return deplie


def _nullable(noeud: Schema) -> Schema | None:
    """``X`` of ``anyOf: [X, null]``."""
    autres = [choix for choix in noeud.get("anyOf", ()) if choix != {"type": "null"}]
    return autres[0] if len(autres) == 1 and len(noeud["anyOf"]) > 1 else None


def _comparer(chemin: str, avant: Schema, apres: Schema) -> Iterator[str]:
    for regle in REGLES:
        for nom in sorted(regle.perdus(avant, apres)):
            yield f"{chemin}: {nom} {regle.phrase}: {regle.tort}"
    for champ in sorted(_cles("properties", avant) & _cles("properties", apres)):
        yield from _comparer(f"{chemin}.{champ}", avant["properties"][champ], apres["properties"][champ])
    if "items" in avant and "items" in apres:
        yield from _comparer(f"{chemin}[]", avant["items"], apres["items"])
