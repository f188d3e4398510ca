"""What a service's database holds of one session, and its end: every table with a ``session`` column."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_TABLES = text(
    r"""
    SELECT c.table_schema, c.table_name
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.column_name = 'session' AND t.table_type = 'BASE TABLE'
       AND (c.table_schema = 'registre' OR c.table_schema ~ '^projection_\d+$')
     ORDER BY 1, 2
    """
)
_ENFANTS = text(
    """
    SELECT c.table_schema, c.table_name FROM information_schema.columns c
     WHERE c.column_name = 'import_id' AND c.table_schema = 'registre'
       AND NOT EXISTS (SELECT 1 FROM information_schema.columns s WHERE s.column_name = 'session'
                          AND (s.table_schema, s.table_name) = (c.table_schema, c.table_name))
     ORDER BY 1, 2
    """
)
"""Tables of ingest that know their session by their import."""
_D_UN_IMPORT = "FROM {nom} WHERE import_id IN (SELECT id FROM registre.import WHERE session = :session)"
_DE_LA_SESSION = "FROM {nom} WHERE session = :session"
_OFFSETS = "FROM mechanism.consumer_offset WHERE starts_with(topic, :debut)"
_ATTENTE = "FROM mechanism.outbox WHERE starts_with(aggregatetype, :debut)"


async def contenu(tx: AsyncConnection, prefixe: str, session: int, garder: frozenset[str]) -> dict[str, int]:
    """Rows of the session by table, tables without any left out; ``garder``: tables that are left alone."""
    trouves: dict[str, int] = {}
    for nom, suite in await _tables(tx, garder):
        trouves[nom] = await _compter(tx, suite, {"session": session})
    debut = {"debut": f"{prefixe}{session}."}
    trouves["mechanism.consumer_offset"] = await _compter(tx, _OFFSETS, debut)
    trouves["mechanism.outbox"] = await _compter(tx, _ATTENTE, debut)
    return {nom: lignes for nom, lignes in trouves.items() if lignes}


async def effacer(tx: AsyncConnection, prefixe: str, session: int, garder: frozenset[str]) -> int:
    """Delete them; number of rows."""
    effacees = 0
    for _, suite in await _tables(tx, garder):
        effacees += await _effacer(tx, suite, {"session": session})
    debut = {"debut": f"{prefixe}{session}."}
    return effacees + await _effacer(tx, _OFFSETS, debut) + await _effacer(tx, _ATTENTE, debut)


async def _tables(tx: AsyncConnection, garder: frozenset[str]) -> list[tuple[str, str]]:
    """Name and clause of each table; those that lean on the imports first."""
    trouvees: list[tuple[str, str]] = []
    for requete, clause in ((_ENFANTS, _D_UN_IMPORT), (_TABLES, _DE_LA_SESSION)):
        noms = [f"{schema}.{table}" for schema, table in (await tx.execute(requete)).all()]
        trouvees += [(nom, clause.format(nom=nom)) for nom in noms if nom not in garder]
    return trouvees


async def _compter(tx: AsyncConnection, suite: str, valeurs: Mapping[str, object]) -> int:
    return int((await tx.execute(text(f"SELECT count(*) {suite}"), valeurs)).scalar_one())


async def _effacer(tx: AsyncConnection, suite: str, valeurs: Mapping[str, object]) -> int:
    return (await tx.execute(text(f"DELETE {suite}"), valeurs)).rowcount
