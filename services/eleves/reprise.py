"""The switch to a rebuilt generation: what commands typed meanwhile, versions carried over, differences said."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves import lignes
from services.eleves.complements import PARTIES
from services.eleves.models.eleve import COMPLEMENTEES
from services.eleves.sujets import SUJETS, Dit, Sujet
from shared.db.engine import enter_generation
from shared.db.lignes import COLONNES
from shared.domaine.etat import decoder

_LOT = 5_000
_SAISIES = """
    SELECT n.eleve_id::text, n.etat FROM projection_{nouvelle}.eleve n
      LEFT JOIN projection_{ancienne}.eleve a USING (eleve_id)
     WHERE n.etat IS NOT NULL AND ({n}) IS DISTINCT FROM ({a}) AND n.eleve_id IN ({saisis})
     ORDER BY n.eleve_id
"""
_CORRIGES = """
    SELECT n.eleve_id::text, n.session, {dit} AS dit,
           CASE WHEN a.eleve_id IS NULL THEN n.{code}_version ELSE coalesce(a.{code}_version, 0) + 1 END AS version
      FROM projection_{nouvelle}.eleve n LEFT JOIN projection_{ancienne}.eleve a USING (eleve_id)
     WHERE {dit} IS NOT NULL AND {dit} IS DISTINCT FROM {connu}
     ORDER BY n.eleve_id
"""
_REPORTER = """
    UPDATE projection_{nouvelle}.eleve n
       SET {code}_version = coalesce(a.{code}_version, 0) + CASE WHEN {differe} THEN 1 ELSE 0 END,
           {code}_dit = CASE WHEN {differe} THEN {dit} ELSE a.{code}_dit END
      FROM projection_{ancienne}.eleve a
     WHERE a.eleve_id = n.eleve_id AND (n.{code}_dit IS NOT NULL OR a.{code}_dit IS NOT NULL)
"""


async def corriger(tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Dit]:
    """Make the new generation follow the old one; returns what the rebuild says otherwise, as old version + 1."""
    await _reprendre_les_saisies(tx, ancienne, nouvelle)
    return [dit for sujet in SUJETS for dit in await _reporter(tx, sujet, ancienne, nouvelle)]


async def _reprendre_les_saisies(tx: AsyncConnection, ancienne: int, nouvelle: int) -> None:
    """Commands wrote the old generation while the new one was folded: those pupils' rows again."""
    tables = [table for partie in PARTIES for table in partie.tables]
    if not tables:
        return
    colonnes = [colonne for colonne in COLONNES if colonne.startswith(COMPLEMENTEES)]
    requete = _SAISIES.format(
        ancienne=ancienne,
        nouvelle=nouvelle,
        n=", ".join(f"n.{colonne}" for colonne in colonnes),
        a=", ".join(f"a.{colonne}" for colonne in colonnes),
        saisis=" UNION ".join(f"SELECT eleve_id FROM {table}" for table in tables),
    )
    rows = (await tx.execute(text(requete))).all()
    await enter_generation(tx, nouvelle)
    for debut in range(0, len(rows), _LOT):
        await lignes.ecrire(tx, {row.eleve_id: decoder(row.etat) for row in rows[debut : debut + _LOT]})


async def _reporter(tx: AsyncConnection, sujet: Sujet, ancienne: int, nouvelle: int) -> list[Dit]:
    """What was said last counts, and nothing said is worth the silence of the subject."""
    dit, connu = (f"coalesce({t}.{sujet.code}_dit, CAST(:silence AS text))" for t in ("n", "a"))
    noms = {
        "ancienne": ancienne,
        "nouvelle": nouvelle,
        "code": sujet.code,
        "dit": dit,
        "connu": connu,
        "differe": f"({dit} IS NOT NULL AND {dit} IS DISTINCT FROM {connu})",
    }
    silence = {"silence": sujet.ecrire(sujet.silence)}
    corriges = (await tx.execute(text(_CORRIGES.format(**noms)), silence)).all()
    await tx.execute(text(_REPORTER.format(**noms)), silence)
    return [Dit(sujet, row.eleve_id, row.session, sujet.lire(row.dit), row.version) for row in corriges]
