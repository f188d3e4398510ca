"""SQL of the récapitulatif: what is kept of bulletins, read by lycée."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Enregistre(NamedTuple):
    """A row for the récapitulatif."""

    eleve_id: str
    annee: int
    periode: int
    classe: str
    decoupage: int
    absent: bool
    resume: bytes


_DU_LYCEE = text("SELECT eleve_id::text FROM registre.eleve_connu WHERE session = :session AND uai = :uai")
_RECAPITULER = text(
    """
    SELECT eleve_id::text AS eleve_id, annee, periode, classe, decoupage,
           absent_depuis IS NOT NULL AS absent, resume
      FROM registre.bulletin WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
     ORDER BY eleve_id, annee, periode
    """
)
_DERNIER_ENVOI = text(
    """
    SELECT id::text AS id, depose_le, nom_fichier FROM registre.import
     WHERE session = :session AND nature = 'BULLETINS' AND uai = :uai AND etat IN ('PUBLICATION', 'TERMINE')
       AND NOT essai
     ORDER BY depose_le DESC LIMIT 1
    """
)
_LIRE_CLASSES = text(
    "SELECT classe, decoupage FROM registre.classe_notee WHERE session = :session AND uai = :uai"
)


async def eleves_du_lycee(tx: AsyncConnection, session: int, uai: str) -> list[str]:
    """Pupils whose effective scolarité is there, leavers included."""
    return list((await tx.execute(_DU_LYCEE, {"session": session, "uai": uai})).scalars())


async def enregistres(tx: AsyncConnection, session: int, ids: Collection[str]) -> Sequence[Enregistre]:
    lignes = (await tx.execute(_RECAPITULER, {"session": session, "ids": list(ids)})).all()
    return [Enregistre(*ligne) for ligne in lignes]


async def dernier_envoi(tx: AsyncConnection, session: int, uai: str) -> Mapping[str, Any] | None:
    """The last file taken: id, depose_le, nom_fichier."""
    ligne = (await tx.execute(_DERNIER_ENVOI, {"session": session, "uai": uai})).mappings().one_or_none()
    return None if ligne is None else dict(ligne)


async def classes(tx: AsyncConnection, session: int, uai: str) -> dict[str, int]:
    lignes = (await tx.execute(_LIRE_CLASSES, {"session": session, "uai": uai})).all()
    return {ligne.classe: ligne.decoupage for ligne in lignes}
