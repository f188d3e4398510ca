"""The catalogue of nominative lists: an entry here is a list in the API, on the site and in the spreadsheets."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from shared.domaine.catalogue_apres import APRES
from shared.domaine.catalogue_avant import AVANT, TOUJOURS
from shared.domaine.catalogue_pendant import PENDANT
from shared.domaine.liste import Fenetre, Liste
from shared.domaine.predicats import Contexte
from shared.domaine.predicats_sql import Sql, compiler

LISTES: Mapping[str, Liste] = MappingProxyType(
    {liste.code: liste for liste in (*TOUJOURS, *AVANT, *PENDANT, *APRES)}
)
"""By code, in the order of the menus."""


def de_la_fenetre(fenetre: Fenetre) -> tuple[Liste, ...]:
    return tuple(liste for liste in LISTES.values() if liste.fenetre is fenetre)


def predicat_sql(code: str, contexte: Contexte, prefixe: str = "p") -> Sql:
    """Who is in the list: an expression over the row's columns that is never null."""
    return compiler(LISTES[code].condition, contexte, prefixe)


def _connue(code: str) -> str:
    if code not in LISTES:
        raise ValueError("liste inconnue")
    return code


CodeListe = Annotated[str, AfterValidator(_connue), WithJsonSchema({"type": "string", "enum": list(LISTES)})]
"""A code of the catalogue, in a contract."""
