"""The few lines of YAML that write a generated document: the same document is always the same text."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


def yaml(noeud: Mapping[str, Any]) -> str:
    """Block style, scalars as JSON (a subset of YAML)."""
    return "\n".join(_lignes(noeud, "")) + "\n"


def _lignes(noeud: Any, marge: str) -> Iterator[str]:
    elements = noeud.items() if isinstance(noeud, dict) else ((None, element) for element in noeud)
    for cle, valeur in elements:
        tete = f"{marge}-" if cle is None else f"{marge}{_cle(cle)}:"
        if isinstance(valeur, dict | list) and valeur:
            yield tete
            yield from _lignes(valeur, f"{marge}  ")
        else:
            yield f"{tete} {json.dumps(valeur, ensure_ascii=False)}"


def _cle(cle: str) -> str:
    return cle if _CLE_NUE.match(cle) else json.dumps(cle, ensure_ascii=False)


_CLE_NUE = re.compile(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[$a-z_][\w.$-]*$", re.IGNORECASE)
