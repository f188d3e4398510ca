"""Numbers and codes as gradebooks write them. Pure."""

import re

NOTE_MAX = 20.0
TEXTE_MAX, ENTIER_MAX = 300, 100_000
_NOMBRE = re.compile(r"-?[0-9]{1,6}([.,][0-9]{1,6})?")
_LANGUE = re.compile(r"LV([1-3]|[ABC])")
_LANGUES = {"A": "1", "B": "2", "C": "3"}


def nombre(texte: str) -> float | None:
    """A decimal with a point or a comma; None when it is none."""
    return float(texte.replace(",", ".")) if _NOMBRE.fullmatch(texte) else None


def entier(texte: str) -> int | None:
    """Up to four digits: a year, a period."""
    return int(texte) if texte.isascii() and texte.isdecimal() and len(texte) <= 4 else None  # noqa: PLR2004


def effectif(texte: str) -> int | None:
    return int(valeur) if (valeur := nombre(texte)) is not None and 0 <= valeur <= ENTIER_MAX else None


def note(texte: str) -> float | None:
    """A mark out of twenty; None when it is none."""
    return valeur if (valeur := nombre(texte)) is not None and 0 <= valeur <= NOTE_MAX else None


def langue(texte: str) -> str | None:
    """LV1 to LV3; LVA to LVC are the same."""
    trouve = _LANGUE.fullmatch(texte)
    return f"LV{_LANGUES.get(trouve[1], trouve[1])}" if trouve else None
