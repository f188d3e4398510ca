"""SQL of the readers of the way back: the feed, what is not acknowledged, counts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_NUMERO = """
    LEFT JOIN LATERAL (
        SELECT n.empreinte, n.cle, n.chiffre
          FROM registre.alias a
          JOIN registre.numero_dossier n ON (n.session, n.empreinte) = (a.session, a.empreinte)
         WHERE a.session = r.session AND a.eleve_id = r.eleve_id AND a.nature = 'D'
         ORDER BY n.vu_le DESC, n.empreinte LIMIT 1
    ) AS d ON true
"""
_SUITE = text(
    f"""
    SELECT r.curseur, r.session, r.objet, r.version, r.contenu, r.depuis, d.empreinte, d.cle, d.chiffre
      FROM (SELECT * FROM retour WHERE curseur > :apres AND session = :session ORDER BY curseur LIMIT :limite) AS r
      {_NUMERO}
     ORDER BY r.curseur
    """
)
_A_SUIVRE = text("SELECT EXISTS (SELECT FROM retour WHERE curseur > :apres AND session = :session)")
_LISTE = """
    SELECT r.eleve_id::text AS eleve_id, r.objet, r.version, greatest(r.depuis, c.depuis) AS depuis,
           r.accuse_version, r.resultat, e.uai, r.version IS NOT DISTINCT FROM r.accuse_version AS refuse
      FROM retour r
      JOIN candidat c ON c.eleve_id = r.eleve_id
      LEFT JOIN registre.eleve_connu e ON (e.session, e.eleve_id) = (r.session, r.eleve_id)
     WHERE r.curseur IS NOT NULL AND NOT r.acquitte AND r.session = :session
"""
_NON_ACQUITTES = text(
    f"""
    SELECT *, greatest(0, extract(epoch FROM now() - depuis))::bigint AS age_s FROM ({_LISTE}) AS l
     WHERE (CAST(:objet AS text) IS NULL OR objet = :objet)
     ORDER BY depuis, eleve_id, objet LIMIT :limite OFFSET :decalage
    """
)
_RESUME = text(
    """
    SELECT r.objet, count(*) AS total,
           count(*) FILTER (WHERE r.acquitte) AS acquittes,
           count(*) FILTER (WHERE NOT r.acquitte AND r.accuse_version IS NOT DISTINCT FROM r.version) AS refuses,
           count(*) FILTER (WHERE NOT r.acquitte AND r.accuse_version IS DISTINCT FROM r.version) AS en_attente,
           min(greatest(r.depuis, c.depuis)) FILTER (WHERE NOT r.acquitte) AS plus_ancien,
           greatest(0, extract(epoch FROM now() - min(greatest(r.depuis, c.depuis))
               FILTER (WHERE NOT r.acquitte)))::bigint AS age_s
      FROM retour r
      JOIN candidat c ON c.eleve_id = r.eleve_id
      LEFT JOIN registre.eleve_connu e ON (e.session, e.eleve_id) = (r.session, r.eleve_id)
     WHERE r.curseur IS NOT NULL AND r.session = :session
       AND (CAST(:uai AS text) IS NULL OR e.uai = :uai)
     GROUP BY r.objet ORDER BY r.objet
    """
)


async def suite(tx: AsyncConnection, session: int, apres: int, limite: int) -> Sequence[Row[Any]]:
    """The next objects to send, in the order of their cursors."""
    return (await tx.execute(_SUITE, {"session": session, "apres": apres, "limite": limite})).all()


async def a_suivre(tx: AsyncConnection, session: int, apres: int) -> bool:
    return bool((await tx.execute(_A_SUIVRE, {"session": session, "apres": apres})).scalar_one())


async def non_acquittes(
    tx: AsyncConnection, session: int, objet: str | None, limite: int, decalage: int
) -> list[dict[str, Any]]:
    """Oldest first."""
    valeurs = {"session": session, "objet": objet, "limite": limite, "decalage": decalage}
    return [dict(ligne) for ligne in (await tx.execute(_NON_ACQUITTES, valeurs)).mappings()]


async def resume(tx: AsyncConnection, session: int, uai: str | None = None) -> list[dict[str, Any]]:
    """Counts by objet, of one lycée or of all."""
    return [dict(ligne) for ligne in (await tx.execute(_RESUME, {"session": session, "uai": uai})).mappings()]
