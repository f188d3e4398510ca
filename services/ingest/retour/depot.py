"""SQL of the projection of the way back: what is folded, in sets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.retour.domain import Objet
from shared.db.tables import projection_schema

_CHAMPS = (
    "session", "version", "contenu", "concerne", "depuis", "accuse_version", "accuse_sequence", "resultat",
)  # fmt: skip
_TYPES = {
    "session": "smallint", "version": "bigint", "contenu": "bytea", "concerne": "boolean", "depuis": "timestamptz",
    "accuse_version": "bigint", "accuse_sequence": "bigint", "resultat": "text", "acquitte": "boolean",
    "curseur": "bigint",
}  # fmt: skip


class Cle(NamedTuple):
    eleve_id: str
    objet: str


class Ligne(NamedTuple):
    """``curseur``: rank in the feed, None while it is not in it."""

    objet: Objet
    curseur: int | None


class Inscription(NamedTuple):
    """``depuis``: when the dossier was first recorded."""

    session: int
    depuis: datetime


_INSCRIRE = text(
    """
    INSERT INTO candidat AS c (eleve_id, session, depuis)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS smallint[]), CAST(:depuis AS timestamptz[]))
     ORDER BY 1
    ON CONFLICT (eleve_id) DO UPDATE SET depuis = excluded.depuis WHERE excluded.depuis < c.depuis
    RETURNING eleve_id::text AS eleve_id, xmax = 0 AS nouveau
    """
)
_CANDIDATS = text("SELECT eleve_id::text FROM candidat WHERE eleve_id = ANY(CAST(:ids AS uuid[]))")
_CHARGER = text(
    f"""
    SELECT eleve_id::text AS eleve_id, objet, curseur, {", ".join(_CHAMPS)} FROM retour
     WHERE eleve_id = ANY(CAST(:ids AS uuid[])) ORDER BY 1, 2 FOR UPDATE
    """
)
_COMPTEUR = text("INSERT INTO retour_compteur VALUES (true, 0) ON CONFLICT DO NOTHING")
_NUMEROTER = text("UPDATE retour_compteur SET dernier = dernier + :n RETURNING dernier")
_ECRIRE = text(
    f"""
    INSERT INTO retour (eleve_id, objet, {", ".join(_TYPES)})
    SELECT * FROM unnest(CAST(:eleve_id AS uuid[]), CAST(:objet AS text[]),
                         {", ".join(f"CAST(:{champ} AS {type_}[])" for champ, type_ in _TYPES.items())})
     ORDER BY 1, 2
    ON CONFLICT (eleve_id, objet)
    DO UPDATE SET {", ".join(f"{champ} = excluded.{champ}" for champ in _TYPES)}
    """
)


async def inscrire(tx: AsyncConnection, dossiers: Mapping[str, Inscription]) -> set[str]:
    """Remember who has a dossier; those who had none until now."""
    if not dossiers:
        return set()
    valeurs = {
        "ids": list(dossiers),
        "sessions": [dossier.session for dossier in dossiers.values()],
        "depuis": [dossier.depuis for dossier in dossiers.values()],
    }
    return {ligne.eleve_id for ligne in (await tx.execute(_INSCRIRE, valeurs)).all() if ligne.nouveau}


async def candidats(tx: AsyncConnection, ids: Sequence[str]) -> set[str]:
    return set((await tx.execute(_CANDIDATS, {"ids": list(ids)})).scalars()) if ids else set()


async def charger(tx: AsyncConnection, ids: Sequence[str]) -> dict[Cle, Ligne]:
    """Every object of these pupils, locked."""
    lignes = (await tx.execute(_CHARGER, {"ids": list(ids)})).mappings()
    return {
        Cle(ligne["eleve_id"], ligne["objet"]): Ligne(
            Objet(**{champ: ligne[champ] for champ in _CHAMPS}), ligne["curseur"]
        )
        for ligne in lignes
    }


async def ecrire(tx: AsyncConnection, lignes: Mapping[Cle, Ligne], a_numeroter: Sequence[Cle]) -> None:
    """Write the rows; those ``a_numeroter`` get the next cursors, in that order."""
    if not lignes:
        return
    curseurs = {cle: ligne.curseur for cle, ligne in lignes.items()}
    if a_numeroter:
        await tx.execute(_COMPTEUR)
        dernier = int((await tx.execute(_NUMEROTER, {"n": len(a_numeroter)})).scalar_one())
        curseurs |= {cle: dernier - len(a_numeroter) + rang for rang, cle in enumerate(a_numeroter, 1)}
    colonnes: dict[str, list[Any]] = {
        "eleve_id": [cle.eleve_id for cle in lignes],
        "objet": [cle.objet for cle in lignes],
        "curseur": [curseurs[cle] for cle in lignes],
    }
    for champ in (*_CHAMPS, "acquitte"):
        colonnes[champ] = [getattr(ligne.objet, champ) for ligne in lignes.values()]
    await tx.execute(_ECRIRE, colonnes)


async def reporter_curseurs(tx: AsyncConnection, ancienne: int, nouvelle: int) -> None:
    """A reader goes on with the cursor it has: what is equal keeps its place, what is new comes last."""
    a, n = projection_schema(ancienne), projection_schema(nouvelle)
    await tx.execute(text(f"UPDATE {n}.retour SET curseur = -curseur WHERE curseur IS NOT NULL"))
    await tx.execute(
        text(
            f"""
            UPDATE {n}.retour AS n SET curseur = a.curseur FROM {a}.retour AS a
             WHERE (n.eleve_id, n.objet) = (a.eleve_id, a.objet) AND n.curseur < 0 AND a.curseur > 0
               AND n.version = a.version AND n.contenu = a.contenu
            """
        )
    )
    await tx.execute(
        text(
            f"""
            WITH donne AS (SELECT coalesce(max(dernier), 0) AS dernier FROM {a}.retour_compteur)
            UPDATE {n}.retour AS n SET curseur = d.dernier + r.rang
              FROM donne d, (SELECT eleve_id, objet, row_number() OVER (ORDER BY curseur DESC) AS rang
                               FROM {n}.retour WHERE curseur < 0) AS r
             WHERE (n.eleve_id, n.objet) = (r.eleve_id, r.objet)
            """
        )
    )
    await tx.execute(
        text(
            f"""
            UPDATE {n}.retour_compteur SET dernier = greatest(
                (SELECT coalesce(max(dernier), 0) FROM {a}.retour_compteur),
                (SELECT coalesce(max(curseur), 0) FROM {n}.retour))
            """
        )
    )
