"""Whom a proposal is about: the pupils of its list today, whom the direction picks from."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.domain import MAXIMUM
from services.eleves.accompagnement.store import Lieu
from services.eleves.referentiels import calendrier
from shared.domaine.catalogue import LISTES, predicat_sql
from shared.domaine.predicats import Contexte
from shared.http.perimetre import SES_CLASSES

_DE_LA_LISTE = """
    SELECT eleve_id::text, nom, prenom, classe, suivi_actions, count(*) OVER () AS total FROM eleve
     WHERE session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {classes} AND {liste}
     ORDER BY classe_tri NULLS LAST, tri NULLS LAST, eleve_id LIMIT :limite
"""


async def de_la_liste(
    connection: AsyncConnection, lieu: Lieu, code: str | None, maintenant: datetime
) -> dict[str, Any]:
    """At most as many as an action takes; ``total``: how many the list holds. None of no list."""
    if code is None or code not in LISTES:
        return {"eleves": [], "total": 0}
    contexte = Contexte(maintenant, await calendrier(connection, lieu.session))
    liste = predicat_sql(code, contexte)
    requete = text(_DE_LA_LISTE.format(classes=SES_CLASSES, liste=liste.texte))
    parametres = {**lieu.cles, **liste.parametres, "limite": MAXIMUM}
    rows = [dict(row) for row in (await connection.execute(requete, parametres)).mappings()]
    total = rows[0]["total"] if rows else 0
    return {"eleves": [{k: v for k, v in row.items() if k != "total"} for row in rows], "total": total}
