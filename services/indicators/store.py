"""SQL of the service indicators, in sets."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators.domain import Cellule
from shared.domaine.etat import encoder
from shared.kafka.projection import Changement

_ETATS = text(
    """
    UPDATE eleve e SET etat = n.etat
      FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS bytea[])) AS n(eleve_id, etat)
     WHERE e.eleve_id = n.eleve_id
    """
)
_AJOUTER = text(
    """
    INSERT INTO cellule AS c (session, uai, serie, classe, mesure, academie, n)
    SELECT * FROM unnest(CAST(:session AS smallint[]), CAST(:uai AS text[]), CAST(:serie AS text[]),
                         CAST(:classe AS text[]), CAST(:mesure AS text[]), CAST(:academie AS text[]),
                         CAST(:n AS int[]))
     ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (session, uai, serie, classe, mesure)
    DO UPDATE SET n = c.n + excluded.n, academie = excluded.academie
    """
)
_RETIRER = text(
    """
    DELETE FROM cellule c
     USING unnest(CAST(:session AS smallint[]), CAST(:uai AS text[]), CAST(:serie AS text[]),
                  CAST(:classe AS text[]), CAST(:mesure AS text[]))
           AS t(session, uai, serie, classe, mesure)
     WHERE (c.session, c.uai, c.serie, c.classe, c.mesure)
           = (t.session, t.uai, t.serie, t.classe, t.mesure) AND c.n = 0
    """
)
_LYCEE = text(
    "SELECT serie, mesure, sum(n)::int AS n FROM cellule"
    " WHERE session = :session AND uai = :uai GROUP BY serie, mesure"
)
_ACADEMIE = text(
    "SELECT uai, serie, mesure, sum(n)::int AS n FROM cellule"
    " WHERE session = :session AND academie = :academie GROUP BY uai, serie, mesure"
)


async def ecrire_etats(tx: AsyncConnection, changements: Sequence[Changement]) -> None:
    await tx.execute(
        _ETATS,
        {
            "ids": [c.eleve_id for c in changements],
            "etats": [encoder(c.apres) for c in changements],
        },
    )


async def ajouter(tx: AsyncConnection, sommes: Mapping[Cellule, int]) -> None:
    """Add the deltas to the cells, in key order so that two writers never deadlock.

    A cell back at zero is removed: the table is the same function of the facts whatever the windows.
    """
    if not sommes:
        return
    colonnes: dict[str, list[Any]] = {
        champ: [getattr(cellule, champ) for cellule in sommes] for champ in Cellule._fields
    }
    await tx.execute(_AJOUTER, {**colonnes, "n": list(sommes.values())})
    await tx.execute(_RETIRER, colonnes)


async def lycee(connection: AsyncConnection, session: int, uai: str) -> dict[str, dict[str, int]]:
    """Measures of a lycée by série."""
    series: dict[str, dict[str, int]] = {}
    for row in (await connection.execute(_LYCEE, {"session": session, "uai": uai})).all():
        series.setdefault(row.serie, {})[row.mesure] = row.n
    return series


async def academie(
    connection: AsyncConnection, session: int, code: str
) -> dict[str, dict[str, dict[str, int]]]:
    """Measures of an académie by lycée and série."""
    lycees: dict[str, dict[str, dict[str, int]]] = {}
    for row in (await connection.execute(_ACADEMIE, {"session": session, "academie": code})).all():
        lycees.setdefault(row.uai, {}).setdefault(row.serie, {})[row.mesure] = row.n
    return lycees
