"""SQL of the service eleves: one dossier, within the caller's scope."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.etat import EtatEleve, decoder
from shared.http.perimetre import SES_CLASSES, Perimetre, portee

_DOSSIER = text(
    "SELECT etat, chronologie FROM eleve WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid)"
    f" AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}"
)
_FUSIONNE = text(
    "SELECT etat FROM eleve WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid)"
    " AND uai IS NULL AND etat IS NOT NULL"
)
_SAUTS = 5
"""Merges that follow each other: each is a person's decision, nobody saw three."""


class Trouve(NamedTuple):
    """``eleve_id``: not the one asked for when he turned out to be another."""

    eleve_id: str
    etat: EtatEleve
    chronologie: bytes | None


async def dossier(
    connection: AsyncConnection, perimetre: Perimetre, session: int, eleve_id: str
) -> Trouve | None:
    """A pupil of the caller's, or the one that he turned out to be; None for anybody else's."""
    for _ in range(_SAUTS):
        row = (
            await connection.execute(
                _DOSSIER, {"session": session, "eleve_id": eleve_id, **portee(perimetre)}
            )
        ).one_or_none()
        if row is not None:
            return Trouve(eleve_id, decoder(row.etat), row.chronologie)
        brut = (
            await connection.execute(_FUSIONNE, {"session": session, "eleve_id": eleve_id})
        ).scalar_one_or_none()
        survivant = decoder(brut).fusionne if brut else None
        if survivant is None:
            return None
        eleve_id = survivant
    return None
