"""SQL of the service indicators, in sets."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.indicators.domain import Cle, Comptage, Ecarts
from services.indicators.etat import jour_du_rang
from services.indicators.mesures import COLONNES
from shared.db.litteraux import bruts, jours, nombres, octets


class ConcurrentWriteError(OSError):
    """Somebody else made the row of a new pupil meanwhile: the window is flushed again, and finds it."""


class OtherMeasuresError(OSError):
    """Nothing is folded until a rebuild; not the fault of any record."""


class Ligne(NamedTuple):
    """The row of a pupil, to be written."""

    eleve_id: str
    etat: bytes
    session: int
    uai: str | None
    uai_initial: str | None


_PAR_INDEX = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true)"
)
_CHARGER = text(
    "SELECT eleve_id::text, etat, uai, uai_initial FROM eleve"
    " WHERE eleve_id = ANY(CAST(CAST(:ids AS text) AS uuid[])) ORDER BY eleve_id FOR UPDATE"
)
_LIGNES = """unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:etats AS text) AS bytea[]),
    CAST(CAST(:sessions AS text) AS smallint[]), CAST(CAST(:uais AS text) AS text[]), CAST(CAST(:initiaux AS text) AS text[]))
    AS n(eleve_id, etat, session, uai, uai_initial)"""
_CREER = text(
    "INSERT INTO eleve (eleve_id, etat, session, uai, uai_initial)"
    f" SELECT * FROM {_LIGNES} ORDER BY 1 ON CONFLICT DO NOTHING"
)
_DEPLACER = text(
    "UPDATE eleve e SET etat = n.etat, session = n.session, uai = n.uai, uai_initial = n.uai_initial"
    f" FROM {_LIGNES} WHERE e.eleve_id = n.eleve_id"
)
_ECRIRE = text(
    "UPDATE eleve e SET etat = n.etat FROM unnest(CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:etats AS text) AS bytea[]))"
    " AS n(eleve_id, etat) WHERE e.eleve_id = n.eleve_id"
)
_DEFINIR = text(
    "INSERT INTO definition SELECT * FROM unnest(CAST(:rangs AS smallint[]), CAST(:codes AS text[]))"
    " ON CONFLICT DO NOTHING"
)
_CODES = text("SELECT code FROM definition ORDER BY rang")


class Connu(NamedTuple):
    """What the database holds of a pupil: ``brut`` is his state, encoded."""

    brut: bytes
    uai: str | None
    uai_initial: str | None


async def par_index(tx: AsyncConnection) -> None:
    """Look rows up by their keys until the end of ``tx``: a plan made while a table was empty would read all of it."""
    await tx.execute(_PAR_INDEX)


async def charger(tx: AsyncConnection, ids: Sequence[str]) -> dict[str, Connu]:
    """Rows of ``ids``, locked until the end of ``tx``; unknown pupils are left out."""
    rows = await tx.execute(_CHARGER, {"ids": bruts(ids)})
    return {eleve_id: Connu(brut, uai, initial) for eleve_id, brut, uai, initial in rows.all()}


async def ecrire(
    tx: AsyncConnection, nouvelles: Sequence[Ligne], deplacees: Sequence[Ligne], autres: Sequence[Ligne]
) -> None:
    """Rows of pupils unknown until now, of pupils who came, moved or left, and of all others.

    Raises:
        ConcurrentWriteError: a new one is there already.
    """
    if nouvelles:
        fait = await tx.execute(_CREER, _parametres(nouvelles))
        if fait.rowcount != len(nouvelles):
            raise ConcurrentWriteError
    if deplacees:
        await tx.execute(_DEPLACER, _parametres(deplacees))
    if autres:
        ids, etats = bruts(ligne.eleve_id for ligne in autres), octets(ligne.etat for ligne in autres)
        await tx.execute(_ECRIRE, {"ids": ids, "etats": etats})


def _parametres(lignes: Sequence[Ligne]) -> dict[str, str]:
    return {
        "ids": bruts(ligne.eleve_id for ligne in lignes),
        "etats": octets(ligne.etat for ligne in lignes),
        "sessions": nombres(ligne.session for ligne in lignes),
        "uais": bruts(ligne.uai for ligne in lignes),
        "initiaux": bruts(ligne.uai_initial for ligne in lignes),
    }


async def definir(tx: AsyncConnection, noms: Sequence[str]) -> None:
    """Say which column holds what, once for a generation: what it was made without is not read of it.

    Raises:
        OtherMeasuresError: its columns hold other measures.
    """
    connus = await codes(tx)
    if not connus:
        await tx.execute(_DEFINIR, {"rangs": list(range(len(noms))), "codes": list(noms)})
    elif connus != tuple(noms[: len(connus)]):
        raise OtherMeasuresError("measures were moved or taken out: run `pilotage rebuild indicators`")


async def codes(connection: AsyncConnection) -> tuple[str, ...]:
    """Measures of the current generation, in the order of its columns."""
    return tuple((await connection.execute(_CODES)).scalars())


async def ajouter(tx: AsyncConnection, comptage: Comptage, ecarts: Ecarts) -> list[Cle]:
    """Add what a window changed to the cells and to their days; return the cells that changed.

    In the order of the keys, so that two writers never deadlock. A row back at nothing is removed: the tables are the
    same function of the facts whatever the windows.
    """
    sommes = sorted(ecarts.totaux().items())
    await _ajouter(tx, _CELLULE, comptage, sommes)
    par_jour = sorted(
        ((*cle, jour), vecteur)
        for jour, du_jour in ecarts.jours.items()
        for cle, vecteur in du_jour.items()
        if vecteur
    )
    dates = {jour: jour_du_rang(jour) for jour in ecarts.jours}
    await _ajouter(tx, _MOUVEMENT, comptage, [((*cle[:4], dates[cle[4]]), v) for cle, v in par_jour])
    return [cle for cle, _ in sommes]


class _Table(NamedTuple):
    nom: str
    types: Mapping[str, str]


_LIEU = {"session": "smallint", "uai": "text", "serie": "text", "academie": "text"}
_CELLULE = _Table("cellule", _LIEU)
_MOUVEMENT = _Table("mouvement", {**_LIEU, "jour": "date"})


async def _ajouter(
    tx: AsyncConnection, table: _Table, comptage: Comptage, lignes: Sequence[tuple[tuple[Any, ...], int]]
) -> None:
    if not lignes:
        return
    rangees = [comptage.valeurs(vecteur) for _, vecteur in lignes]
    colonnes = _colonnes(table, [cle for cle, _ in lignes])
    await tx.execute(_somme(table.nom, len(comptage.mesures)), {**colonnes, **_mesures(rangees)})
    baisses = [cle for (cle, _), rangee in zip(lignes, rangees, strict=True) if min(rangee) < 0]
    if baisses:
        await tx.execute(_retrait(table.nom), _colonnes(table, baisses))


def _colonnes(table: _Table, cles: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    colonnes = zip(table.types.items(), zip(*cles, strict=True), strict=True)
    return {champ: _ECRITURES[type_](valeurs) for (champ, type_), valeurs in colonnes}


_ECRITURES: Mapping[str, Callable[[Any], str]] = {
    "smallint": nombres,
    "text": bruts,
    "date": jours,
}


def _mesures(rangees: Sequence[Sequence[int]]) -> dict[str, str]:
    """Columns of the measures, nothing being NULL: as arrays in text."""
    return {
        colonne: "{" + ",".join(["NULL" if not n else str(n) for n in valeurs]) + "}"
        for colonne, valeurs in zip(COLONNES, zip(*rangees, strict=True), strict=False)
    }


def _cles_sql(types: Mapping[str, str]) -> str:
    return ", ".join(f"CAST(CAST(:{champ} AS text) AS {type_}[])" for champ, type_ in types.items())


def _table(nom: str) -> _Table:
    return {"cellule": _CELLULE, "mouvement": _MOUVEMENT}[nom]


@cache
def _somme(nom: str, mesures: int) -> TextClause:
    """The upsert that adds; written so that a sum of nothing stays NULL, and takes no room."""
    types, colonnes = _table(nom).types, COLONNES[:mesures]
    champs = ", ".join(types)
    valeurs = ", ".join(f"CAST(CAST(:{colonne} AS text) AS int[])" for colonne in colonnes)
    sommes = ", ".join(
        f"{m} = CASE WHEN excluded.{m} IS NULL THEN c.{m}"
        f" ELSE nullif(coalesce(c.{m}, 0) + excluded.{m}, 0) END"
        for m in colonnes
    )
    return text(
        f"INSERT INTO {nom} AS c ({champs}, {', '.join(colonnes)})"
        f" SELECT * FROM unnest({_cles_sql(types)}, {valeurs})"
        f" ON CONFLICT ({champs}) DO UPDATE SET {sommes}"
    )


@cache
def _retrait(nom: str) -> TextClause:
    types = _table(nom).types
    champs = ", ".join(types)
    rien = " AND ".join(f"c.{colonne} IS NULL" for colonne in COLONNES)
    return text(
        f"DELETE FROM {nom} c USING unnest({_cles_sql(types)}) AS t({champs})"
        f" WHERE {' AND '.join(f'c.{champ} = t.{champ}' for champ in types)} AND {rien}"
    )


SOMMES = ", ".join(f"sum({colonne})::int AS {colonne}" for colonne in COLONNES)
"""Of the measures, over the cells selected."""


def mesures(row: Any, noms: Sequence[str]) -> dict[str, int]:
    """Measures of a row that selects every column, by code; those that count nobody are 0."""
    return {code: getattr(row, colonne) or 0 for code, colonne in zip(noms, COLONNES, strict=False)}
