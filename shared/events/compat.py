"""Whether a change of a contract would break somebody, as a table of rules over JSON Schemas.

Both directions count: subscribers read new events with the old contract, and a rebuild reads the old
events of the log with the new one. Only a new optional field is harmless to both.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
_ANNOTATIONS = frozenset({"$defs", "$id", "$schema", "description", "examples", "title"})
_NATURE = ("type", "format", "pattern", "const", "anyOf", "nullable", "additionalProperties", "uniqueItems")
_BORNES = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)


class Regle(NamedTuple):
    """``perdus(avant, apres)``: the names that break, none when the change is harmless."""

    phrase: str
    perdus: Callable[[Schema, Schema], set[str]]


def _cles(champ: str, schema: Schema) -> set[str]:
    return {str(cle) for cle in schema.get(champ, ())}


def _changes(champs: tuple[str, ...], avant: Schema, apres: Schema) -> set[str]:
    return {champ for champ in champs if avant.get(champ) != apres.get(champ)}


REGLES: tuple[Regle, ...] = (
    Regle("retyped", lambda avant, apres: _changes(_NATURE, avant, apres)),
    Regle("bounds changed", lambda avant, apres: _changes(_BORNES, avant, apres)),
    Regle("default changed", lambda avant, apres: _changes(("default",), avant, apres)),
    Regle("value removed", lambda avant, apres: _cles("enum", avant) - _cles("enum", apres)),
    Regle("value added to a closed list", lambda avant, apres: _cles("enum", apres) - _cles("enum", avant)),
    Regle("removed", lambda avant, apres: _cles("properties", avant) - _cles("properties", apres)),
    Regle("newly required", lambda avant, apres: _cles("required", apres) - _cles("required", avant)),
    Regle(
        "no longer always present",
        lambda avant, apres: _cles("required", avant) - _cles("required", apres),
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
            yield f"{chemin}: {nom} {regle.phrase}"
    for champ in sorted(_cles("properties", avant) & _cles("properties", apres)):
        yield from _comparer(f"{chemin}.{champ}", avant["properties"][champ], apres["properties"][champ])
    if "items" in avant and "items" in apres:
        yield from _comparer(f"{chemin}[]", avant["items"], apres["items"])
