"""Arrays as PostgreSQL writes them in text, for statements over thousands of rows.

The driver asks of each element of an array what it is, which costs more than all the rest: as one text, cast
by the server (``CAST(CAST(:ids AS text) AS uuid[])``), an array is ten times cheaper to send.
"""

from collections.abc import Iterable
from datetime import date

_NULL = "NULL"


def bruts(valeurs: Iterable[str | None]) -> str:
    """Of what needs no quotes: UUIDs, codes of letters and digits. The caller answers for it."""
    return f"{{{','.join([_NULL if valeur is None else valeur for valeur in valeurs])}}}"


def nombres(valeurs: Iterable[int | None]) -> str:
    return f"{{{','.join([_NULL if valeur is None else str(valeur) for valeur in valeurs])}}}"


def jours(valeurs: Iterable[date | None]) -> str:
    return f"{{{','.join([_NULL if valeur is None else valeur.isoformat() for valeur in valeurs])}}}"


def octets(valeurs: Iterable[bytes | None]) -> str:
    """For ``bytea[]``."""
    lettres = [_NULL if valeur is None else f'"\\\\x{valeur.hex()}"' for valeur in valeurs]
    return f"{{{','.join(lettres)}}}"
