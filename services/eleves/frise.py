"""The timeline as people read it: facts put in plain French, what people typed among them, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import chronologie
from services.eleves.chronologie import Entree, Sorte
from services.eleves.lecture import Lecture, Moment, Saisies
from services.eleves.phrases import Contexte, Dite, dire
from shared.events.modeles import Decision

_TARD = timedelta(days=1)
"""A fact that we knew so much later than it happened says when."""


def moments(lecture: Lecture) -> list[Moment]:
    """The facts, each with its sentence; those without one are left out."""
    contexte = Contexte(lecture.etat, direction=lecture.appelant.direction)
    par_sujet: defaultdict[tuple[Sorte, str], list[Entree]] = defaultdict(list)
    for entree in chronologie.lire(lecture.chronologie):
        par_sujet[entree.sorte, entree.sujet].append(entree)
    return [
        _moment(entree, dite)
        for siennes in par_sujet.values()
        for avant, entree in _suites(sorted(siennes, key=lambda e: (e.version, e.revision)))
        for dite in dire(contexte, avant, entree)
    ]


def _suites(entrees: list[Entree]) -> Iterator[tuple[Entree | None, Entree]]:
    """Each entry with the one before it; of a row of ranks on a waiting list, the last beside the first."""
    avant: Entree | None = None
    for i, entree in enumerate(entrees):
        suivante = entrees[i + 1] if i + 1 < len(entrees) else None
        if _attend(entree) and suivante is not None and _attend(suivante):
            avant = avant if avant is not None and _attend(avant) else entree
            continue
        yield avant, entree
        avant = entree


def _attend(entree: Entree) -> bool:
    return entree.sorte is Sorte.PROPOSITION and entree.details[0] == Decision.EN_ATTENTE.value


def _moment(entree: Entree, dite: Dite) -> Moment:
    return Moment(
        survenu=entree.survenu,
        enregistre=entree.enregistre,
        genre=dite.genre,
        origine=dite.origine,
        phrase=dite.phrase,
        rang=(entree.sorte.value, entree.version),
    )


async def composer(tx: AsyncConnection, lecture: Lecture, saisies: Iterable[Saisies]) -> list[dict[str, Any]]:
    """Facts and entries as JSON, newest first."""
    tous = moments(lecture)
    for theme in saisies:
        tous += await theme(tx, lecture)
    tous.sort(key=lambda m: (m.survenu, m.enregistre, m.rang), reverse=True)
    return [_presenter(moment) for moment in tous]


def _presenter(moment: Moment) -> dict[str, Any]:
    return {
        "survenu": moment.survenu.isoformat(),
        "enregistre": moment.enregistre.isoformat(),
        "tardif": moment.enregistre - moment.survenu > _TARD,
        "genre": moment.genre.value,
        "origine": moment.origine.value,
        "phrase": moment.phrase,
        "auteur": moment.auteur,
    }
