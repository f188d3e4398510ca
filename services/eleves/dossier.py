"""The dossier of a pupil, put together from the part of each theme.

A theme adds its function to ``PARTIES`` (fields of the JSON) and to ``SAISIES`` (lines of the timeline).
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import frise, presentation, presentation_bulletins, presentation_voeux
from services.eleves.accompagnement.dossier import accompagnement, moments
from services.eleves.bourses import lecture as bourses
from services.eleves.cordees import lecture as cordees
from services.eleves.lecture import Lecture, Partie, Saisies
from services.eleves.reunions import lecture as reunions

PARTIES: tuple[Partie, ...] = (
    presentation.identite,
    presentation.scolarite,
    presentation.inscription,
    presentation_voeux.voeux,
    presentation.avenir,
    presentation_bulletins.bulletins,
    bourses.partie,
    cordees.partie,
    accompagnement,
    reunions.partie,
)
SAISIES: tuple[Saisies, ...] = (bourses.saisies, cordees.saisies, moments)


async def presenter_dossier(tx: AsyncConnection, lecture: Lecture) -> dict[str, Any]:
    """Everything that the page of a pupil shows; facts not received yet are None."""
    dossier: dict[str, Any] = {"eleve_id": lecture.eleve_id, "session": lecture.session}
    for partie in PARTIES:
        dossier |= await partie(tx, lecture)
    return {**dossier, "chronologie": await frise.composer(tx, lecture, SAISIES)}
