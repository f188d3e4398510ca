"""Rows of two pupils merged: kept as they were for some days, then shared out again when the merge is taken back.

A row that only the loser had is his again, as it stands now; one that both had is the survivor's as it stands now,
and the loser's as it was; one that neither had stays with the survivor. Nobody's row is guessed.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.settings import IngestSettings

CLES: Mapping[str, tuple[str, ...]] = {
    "alias": ("empreinte",),
    "bulletin": ("annee", "periode"),
    "dispositif": ("uai", "empreinte"),
    "echeance": ("sujet",),
    "eleve_connu": (),
    "scolarite": ("uai",),
    "scolarite_locale": ("uai",),
    "statut_boursier": ("empreinte",),
    "vivier_initial": (),
}
"""Every table whose rows a merge moves, and what tells the rows of one pupil apart."""
PAR_ELEVE = frozenset(
    {"bulletin", "echeance", "eleve_connu", "scolarite", "scolarite_locale", "vivier_initial"}
)
"""Those keyed by the pupil: both may have a row of one key. In the others a row is one pupil's."""
_LIGNES = (
    "(SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM registre.{table} t"
    " WHERE t.session = :session AND t.eleve_id = CAST(:{qui} AS uuid))"
)
_PHOTO = text(
    "UPDATE registre.fusion SET avant = jsonb_build_object("
    + ", ".join(
        f"'{table}', jsonb_build_object('perdant', {_LIGNES.format(table=table, qui='perdant')},"
        f" 'survivant', {_LIGNES.format(table=table, qui='survivant')})"
        for table in CLES
    )
    + ") WHERE session = :session AND perdant = CAST(:perdant AS uuid)"
)
_OUBLIER = text(
    """
    UPDATE registre.fusion SET avant = NULL
     WHERE session = :session AND avant IS NOT NULL AND etat = 'TERMINEE'
       AND demandee_le < now() - make_interval(days => :jours)
    """
)


async def photographier(tx: AsyncConnection, session: int, perdant: str, survivant: str) -> None:
    """Keep the rows of both as they are, with the merge."""
    await tx.execute(_PHOTO, {"session": session, "perdant": perdant, "survivant": survivant})


async def oublier(engine: AsyncEngine, settings: IngestSettings) -> None:
    """What can no longer be taken back is not kept."""
    valeurs = {"session": settings.session, "jours": settings.fusion_annulation_jours}
    async with engine.begin() as tx:
        await tx.execute(_OUBLIER, valeurs)


async def partager(tx: AsyncConnection, noms: Mapping[str, Any]) -> None:
    """``noms``: ``session``, ``perdant`` and ``survivant`` as merged, ``un`` and ``autre``: their new ids."""
    for table, cle in CLES.items():
        for requete in _partage(table, cle):
            await tx.execute(text(requete), noms)
    await tx.execute(_A_REDIRE, noms)


_A_REDIRE = text(
    """
    UPDATE registre.eleve_connu SET scolarite = NULL
     WHERE session = :session AND eleve_id IN (CAST(:un AS uuid), CAST(:autre AS uuid))
    """
)


def _photo(table: str, qui: str) -> str:
    return (
        f"SELECT r.* FROM registre.fusion f, jsonb_populate_recordset(NULL::registre.{table},"
        f" f.avant -> '{table}' -> '{qui}') r WHERE f.session = :session AND f.perdant = CAST(:perdant AS uuid)"
    )


def _partage(table: str, cle: tuple[str, ...]) -> list[str]:
    """To ``un`` what was the loser's alone, the rest to ``autre``; then to ``un`` his own of what both had."""
    meme = " AND ".join(f"p.{champ} = r.{champ}" for champ in cle) or "true"
    seul = f"EXISTS (SELECT 1 FROM ({_photo(table, 'perdant')}) p WHERE {meme})"
    if table in PAR_ELEVE:
        seul += f" AND NOT EXISTS (SELECT 1 FROM ({_photo(table, 'survivant')}) p WHERE {meme})"
    ici = "r.session = :session AND r.eleve_id = CAST(:survivant AS uuid)"
    requetes = [
        f"UPDATE registre.{table} r SET eleve_id = CAST(:un AS uuid) WHERE {ici} AND {seul}",
        f"UPDATE registre.{table} r SET eleve_id = CAST(:autre AS uuid) WHERE {ici}",
    ]
    if table in PAR_ELEVE:
        rendues = f"SELECT to_jsonb(p) || jsonb_build_object('eleve_id', CAST(:un AS text)) FROM ({_photo(table, 'perdant')}) p"
        requetes.append(
            f"INSERT INTO registre.{table} SELECT r.* FROM ({rendues}) AS s(ligne),"
            f" jsonb_populate_record(NULL::registre.{table}, s.ligne) r ON CONFLICT DO NOTHING"
        )
    return requetes
