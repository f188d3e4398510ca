"""Visits of a person to a list: who was in it last time, so that those who came since are marked.

A visit lasts as long as its reader comes back within half an hour; what he had before him at its end is
what the next one is compared with. At the first visit nobody is new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

DUREE_S = 1_800
_ENTRER = """
    WITH presents AS (
        SELECT coalesce(array_agg(eleve_id ORDER BY eleve_id), '{{}}') AS ids FROM eleve WHERE {condition}
    )
    INSERT INTO registre.visite AS v (session, acteur, uai, liste, le, vus, reference_le, reference)
    SELECT :session, :acteur, :uai, :liste, :le, ids, :le, ids FROM presents
        ON CONFLICT (session, acteur, uai, liste) DO UPDATE
       SET reference = CASE WHEN :tout_vu THEN excluded.vus
                            WHEN v.le < CAST(:le AS timestamptz) - make_interval(secs => :duree) THEN v.vus
                            ELSE v.reference END,
           reference_le = CASE WHEN :tout_vu THEN excluded.le
                               WHEN v.le < CAST(:le AS timestamptz) - make_interval(secs => :duree) THEN v.le
                               ELSE v.reference_le END,
           vus = excluded.vus, le = excluded.le
    RETURNING reference_le, cardinality(vus) AS vus,
              (SELECT count(*) FROM (SELECT unnest(vus) EXCEPT SELECT unnest(reference)) AS n) AS nouveaux
"""


@dataclass(frozen=True, slots=True)
class Visite:
    """``depuis``: when the list that this one is compared with was seen."""

    depuis: datetime
    eleves: int
    nouveaux: int


async def entrer(
    tx: AsyncConnection, condition: str, parametres: Mapping[str, Any], *, le: datetime, tout_vu: bool
) -> Visite:
    """Record a visit to a list: its whole length, without filters. ``tout_vu``: nobody is new any more.

    ``parametres``: those of ``condition``, and session, uai, acteur and liste.
    """
    valeurs = {**parametres, "le": le, "tout_vu": tout_vu, "duree": DUREE_S}
    row = (await tx.execute(text(_ENTRER.format(condition=condition)), valeurs)).one()
    return Visite(row.reference_le, row.vus, row.nouveaux)
