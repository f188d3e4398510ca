"""SQL of what a lycée says of itself: structures, tables, and the version of each file."""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.structures.brut import Entree, Liste
from services.ingest.structures.domain import StructuresTriees, Tables


class FichierConnu(NamedTuple):
    """The last file of its kind: HORODATAGE µs (or what was published), hash of what it said."""

    version: int
    empreinte: bytes


_CONNU = text(
    """
    SELECT version, empreinte FROM registre.fichier_lycee
     WHERE session = :session AND uai = :uai AND genre = :genre FOR UPDATE
    """
)
_RETENIR = text(
    """
    INSERT INTO registre.fichier_lycee (session, uai, genre, version, empreinte)
    VALUES (:session, :uai, :genre, :version, :empreinte)
    ON CONFLICT (session, uai, genre) DO UPDATE SET version = excluded.version, empreinte = excluded.empreinte
    """
)
_OUBLIER_STRUCTURES = text("DELETE FROM registre.structure WHERE session = :session AND uai = :uai")
_ECRIRE_STRUCTURES = text(
    """
    INSERT INTO registre.structure (session, uai, genre, code, libelle, contrat, mefs, divisions)
    SELECT :session, :uai, s.genre, s.code, s.libelle, s.contrat, s.mefs, s.divisions
      FROM jsonb_to_recordset(CAST(:structures AS jsonb))
           AS s(genre text, code text, libelle text, contrat text, mefs jsonb, divisions jsonb)
    """
)
_OUBLIER_LISTES = text(
    "DELETE FROM registre.nomenclature WHERE session = :session AND uai = :uai AND liste = ANY(CAST(:listes AS text[]))"
)
_ECRIRE_LISTES = text(
    """
    INSERT INTO registre.nomenclature (session, uai, liste, code, libelle, rattachement, detail)
    SELECT :session, :uai, n.liste, n.code, n.libelle, n.rattachement, n.detail
      FROM jsonb_to_recordset(CAST(:entrees AS jsonb))
           AS n(liste text, code text, libelle text, rattachement text, detail jsonb)
    """
)
_MEFS = text(
    """
    SELECT uai, code, coalesce(nullif(rattachement, ''), code) AS rattachement FROM registre.nomenclature
     WHERE session = :session AND uai = ANY(CAST(:uais AS text[])) AND liste = 'MEF'
    """
)
_MATIERES = text(
    """
    SELECT uai, code, coalesce(nullif(rattachement, ''), code) AS rattachement, detail ->> 'CODE_GESTION' AS gestion
      FROM registre.nomenclature
     WHERE session = :session AND uai = ANY(CAST(:uais AS text[])) AND liste = 'MATIERE'
    """
)
_DIVISIONS = text(
    "SELECT uai, code, mefs FROM registre.structure"
    " WHERE session = :session AND uai = ANY(CAST(:uais AS text[])) AND genre = 'D'"
)


async def connu(tx: AsyncConnection, session: int, uai: str, genre: str) -> FichierConnu | None:
    """Locked until the end of ``tx``."""
    ligne = (await tx.execute(_CONNU, {"session": session, "uai": uai, "genre": genre})).first()
    return FichierConnu(*ligne) if ligne else None


async def retenir(tx: AsyncConnection, session: int, uai: str, genre: str, fichier: FichierConnu) -> None:
    await tx.execute(_RETENIR, {"session": session, "uai": uai, "genre": genre, **fichier._asdict()})


async def ecrire_structures(tx: AsyncConnection, session: int, uai: str, tri: StructuresTriees) -> None:
    """All of them: what the file no longer says is no more."""
    lignes = [{"genre": "D", "divisions": [], **division.model_dump()} for division in tri.divisions]
    lignes += [{"genre": "G", **groupe.model_dump()} for groupe in tri.groupes]
    await tx.execute(_OUBLIER_STRUCTURES, {"session": session, "uai": uai})
    await tx.execute(_ECRIRE_STRUCTURES, {"session": session, "uai": uai, "structures": json.dumps(lignes)})


async def ecrire_listes(
    tx: AsyncConnection, session: int, uai: str, listes: Sequence[Liste], entrees: Sequence[Entree]
) -> None:
    """The tables that the file says, whole."""
    lignes = [
        {
            "liste": entree.liste,
            "code": entree.code,
            "libelle": entree.libelle,
            "rattachement": entree.rattachement,
            "detail": dict(entree.detail),
        }
        for entree in entrees
    ]
    await tx.execute(_OUBLIER_LISTES, {"session": session, "uai": uai, "listes": list(listes)})
    await tx.execute(_ECRIRE_LISTES, {"session": session, "uai": uai, "entrees": json.dumps(lignes)})


async def tables(tx: AsyncConnection, session: int, uais: Collection[str]) -> dict[str, Tables]:
    """By UAI, what the lycée's own files say of MEF, matières and divisions."""
    lycees = {"session": session, "uais": list(uais)}
    mefs: dict[str, dict[str, str]] = {uai: {} for uai in uais}
    matieres: dict[str, dict[str, str]] = {uai: {} for uai in uais}
    gestions: dict[str, dict[str, str]] = {uai: {} for uai in uais}
    divisions: dict[str, dict[str, Sequence[str]]] = {uai: {} for uai in uais}
    for uai, code, rattachement in await tx.execute(_MEFS, lycees):
        mefs[uai][code] = rattachement
    for uai, code, rattachement, gestion in await tx.execute(_MATIERES, lycees):
        matieres[uai][code] = rattachement
        if gestion:
            gestions[uai][gestion] = code
    for uai, code, de_la_division in await tx.execute(_DIVISIONS, lycees):
        divisions[uai][code] = tuple(de_la_division)
    return {uai: Tables(mefs[uai], matieres[uai], gestions[uai], divisions[uai]) for uai in uais}
