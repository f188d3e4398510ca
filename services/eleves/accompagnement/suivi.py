"""Who follows a pupil: his open actions, as lists and the row show them."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.domain import FINALES, Fonction, fin_du_jour, libelle_assigne
from shared.domaine.complements import Suivi

TABLES = ("registre.action_eleve",)
_SUIVIS = text(
    """
    WITH ouvertes AS (
        SELECT ae.eleve_id, a.uai, a.id, a.cree_le, a.echeance, a.fonction, a.assigne
          FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS smallint[])) AS n(eleve_id, session)
          JOIN registre.action_eleve ae ON ae.eleve_id = n.eleve_id AND ae.session = n.session
          JOIN registre.action a ON a.id = ae.action_id
         WHERE a.etat = 'OUVERTE' AND NOT ae.retire
           AND (ae.issue IS NULL OR ae.issue <> ALL(CAST(:finales AS text[])))),
    derniers AS (
        SELECT DISTINCT ON (eleve_id) eleve_id, uai FROM ouvertes ORDER BY eleve_id, cree_le DESC, id)
    SELECT DISTINCT ON (eleve_id) eleve_id::text, uai, echeance, fonction, assigne,
           count(*) OVER (PARTITION BY eleve_id) AS actions
      FROM ouvertes JOIN derniers USING (eleve_id, uai)
     ORDER BY eleve_id, echeance, cree_le, id
    """
)
"""One row per pupil: his nearest open action in the lycée that opened one last."""


async def suivis(tx: AsyncConnection, sessions: Mapping[str, int]) -> dict[str, Suivi]:
    """By pupil; those of whom nothing is open are left out. ``sessions``: the session of each."""
    parametres = {"ids": list(sessions), "sessions": list(sessions.values()), "finales": sorted(FINALES)}
    return {
        row.eleve_id: Suivi(
            actions=row.actions,
            assigne=libelle_assigne(Fonction(row.fonction), row.assigne),
            echeance=fin_du_jour(row.echeance),
            lycee=row.uai,
        )
        for row in await tx.execute(_SUIVIS, parametres)
    }
