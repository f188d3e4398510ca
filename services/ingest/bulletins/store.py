"""SQL of bulletins, graded classes and teachers: sets only."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.identity import Nature

Sujet = tuple[str, int, int]
"""(pupil, année, période): what one bulletin is about."""


class Connu(NamedTuple):
    """A bulletin as last published. ``empreinte`` None: to be published again."""

    uai: str
    classe: str
    version: int
    empreinte: bytes | None
    absent: bool


class Ecrit(NamedTuple):
    """A bulletin as it is published now."""

    classe: str
    decoupage: int
    version: int
    empreinte: bytes
    resume: bytes


_INSCRITS = text(
    """
    SELECT eleve_id::text FROM registre.scolarite WHERE session = :session AND uai = :uai
    UNION SELECT eleve_id::text FROM registre.scolarite_locale WHERE session = :session AND uai = :uai
    """
)
_AVEC_INE = text(
    """
    SELECT DISTINCT eleve_id::text FROM registre.alias
     WHERE session = :session AND nature = :nature AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_HOMONYMES = text(
    """
    SELECT homonyme, eleve_id::text AS eleve_id FROM registre.eleve_connu
     WHERE session = :session AND uai = :uai AND homonyme = ANY(CAST(:homonymes AS bytea[]))
    """
)
_LYCEES = text(
    """
    SELECT eleve_id::text AS eleve_id, uai FROM registre.eleve_connu
     WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_CONNUS = text(
    """
    SELECT eleve_id::text AS eleve_id, annee, periode, uai, classe, version, empreinte,
           absent_depuis IS NOT NULL AS absent
      FROM registre.bulletin
     WHERE session = :session AND (uai = :uai OR eleve_id = ANY(CAST(:ids AS uuid[])))
    """
)
_ECRIRE = text(
    """
    INSERT INTO registre.bulletin
           (session, eleve_id, annee, periode, uai, classe, decoupage, version, empreinte, import_id, resume)
    SELECT :session, i, a, p, :uai, c, d, v, e, CAST(:import_id AS uuid), r
      FROM unnest(CAST(:ids AS uuid[]), CAST(:annees AS smallint[]), CAST(:periodes AS smallint[]),
                  CAST(:classes AS text[]), CAST(:decoupages AS smallint[]), CAST(:versions AS bigint[]),
                  CAST(:empreintes AS bytea[]), CAST(:resumes AS bytea[])) AS t(i, a, p, c, d, v, e, r)
     ORDER BY i, a, p
    ON CONFLICT (session, eleve_id, annee, periode) DO UPDATE
       SET uai = excluded.uai, classe = excluded.classe, decoupage = excluded.decoupage,
           version = excluded.version, empreinte = excluded.empreinte, import_id = excluded.import_id,
           resume = excluded.resume, absent_depuis = NULL
     WHERE registre.bulletin.version < excluded.version
    """
)
_MARQUER = text(
    """
    UPDATE registre.bulletin AS b SET absent_depuis = :depuis
      FROM unnest(CAST(:ids AS uuid[]), CAST(:annees AS smallint[]), CAST(:periodes AS smallint[]))
           AS t(i, a, p)
     WHERE b.session = :session AND b.eleve_id = t.i AND b.annee = t.a AND b.periode = t.p
    """
)
_CLASSES = text(
    """
    INSERT INTO registre.classe_notee (session, uai, classe, decoupage)
    SELECT :session, :uai, c, d FROM unnest(CAST(:classes AS text[]), CAST(:decoupages AS smallint[])) AS t(c, d)
    ON CONFLICT (session, uai, classe) DO UPDATE SET decoupage = excluded.decoupage
    """
)
_ENSEIGNANTS = text(
    "SELECT version, empreinte FROM registre.enseignants WHERE session = :session AND uai = :uai"
)
_ECRIRE_ENSEIGNANTS = text(
    """
    INSERT INTO registre.enseignants (session, uai, version, empreinte, import_id, contenu)
    VALUES (:session, :uai, :version, :empreinte, CAST(:import_id AS uuid), :contenu)
    ON CONFLICT (session, uai) DO UPDATE
       SET version = excluded.version, empreinte = excluded.empreinte, import_id = excluded.import_id,
           contenu = excluded.contenu
    """
)
_DERNIERE = text(
    """
    SELECT max(version) FROM registre.import
     WHERE session = :session AND nature = 'BULLETINS' AND uai = :uai AND etat IN ('PUBLICATION', 'TERMINE')
       AND id <> CAST(:id AS uuid)
    """
)
_MATIERES = text(
    "SELECT code FROM registre.nomenclature WHERE session = :session AND uai = :uai AND liste = 'MATIERE'"
)


async def inscrits(tx: AsyncConnection, session: int, uai: str) -> set[str]:
    """Pupils whom the lycée has or had, by its files or its own entries."""
    return set((await tx.execute(_INSCRITS, {"session": session, "uai": uai})).scalars())


async def avec_ine(tx: AsyncConnection, session: int, ids: Collection[str]) -> set[str]:
    valeurs = {"session": session, "nature": Nature.INE.value, "ids": list(ids)}
    return set((await tx.execute(_AVEC_INE, valeurs)).scalars())


async def homonymes(
    tx: AsyncConnection, session: int, uai: str, empreintes: Collection[bytes]
) -> dict[bytes, str]:
    """HMAC of name, first name and birth date → pupil of the lycée."""
    valeurs = {"session": session, "uai": uai, "homonymes": list(empreintes)}
    lignes = (await tx.execute(_HOMONYMES, valeurs)).all()
    return {ligne.homonyme: ligne.eleve_id for ligne in lignes}


async def lycees(tx: AsyncConnection, session: int, ids: Collection[str]) -> dict[str, str]:
    """Pupil → UAI of his effective scolarité."""
    lignes = (await tx.execute(_LYCEES, {"session": session, "ids": list(ids)})).all()
    return {ligne.eleve_id: ligne.uai for ligne in lignes}


async def connus(tx: AsyncConnection, session: int, uai: str, ids: Collection[str]) -> dict[Sujet, Connu]:
    """Bulletins of the lycée and of ``ids``, as last published."""
    lignes = (await tx.execute(_CONNUS, {"session": session, "uai": uai, "ids": list(ids)})).all()
    return {(eleve_id, annee, periode): Connu(*reste) for eleve_id, annee, periode, *reste in lignes}


async def ecrire(
    tx: AsyncConnection, session: int, uai: str, import_id: str, ecrits: Mapping[Sujet, Ecrit]
) -> None:
    lignes = list(ecrits.values())
    if lignes:
        await tx.execute(
            _ECRIRE,
            {
                "session": session,
                "uai": uai,
                "import_id": import_id,
                **_sujets(ecrits),
                "classes": [ligne.classe for ligne in lignes],
                "decoupages": [ligne.decoupage for ligne in lignes],
                "versions": [ligne.version for ligne in lignes],
                "empreintes": [ligne.empreinte for ligne in lignes],
                "resumes": [ligne.resume for ligne in lignes],
            },
        )


async def marquer(
    tx: AsyncConnection, session: int, sujets: Collection[Sujet], depuis: datetime | None
) -> None:
    """Sent again without the pupil; None: he is there again."""
    if sujets:
        await tx.execute(_MARQUER, {"session": session, "depuis": depuis, **_sujets(sujets)})


def _sujets(sujets: Collection[Sujet]) -> dict[str, Any]:
    return {
        "ids": [sujet[0] for sujet in sujets],
        "annees": [sujet[1] for sujet in sujets],
        "periodes": [sujet[2] for sujet in sujets],
    }


async def retenir_classes(tx: AsyncConnection, session: int, uai: str, decoupages: Mapping[str, int]) -> None:
    valeurs = {"classes": list(decoupages), "decoupages": list(decoupages.values())}
    await tx.execute(_CLASSES, {"session": session, "uai": uai, **valeurs})


async def enseignants(tx: AsyncConnection, session: int, uai: str) -> tuple[int, bytes | None] | None:
    """Version and hash of what was last published of the lycée's teachers."""
    ligne = (await tx.execute(_ENSEIGNANTS, {"session": session, "uai": uai})).one_or_none()
    return None if ligne is None else (ligne.version, ligne.empreinte)


async def ecrire_enseignants(
    tx: AsyncConnection,
    session: int,
    uai: str,
    import_id: str,
    *,
    version: int,
    empreinte: bytes,
    contenu: bytes,
) -> None:
    await tx.execute(
        _ECRIRE_ENSEIGNANTS,
        {
            "session": session,
            "uai": uai,
            "import_id": import_id,
            "version": version,
            "empreinte": empreinte,
            "contenu": contenu,
        },
    )


async def derniere_version(tx: AsyncConnection, session: int, uai: str, import_id: str) -> int | None:
    """Latest day of creation of an accepted file of the lycée, µs, this import left out."""
    found = (await tx.execute(_DERNIERE, {"session": session, "uai": uai, "id": import_id})).scalar_one()
    return None if found is None else int(found)


async def matieres(tx: AsyncConnection, session: int, uai: str) -> set[str]:
    """Codes matière of the lycée's own Nomenclature; empty when it sent none."""
    return set((await tx.execute(_MATIERES, {"session": session, "uai": uai})).scalars())
