"""What people typed of pupils, read from the registre in sets: one part per theme, one statement each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement import suivi
from services.eleves.bourses import registre as bourses
from services.eleves.cordees import registre as cordees
from shared.domaine.complements import AUCUN, Complements

Sessions = Mapping[str, int]
"""Session of each pupil, by id: a window holds pupils of several sessions."""


@dataclass(frozen=True, slots=True)
class Partie:
    """One field of :class:`Complements`. ``lire``: its value by pupil, those without being left out.

    ``tables``: the registre tables it is read from; each has ``session`` and ``eleve_id``.
    """

    champ: str
    lire: Callable[[AsyncConnection, Sessions], Awaitable[Mapping[str, Any]]]
    tables: tuple[str, ...]


PARTIES: tuple[Partie, ...] = (
    Partie("bourse", bourses.lire_en_vigueur, bourses.TABLES),
    Partie("cordees", cordees.lire_en_vigueur, cordees.TABLES),
    Partie("suivi", suivi.suivis, suivi.TABLES),
)


async def charger(tx: AsyncConnection, sessions: Sessions) -> dict[str, Complements]:
    """Complements of every pupil of ``sessions``, whose rows the caller has locked."""
    lus: dict[str, dict[str, Any]] = {}
    for partie in PARTIES:
        for eleve_id, valeur in (await partie.lire(tx, sessions)).items():
            lus.setdefault(eleve_id, {})[partie.champ] = valeur
    return {eleve_id: Complements(**lus[eleve_id]) if eleve_id in lus else AUCUN for eleve_id in sessions}
