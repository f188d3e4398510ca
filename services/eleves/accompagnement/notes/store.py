"""SQL of notes: of a pupil in scope, those that the caller may read. Their text goes nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.notes.domain import lisibles
from services.eleves.accompagnement.store import Lieu
from shared.http.perimetre import SES_CLASSES

Ligne = dict[str, Any]
_COLONNES = """
    id::text, eleve_id::text, uai, jour, texte, visibilite, version, auteur, auteur_nom, auteur_role, cree_le, modifie_le
"""
_ELEVE = text(
    f"""
    SELECT true FROM eleve
     WHERE eleve_id = CAST(:eleve_id AS uuid) AND session = :session AND uai = :uai
       AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}
    """
)
_LISIBLES = """
    session = :session AND uai = :uai AND eleve_id = CAST(:eleve_id AS uuid)
    AND (auteur = :acteur OR visibilite = ANY(CAST(:visibilites AS text[])))
"""
_LISTER = text(
    f"SELECT {_COLONNES} FROM registre.note WHERE {_LISIBLES} ORDER BY jour DESC, cree_le DESC, id"
)
_UNE = text(f"SELECT {_COLONNES} FROM registre.note WHERE {_LISIBLES} AND id = CAST(:id AS uuid) FOR UPDATE")
_ECRIRE = text(
    """
    INSERT INTO registre.note (id, session, eleve_id, uai, jour, texte, visibilite, version, auteur, auteur_nom,
                               auteur_role, cree_le, modifie_le)
    VALUES (CAST(:id AS uuid), :session, CAST(:eleve_id AS uuid), :uai, :jour, :texte, :visibilite, :version, :auteur,
            :auteur_nom, :auteur_role, :cree_le, :modifie_le)
    ON CONFLICT (id) DO UPDATE
       SET jour = excluded.jour, texte = excluded.texte, visibilite = excluded.visibilite, version = excluded.version,
           modifie_le = excluded.modifie_le
    """
)
_TRACER = text(
    """
    INSERT INTO registre.note_historique (note_id, version, session, jour, texte, visibilite, auteur, le)
    VALUES (CAST(:id AS uuid), :version, :session, :jour, :texte, :visibilite, :auteur, :modifie_le)
    """
)
_HISTORIQUE = text(
    "SELECT version, jour, texte, visibilite, le FROM registre.note_historique"
    " WHERE note_id = CAST(:id AS uuid) ORDER BY version DESC"
)
_EFFACER = text("DELETE FROM registre.note WHERE id = CAST(:id AS uuid)")
_OUBLIER = text("UPDATE registre.note_historique SET texte = NULL WHERE note_id = CAST(:id AS uuid)")


async def connu(connection: AsyncConnection, lieu: Lieu, eleve_id: str) -> bool:
    """Whether the pupil is of this lycée and in the caller's scope."""
    return bool((await connection.execute(_ELEVE, {**lieu.cles, "eleve_id": eleve_id})).scalar())


async def lister(connection: AsyncConnection, lieu: Lieu, eleve_id: str) -> list[Ligne]:
    """Latest first."""
    rows = await connection.execute(_LISTER, _qui(lieu, eleve_id))
    return [dict(row) for row in rows.mappings()]


async def une(tx: AsyncConnection, lieu: Lieu, eleve_id: str, note_id: str) -> Ligne | None:
    """Locked; None when the caller may not read it."""
    row = (await tx.execute(_UNE, {**_qui(lieu, eleve_id), "id": note_id})).mappings().one_or_none()
    return dict(row) if row else None


def _qui(lieu: Lieu, eleve_id: str) -> dict[str, Any]:
    visibles: Sequence[str] = [visibilite.value for visibilite in lisibles(lieu.perimetre.role)]
    return {
        "session": lieu.session,
        "uai": lieu.uai,
        "eleve_id": eleve_id,
        "acteur": lieu.perimetre.acteur,
        "visibilites": visibles,
    }


async def ecrire(tx: AsyncConnection, session: int, note: Ligne) -> None:
    """A new state of a note, and its history."""
    await tx.execute(_ECRIRE, {**note, "session": session})
    await tx.execute(_TRACER, {**note, "session": session})


async def historique(connection: AsyncConnection, note_id: str) -> list[Ligne]:
    return [dict(row) for row in (await connection.execute(_HISTORIQUE, {"id": note_id})).mappings()]


async def effacer(tx: AsyncConnection, session: int, note: Ligne, le: datetime) -> None:
    """The note and every text that it had; that there was one stays."""
    await tx.execute(_EFFACER, {"id": note["id"]})
    await tx.execute(_OUBLIER, {"id": note["id"]})
    effacee = {**note, "session": session, "texte": None, "version": note["version"] + 1, "modifie_le": le}
    await tx.execute(_TRACER, effacee)
