"""SQL of the margins that are published, in sets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators.mesures import COLONNES
from services.indicators.parution.domain import Cle, Vecteur

_CASES = text(
    "SELECT uai, serie, max(academie), "
    + ", ".join(f"coalesce(sum({colonne}), 0)::int" for colonne in COLONNES)
    + " FROM cellule WHERE session = :session GROUP BY uai, serie"
)
_CONNUES = text("SELECT uai, serie, academie FROM registre.marge_publiee WHERE session = :session")
_AVANCER = text(
    """
    INSERT INTO registre.parution AS p (session, generation, faits) VALUES (:session, :generation, :faits)
    ON CONFLICT (session) DO UPDATE SET generation = excluded.generation, faits = excluded.faits
     WHERE (p.generation, p.faits) <= (excluded.generation, excluded.faits)
    RETURNING 1
    """
)
_RETENIR = text(
    """
    INSERT INTO registre.marge_publiee AS m (session, uai, serie, academie, version, empreinte)
    SELECT :session, n.uai, n.serie, n.academie, 1, n.empreinte
      FROM unnest(CAST(:uai AS text[]), CAST(:serie AS text[]), CAST(:academie AS text[]),
                  CAST(:empreinte AS bytea[])) AS n(uai, serie, academie, empreinte)
     ORDER BY 2, 3
    ON CONFLICT (session, uai, serie) DO UPDATE
       SET version = m.version + 1, empreinte = excluded.empreinte, academie = excluded.academie
     WHERE (m.empreinte, m.academie) IS DISTINCT FROM (excluded.empreinte, excluded.academie)
    RETURNING uai, serie, version
    """
)
_VERSION = text(
    "SELECT coalesce(sum(version), 0)::bigint FROM registre.marge_publiee WHERE session = :session AND uai = :uai"
)


async def cases(
    connection: AsyncConnection, session: int, noms: Sequence[str], voulues: Sequence[str]
) -> dict[Cle, tuple[str, Vecteur]]:
    """The académie and the measures ``voulues`` of every lycée × série, as of one instant.

    ``noms``: those that this generation holds, by column; another one counts nobody until the next rebuild.
    """
    rangs = [noms.index(code) if code in noms else len(COLONNES) for code in voulues]
    rows = (await connection.execute(_CASES, {"session": session})).all()
    return {(row[0], row[1]): (row[2], _choisies((*row[3:], 0), rangs)) for row in rows}


def _choisies(valeurs: Vecteur, rangs: Sequence[int]) -> Vecteur:
    return tuple([valeurs[rang] for rang in rangs])


async def connues(connection: AsyncConnection, session: int) -> dict[Cle, str]:
    """The académie of every lycée × série of which something was said."""
    rows = (await connection.execute(_CONNUES, {"session": session})).all()
    return {(row.uai, row.serie): row.academie for row in rows}


async def avancer(tx: AsyncConnection, session: int, generation: int, faits: int) -> bool:
    """Lock the publication; False when a newer state than this one was said."""
    cles = {"session": session, "generation": generation, "faits": faits}
    return (await tx.execute(_AVANCER, cles)).first() is not None


async def retenir(
    tx: AsyncConnection, session: int, marges: Iterable[tuple[Cle, str, bytes]]
) -> Mapping[Cle, int]:
    """Keep (key, académie, digest); returns the new version of those that differ from what was said last."""
    colonnes = [(uai, serie, academie, empreinte) for (uai, serie), academie, empreinte in marges]
    if not colonnes:
        return {}
    noms: Sequence[str] = ("uai", "serie", "academie", "empreinte")
    valeurs: dict[str, Any] = dict(zip(noms, map(list, zip(*colonnes, strict=True)), strict=True))
    rows = (await tx.execute(_RETENIR, {"session": session, **valeurs})).all()
    return {(row.uai, row.serie): row.version for row in rows}


async def version_du_lycee(connection: AsyncConnection, session: int, uai: str) -> int:
    """A number that grows whenever an event says something new of the lycée."""
    return int((await connection.execute(_VERSION, {"session": session, "uai": uai})).scalar_one())
