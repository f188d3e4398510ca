"""SQL of what each lycée says of its pupils, and of what was last published of them."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Inscrite(NamedTuple):
    """A pupil as one lycée last told him. ``contenu``: JSON of EleveRemonte without id and version."""

    uai: str
    date_entree: date | None
    date_sortie: date | None
    version: int
    contenu: bytes


class Connu(NamedTuple):
    """What was last published: hashes and versions; the lycée of the effective scolarité."""

    uai: str | None = None
    identite: bytes | None = None
    identite_version: int = -1
    scolarite: bytes | None = None
    scolarite_version: int = -1


_LIRE = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, date_entree, date_sortie, version, contenu FROM registre.scolarite
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_CONNUS = text(
    """
    SELECT eleve_id::text AS eleve_id, uai, identite, identite_version, scolarite, scolarite_version
      FROM registre.eleve_connu WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_ECRIRE = text(
    """
    INSERT INTO registre.scolarite (session, eleve_id, uai, date_entree, date_sortie, version, contenu)
    SELECT :session, i, u, e, s, v, c
      FROM unnest(CAST(:ids AS uuid[]), CAST(:uais AS text[]), CAST(:entrees AS date[]),
                  CAST(:sorties AS date[]), CAST(:versions AS bigint[]), CAST(:contenus AS bytea[]))
           AS t(i, u, e, s, v, c)
     ORDER BY i
    ON CONFLICT (session, eleve_id, uai) DO UPDATE
       SET date_entree = excluded.date_entree, date_sortie = excluded.date_sortie,
           version = excluded.version, contenu = excluded.contenu
    """
)
_RETENIR = text(
    """
    INSERT INTO registre.eleve_connu
           (session, eleve_id, import_id, uai, identite, identite_version, scolarite, scolarite_version)
    SELECT :session, i, CAST(:import_id AS uuid), u, ih, iv, sh, sv
      FROM unnest(CAST(:ids AS uuid[]), CAST(:uais AS text[]), CAST(:identites AS bytea[]),
                  CAST(:identite_versions AS bigint[]), CAST(:scolarites AS bytea[]),
                  CAST(:scolarite_versions AS bigint[])) AS t(i, u, ih, iv, sh, sv)
     ORDER BY i
    ON CONFLICT (session, eleve_id) DO UPDATE
       SET import_id = excluded.import_id, uai = excluded.uai,
           identite = excluded.identite, identite_version = excluded.identite_version,
           scolarite = excluded.scolarite, scolarite_version = excluded.scolarite_version
    """
)
_DU_LYCEE = text(
    "SELECT eleve_id::text FROM registre.scolarite WHERE session = :session AND uai = :uai AND date_sortie IS NULL"
)


async def lire(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, dict[str, Inscrite]]:
    """eleve_id → UAI → what that lycée says."""
    trouvees: dict[str, dict[str, Inscrite]] = {}
    for eleve_id, *reste in (await tx.execute(_LIRE, {"session": session, "ids": list(ids)})).all():
        inscrite = Inscrite(*reste)
        trouvees.setdefault(eleve_id, {})[inscrite.uai] = inscrite
    return trouvees


async def connus(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, Connu]:
    lignes = (await tx.execute(_CONNUS, {"session": session, "ids": list(ids)})).all()
    return {eleve_id: Connu(*reste) for eleve_id, *reste in lignes}


async def ecrire(tx: AsyncConnection, session: int, inscrites: Mapping[str, Inscrite]) -> None:
    lignes = list(inscrites.values())
    if lignes:
        await tx.execute(
            _ECRIRE,
            {
                "session": session,
                "ids": list(inscrites),
                "uais": [ligne.uai for ligne in lignes],
                "entrees": [ligne.date_entree for ligne in lignes],
                "sorties": [ligne.date_sortie for ligne in lignes],
                "versions": [ligne.version for ligne in lignes],
                "contenus": [ligne.contenu for ligne in lignes],
            },
        )


async def retenir(tx: AsyncConnection, session: int, import_id: str, changes: Mapping[str, Connu]) -> None:
    lignes = list(changes.values())
    if lignes:
        await tx.execute(
            _RETENIR,
            {
                "session": session,
                "import_id": import_id,
                "ids": list(changes),
                "uais": [ligne.uai for ligne in lignes],
                "identites": [ligne.identite for ligne in lignes],
                "identite_versions": [ligne.identite_version for ligne in lignes],
                "scolarites": [ligne.scolarite for ligne in lignes],
                "scolarite_versions": [ligne.scolarite_version for ligne in lignes],
            },
        )


async def du_lycee(tx: AsyncConnection, session: int, uai: str) -> set[str]:
    """Pupils whom the lycée has said to be there."""
    return set((await tx.execute(_DU_LYCEE, {"session": session, "uai": uai})).scalars())
