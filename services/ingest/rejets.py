"""Rejected lines in their table: kept until they are corrected and replayed, replaced or given up.

The raw line is nominative: operators only, never logged, erased when settled.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.compte_rendu import Ligne, masquer

_ECRIRE = text(
    """
    INSERT INTO registre.import_rejet
           (import_id, rang, session, nature, uai, code, phrase, ine, eleve_siecle, brut)
    SELECT CAST(:import_id AS uuid), r, :session, :nature, :uai, c, p, i, s, b
      FROM unnest(CAST(:rangs AS bigint[]), CAST(:codes AS text[]), CAST(:phrases AS text[]),
                  CAST(:ines AS text[]), CAST(:eleves AS text[]), CAST(:bruts AS bytea[]))
           AS t(r, c, p, i, s, b)
    ON CONFLICT (import_id, rang) DO NOTHING
    """
)
_REJETER_ENCORE = text(
    """
    UPDATE registre.import_rejet AS r
       SET etat = 'A_TRAITER', essais = essais + 1, code = t.c, phrase = t.p, modifie_le = now(),
           rejoue_par = NULL, rejoue_rang = NULL
      FROM unnest(CAST(:rangs AS bigint[]), CAST(:codes AS text[]), CAST(:phrases AS text[])) AS t(r, c, p)
     WHERE r.rejoue_par = CAST(:import_id AS uuid) AND r.rejoue_rang = t.r
    """
)
_SITUER = text(
    "UPDATE registre.import_rejet SET uai = :uai WHERE import_id = CAST(:import_id AS uuid) AND uai IS NULL"
)
_REMPLACER = text(
    """
    UPDATE registre.import_rejet SET etat = 'REMPLACE', brut = NULL, corrige = NULL, modifie_le = now()
     WHERE session = :session AND nature = :nature AND etat = 'A_TRAITER'
       AND (uai = ANY(CAST(:uais AS text[])) OR :sans_lycee AND uai IS NULL)
       AND import_id IN (SELECT id FROM registre.import
                          WHERE session = :session AND nature = :nature
                            AND (uai = ANY(CAST(:uais AS text[])) AND version IS NOT NULL
                                 OR :sans_lycee AND uai IS NULL)
                            AND id <> ALL(CAST(:ids AS uuid[])))
    """
)
_REGLER = text(
    """
    UPDATE registre.import_rejet SET etat = 'REJOUE', brut = NULL, corrige = NULL, modifie_le = now()
     WHERE rejoue_par = ANY(CAST(:ids AS uuid[])) AND etat = 'REJEU'
    """
)
_RENDRE = text(
    """
    UPDATE registre.import_rejet
       SET etat = 'A_TRAITER', rejoue_par = NULL, rejoue_rang = NULL, modifie_le = now()
     WHERE rejoue_par = CAST(:import_id AS uuid) AND etat = 'REJEU'
    """
)
_COLONNES = (
    "CAST(import_id AS text) AS import_id, rang, nature, uai, code, phrase, ine, eleve_siecle, etat, essais,"
    " brut IS NOT NULL AS rejouable, corrige IS NOT NULL AS corrige, CAST(rejoue_par AS text) AS rejoue_par,"
    " rejete_le, modifie_le"
)
_LISTER = text(
    f"""
    SELECT {_COLONNES} FROM registre.import_rejet
     WHERE session = :session AND etat = :etat
       AND (CAST(:nature AS text) IS NULL OR nature = :nature)
       AND (CAST(:code AS text) IS NULL OR code = :code)
       AND (CAST(:import_id AS uuid) IS NULL OR import_id = CAST(:import_id AS uuid))
       AND (import_id, rang) > (CAST(:apres_import AS uuid), :apres_rang)
     ORDER BY registre.import_rejet.import_id, rang LIMIT :limite
    """
)
_LIRE = text(
    f"""
    SELECT {_COLONNES}, coalesce(corrige, brut) AS valeur FROM registre.import_rejet
     WHERE session = :session AND import_id = CAST(:import_id AS uuid) AND rang = :rang
    """
)
_CORRIGER = text(
    """
    UPDATE registre.import_rejet SET corrige = :valeur, modifie_le = now()
     WHERE session = :session AND import_id = CAST(:import_id AS uuid) AND rang = :rang
       AND etat = 'A_TRAITER' AND brut IS NOT NULL
    """
)
_A_REJOUER = text(
    """
    SELECT rang, coalesce(corrige, brut) AS valeur FROM registre.import_rejet
     WHERE session = :session AND import_id = CAST(:import_id AS uuid) AND etat = 'A_TRAITER'
       AND brut IS NOT NULL AND (CAST(:rangs AS bigint[]) IS NULL OR rang = ANY(CAST(:rangs AS bigint[])))
     ORDER BY rang LIMIT :limite FOR UPDATE
    """
)
_REJOUER = text(
    """
    UPDATE registre.import_rejet AS r
       SET etat = 'REJEU', rejoue_par = CAST(:rejeu AS uuid), rejoue_rang = t.n, modifie_le = now()
      FROM unnest(CAST(:rangs AS bigint[])) WITH ORDINALITY AS t(rang, n)
     WHERE r.import_id = CAST(:import_id AS uuid) AND r.rang = t.rang
    """
)
_TOUT_REJOUER = text(
    """
    UPDATE registre.import_rejet SET etat = 'REJEU', rejoue_par = CAST(:rejeu AS uuid), rejoue_rang = rang,
           modifie_le = now()
     WHERE session = :session AND import_id = CAST(:import_id AS uuid) AND etat = 'A_TRAITER'
    """
)
_PLUS_RECENT = text(
    """
    SELECT EXISTS (SELECT 1 FROM registre.import o JOIN registre.import p ON p.session = o.session
                     AND p.nature = o.nature AND p.uai IS NOT DISTINCT FROM o.uai
                     AND (p.version IS NULL) = (o.version IS NULL)
                    WHERE o.session = :session AND o.id = CAST(:import_id AS uuid) AND p.rejeu_de IS NULL
                      AND p.etat = 'TERMINE' AND p.depose_le > o.depose_le)
    """
)
_EN_ATTENTE = text(
    "SELECT DISTINCT import_id::text FROM registre.import_rejet WHERE session = :session AND etat = 'A_TRAITER'"
)
_ABANDONNER = text(
    """
    UPDATE registre.import_rejet SET etat = 'ABANDONNE', brut = NULL, corrige = NULL, modifie_le = now()
     WHERE session = :session AND import_id = CAST(:import_id AS uuid) AND etat = 'A_TRAITER'
       AND (CAST(:rangs AS bigint[]) IS NULL OR rang = ANY(CAST(:rangs AS bigint[])))
    """
)
_ZERO = "00000000-0000-0000-0000-000000000000"


async def ecrire(tx: AsyncConnection, recu: Any, rejets: Mapping[int, Ligne]) -> None:
    """Keep the rejects of the import ``recu`` by rang; those of a replay go back to where they were."""
    if not rejets:
        return
    lignes = list(rejets.values())
    communs = {
        "import_id": recu.id,
        "rangs": list(rejets),
        "codes": [ligne.code for ligne in lignes],
        "phrases": [ligne.phrase for ligne in lignes],
    }
    if recu.rejeu_de is not None:
        await tx.execute(_REJETER_ENCORE, communs)
        return
    await tx.execute(
        _ECRIRE,
        {
            **communs,
            "session": recu.session,
            "nature": recu.nature,
            "uai": recu.uai,
            "ines": [masquer(ligne.ine) for ligne in lignes],
            "eleves": [ligne.eleve_siecle for ligne in lignes],
            "bruts": [ligne.brut for ligne in lignes],
        },
    )


async def remplacer(
    tx: AsyncConnection, session: int, nature: str, fichiers: Mapping[str, str | None]
) -> None:
    """Whole new files (import → lycée or none) are there: the rejects of those before them are settled."""
    valeurs = {
        "session": session,
        "nature": nature,
        "ids": list(fichiers),
        "uais": [uai for uai in fichiers.values() if uai],
        "sans_lycee": None in fichiers.values(),
    }
    await tx.execute(_REMPLACER, valeurs)


async def situer(tx: AsyncConnection, import_id: str, uai: str) -> None:
    """The lycée of the rejects, which the deposit may not have said."""
    await tx.execute(_SITUER, {"import_id": import_id, "uai": uai})


async def regler(tx: AsyncConnection, ids: Collection[str]) -> None:
    """The replays are published: what they replayed is erased."""
    await tx.execute(_REGLER, {"ids": list(ids)})


async def rendre(tx: AsyncConnection, import_id: str) -> None:
    """The replay did not come to its end: its rejects wait again."""
    await tx.execute(_RENDRE, {"import_id": import_id})


async def lister(
    tx: AsyncConnection,
    session: int,
    *,
    etat: str = "A_TRAITER",
    nature: str | None = None,
    code: str | None = None,
    import_id: str | None = None,
    apres: tuple[str, int] | None = None,
    limite: int = 100,
) -> list[dict[str, Any]]:
    """Rejects by import and rang, without their raw line."""
    apres_import, apres_rang = apres or (_ZERO, -1)
    valeurs = {
        "session": session,
        "etat": etat,
        "nature": nature,
        "code": code,
        "import_id": import_id,
        "apres_import": apres_import,
        "apres_rang": apres_rang,
        "limite": limite,
    }
    return [dict(ligne) for ligne in (await tx.execute(_LISTER, valeurs)).mappings()]


async def lire(tx: AsyncConnection, session: int, import_id: str, rang: int) -> dict[str, Any] | None:
    """One reject; ``valeur``: its line as corrected, else as received, nominative."""
    valeurs = {"session": session, "import_id": import_id, "rang": rang}
    lue = (await tx.execute(_LIRE, valeurs)).mappings().one_or_none()
    return None if lue is None else dict(lue)


async def corriger(tx: AsyncConnection, session: int, import_id: str, rang: int, valeur: bytes) -> bool:
    """Whether there was such a reject to mend."""
    valeurs = {"session": session, "import_id": import_id, "rang": rang, "valeur": valeur}
    return (await tx.execute(_CORRIGER, valeurs)).rowcount == 1


async def a_rejouer(
    tx: AsyncConnection, session: int, import_id: str, rangs: Sequence[int] | None, limite: int
) -> list[tuple[int, bytes]]:
    """Rang and line of those that can be replayed, locked until the end of the transaction."""
    valeurs = {
        "session": session,
        "import_id": import_id,
        "rangs": None if rangs is None else list(rangs),
        "limite": limite,
    }
    return [(ligne.rang, ligne.valeur) for ligne in await tx.execute(_A_REJOUER, valeurs)]


async def rejouer(tx: AsyncConnection, import_id: str, rejeu: str, rangs: Sequence[int]) -> None:
    """Say that the import ``rejeu`` holds them, in this order."""
    await tx.execute(_REJOUER, {"import_id": import_id, "rejeu": rejeu, "rangs": list(rangs)})


async def tout_rejouer(tx: AsyncConnection, session: int, import_id: str, rejeu: str) -> int:
    """Say that ``rejeu`` takes the whole file again: its lines keep their rang. How many wait for it."""
    valeurs = {"session": session, "import_id": import_id, "rejeu": rejeu}
    return (await tx.execute(_TOUT_REJOUER, valeurs)).rowcount


async def depasse(tx: AsyncConnection, session: int, import_id: str) -> bool:
    """A later file of the same kind was taken: this one would undo what it says."""
    valeurs = {"session": session, "import_id": import_id}
    return bool((await tx.execute(_PLUS_RECENT, valeurs)).scalar_one())


async def imports_en_attente(tx: AsyncConnection, session: int) -> set[str]:
    """Imports that have lines to be dealt with."""
    return set((await tx.execute(_EN_ATTENTE, {"session": session})).scalars())


async def abandonner(tx: AsyncConnection, session: int, import_id: str, rangs: Sequence[int] | None) -> int:
    valeurs = {
        "session": session,
        "import_id": import_id,
        "rangs": None if rangs is None else list(rangs),
    }
    return (await tx.execute(_ABANDONNER, valeurs)).rowcount
