"""SQL of the service eleves: one dossier, within the caller's scope."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.etat import EtatEleve, decoder
from shared.http.perimetre import Perimetre


async def dossier(
    connection: AsyncConnection, perimetre: Perimetre, session: int, eleve_id: str
) -> EtatEleve | None:
    """Folded state of a pupil of the caller's lycées; None for anybody else's."""
    requete = text(
        "SELECT etat FROM eleve WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid)"
        " AND uai = ANY(CAST(:lycees AS text[]))"
    )
    brut = (
        await connection.execute(
            requete, {"session": session, "eleve_id": eleve_id, "lycees": list(perimetre.lycees)}
        )
    ).scalar()
    return decoder(brut) if brut else None
