"""SQL of the uploads in pieces."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.televersements.domain import Annonce

_COLONNES = (
    "id::text AS id, session, nature, uai, nom_fichier, octets, sha256, confirme, demandeur, recus, etat,"
    " ouvert_le, expire_le"
)
_SEUL = text("SELECT pg_advisory_xact_lock(hashtextextended('televersement' || :demandeur, 0))")
_OUVERT = text(
    f"""
    SELECT {_COLONNES} FROM registre.televersement
     WHERE demandeur = :demandeur AND etat = 'EN_COURS' AND expire_le > now() AND session = :session
       AND nature = :nature AND uai IS NOT DISTINCT FROM CAST(:uai AS text) AND sha256 = :sha256
       AND octets = :octets AND confirme = :confirme
     LIMIT 1
    """
)
_COMBIEN = text(
    "SELECT count(*) FROM registre.televersement"
    " WHERE demandeur = :demandeur AND etat = 'EN_COURS' AND expire_le > now()"
)
_OUVRIR = text(
    f"""
    INSERT INTO registre.televersement
           (id, session, nature, uai, nom_fichier, octets, sha256, confirme, demandeur, recus, etat, expire_le)
    VALUES (CAST(:id AS uuid), :session, :nature, :uai, :nom, :octets, :sha256, :confirme, :demandeur, 0,
            'EN_COURS', now() + make_interval(secs => :duree))
    RETURNING {_COLONNES}
    """
)
_LIRE = text(
    f"SELECT {_COLONNES} FROM registre.televersement WHERE session = :session AND id = CAST(:id AS uuid)"
)
_AVANCER = text(
    """
    UPDATE registre.televersement SET recus = :recus, expire_le = now() + make_interval(secs => :duree)
     WHERE id = CAST(:id AS uuid) AND etat = 'EN_COURS' AND recus <= :recus
    """
)
_CLORE = text(
    """
    UPDATE registre.televersement SET etat = :etat
     WHERE id = CAST(:id AS uuid) AND etat = 'EN_COURS' RETURNING id
    """
)
_PERIMER = text(
    """
    UPDATE registre.televersement SET etat = 'EXPIRE'
     WHERE etat = 'EN_COURS' AND expire_le < now() RETURNING id::text
    """
)


async def ouvert(tx: AsyncConnection, session: int, demandeur: str, annonce: Annonce) -> Row[Any] | None:
    """The same file already announced by the same caller; two announcements at once take turns."""
    await tx.execute(_SEUL, {"demandeur": demandeur})
    valeurs = {"session": session, "demandeur": demandeur, **_de(annonce)}
    return (await tx.execute(_OUVERT, valeurs)).one_or_none()


async def combien(tx: AsyncConnection, demandeur: str) -> int:
    return int((await tx.execute(_COMBIEN, {"demandeur": demandeur})).scalar_one())


async def ouvrir(
    tx: AsyncConnection, identifiant: str, annonce: Annonce, *, session: int, demandeur: str, duree: float
) -> Row[Any]:
    valeurs = {"id": identifiant, "session": session, "demandeur": demandeur, "duree": duree}
    return (await tx.execute(_OUVRIR, {**valeurs, **_de(annonce), "nom": annonce.nom})).one()


async def lire(tx: AsyncConnection, session: int, identifiant: str) -> Row[Any] | None:
    return (await tx.execute(_LIRE, {"session": session, "id": identifiant})).one_or_none()


async def avancer(tx: AsyncConnection, identifiant: str, recus: int, duree: float) -> None:
    """So many bytes are on disk for good; the term is put off."""
    await tx.execute(_AVANCER, {"id": identifiant, "recus": recus, "duree": duree})


async def clore(tx: AsyncConnection, identifiant: str, etat: str) -> bool:
    """Whether it was open until now."""
    return (await tx.execute(_CLORE, {"id": identifiant, "etat": etat})).one_or_none() is not None


async def perimer(tx: AsyncConnection) -> list[str]:
    """Close what nobody went on with; ids."""
    return list((await tx.execute(_PERIMER)).scalars())


def perime(ligne: Row[Any], maintenant: datetime) -> bool:
    return bool(ligne.expire_le <= maintenant)


def _de(annonce: Annonce) -> dict[str, Any]:
    champs = ("nature", "uai", "sha256", "octets", "confirme")
    return {champ: getattr(annonce, champ) for champ in champs}
