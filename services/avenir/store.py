"""SQL of the service avenir, in sets. The row of a pupil in ``eleve`` is the lock of his fiche and avis."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.avenir.domain import Avis, Fiche, cibles
from shared.domaine.etat import EtatEleve, decoder, encoder
from shared.events.modeles import Capacite
from shared.http.perimetre import SES_CLASSES, Perimetre, portee
from shared.kafka.projection import Changement


class FicheLue(NamedTuple):
    """A fiche as stored, and the cibles of the pupil that have an avis."""

    fiche: Fiche
    rendus: frozenset[str]


_FICHES = text(
    """
    SELECT e.eleve_id::text, coalesce(e.fiche_version, 0) AS version, coalesce(e.avis_rendus, 0) AS avis_rendus,
           coalesce(cardinality(e.cibles), 0) AS cibles,
           ARRAY(SELECT a.cible FROM registre.avis a
                  WHERE a.session = n.session AND a.eleve_id = e.eleve_id AND a.capacite IS NOT NULL) AS rendus
      FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS smallint[])) AS n(eleve_id, session)
      JOIN eleve e ON e.eleve_id = n.eleve_id
    """
)
_ECRIRE = text(
    """
    UPDATE eleve e
       SET etat = n.etat, session = n.session, uai = n.uai, classe = n.classe, serie = n.serie,
           cibles = string_to_array(n.cibles, ' '), avis_rendus = n.avis_rendus, fiche_version = n.version
      FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS bytea[]), CAST(:sessions AS smallint[]),
                  CAST(:uais AS text[]), CAST(:classes AS text[]), CAST(:series AS text[]),
                  CAST(:cibles AS text[]), CAST(:avis_rendus AS smallint[]), CAST(:versions AS integer[]))
           AS n(eleve_id, etat, session, uai, classe, serie, cibles, avis_rendus, version)
     WHERE e.eleve_id = n.eleve_id
    """
)
_ECRIRE_FICHES = text(
    """
    UPDATE eleve e SET avis_rendus = n.avis_rendus, fiche_version = n.version
      FROM unnest(CAST(:ids AS uuid[]), CAST(:avis_rendus AS smallint[]), CAST(:versions AS integer[]))
           AS n(eleve_id, avis_rendus, version)
     WHERE e.eleve_id = n.eleve_id
    """
)
_ELEVE = (
    "SELECT etat FROM eleve WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid)"
    f" AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}"
)
_AVIS = text(
    """
    SELECT cible, formation_id, capacite, version, auteur, modifie_le FROM registre.avis
     WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid) ORDER BY cible
    """
)
_ENREGISTRER = text(
    """
    WITH n AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:cibles AS text[]), CAST(:formations AS text[]),
            CAST(:capacites AS text[]), CAST(:versions AS integer[]), CAST(:auteurs AS text[]),
            CAST(:les AS timestamptz[]), CAST(:avants AS jsonb[]), CAST(:apres AS jsonb[]))
          AS n(eleve_id, cible, formation_id, capacite, version, auteur, le, avant, apres)),
    trace AS (
        INSERT INTO registre.avis_historique (session, eleve_id, cible, version, avant, apres, auteur, le)
        SELECT :session, eleve_id, cible, version, avant, apres, auteur, le FROM n)
    INSERT INTO registre.avis (session, eleve_id, cible, formation_id, capacite, version, auteur, modifie_le)
    SELECT :session, eleve_id, cible, formation_id, capacite, version, auteur, le FROM n
    ON CONFLICT (session, eleve_id, cible) DO UPDATE
       SET formation_id = excluded.formation_id, capacite = excluded.capacite, version = excluded.version,
           auteur = excluded.auteur, modifie_le = excluded.modifie_le
    """
)


@dataclass(frozen=True, slots=True)
class AvisSaisi:
    """A new state of an avis, and the one it replaces."""

    eleve_id: str
    avant: Avis | None
    apres: Avis


async def fiches(tx: AsyncConnection, sessions: Mapping[str, int]) -> dict[str, FicheLue]:
    """Fiches of pupils whose rows are locked, by id. ``sessions``: the session of each."""
    rows = await tx.execute(_FICHES, {"ids": list(sessions), "sessions": list(sessions.values())})
    return {
        row.eleve_id: FicheLue(Fiche(row.version, row.avis_rendus, row.cibles), frozenset(row.rendus))
        for row in rows
    }


async def ecrire(tx: AsyncConnection, changements: Sequence[Changement], fiches: Mapping[str, Fiche]) -> None:
    """Write the folded pupils with their fiche."""
    scolarites = [c.apres.scolarite for c in changements]
    await tx.execute(
        _ECRIRE,
        {
            "ids": [c.eleve_id for c in changements],
            "etats": [encoder(c.apres) for c in changements],
            "sessions": [c.apres.session for c in changements],
            "uais": [s and s.uai for s in scolarites],
            "classes": [s and s.classe for s in scolarites],
            "series": [s and s.serie.value for s in scolarites],
            "cibles": [" ".join(cibles(c.apres)) for c in changements],
            "avis_rendus": [fiches[c.eleve_id].avis_rendus for c in changements],
            "versions": [fiches[c.eleve_id].version for c in changements],
        },
    )


async def ecrire_fiches(tx: AsyncConnection, fiches: Mapping[str, Fiche]) -> None:
    """Write fiches that moved by their avis; the cibles are as they were."""
    await tx.execute(
        _ECRIRE_FICHES,
        {
            "ids": list(fiches),
            "avis_rendus": [fiche.avis_rendus for fiche in fiches.values()],
            "versions": [fiche.version for fiche in fiches.values()],
        },
    )


async def eleve(
    connection: AsyncConnection, perimetre: Perimetre, session: int, eleve_id: str, *, verrou: bool = False
) -> EtatEleve | None:
    """Folded state of a pupil of the caller's lycées, locked when asked; None for anybody else's."""
    requete = text(_ELEVE + (" FOR UPDATE" if verrou else ""))
    parametres = {"session": session, "eleve_id": eleve_id, **portee(perimetre)}
    brut = (await connection.execute(requete, parametres)).scalar()
    return decoder(brut) if brut else None


async def avis(connection: AsyncConnection, session: int, eleve_id: str) -> dict[str, Avis]:
    """Every avis of a pupil by cible, those of withdrawn vœux included."""
    rows = await connection.execute(_AVIS, {"session": session, "eleve_id": eleve_id})
    return {row.cible: _avis(row) for row in rows}


_AUTRES = text(
    """
    SELECT cible, capacite FROM registre.avis_reuni
     WHERE session = :session AND porteur = CAST(:eleve_id AS uuid) AND capacite IS NOT NULL ORDER BY origine
    """
)
_COMPARE = text(
    """
    UPDATE registre.avis_reuni SET capacite = NULL
     WHERE session = :session AND porteur = CAST(:eleve_id AS uuid) AND cible = :cible
    """
)


async def autres(connection: AsyncConnection, session: int, eleve_id: str) -> dict[str, Capacite]:
    """What another dossier of the same pupil said of a cible, when it said otherwise."""
    rows = await connection.execute(_AUTRES, {"session": session, "eleve_id": eleve_id})
    return {row.cible: Capacite(row.capacite) for row in rows}


async def comparer(tx: AsyncConnection, session: int, eleve_id: str, cible: str) -> None:
    """The chef decided anew: what the other dossier said is no longer shown."""
    await tx.execute(_COMPARE, {"session": session, "eleve_id": eleve_id, "cible": cible})


async def enregistrer(tx: AsyncConnection, session: int, saisis: Sequence[AvisSaisi]) -> None:
    """Write avis and their history. The pupils' rows are locked by the caller."""
    apres = [saisi.apres for saisi in saisis]
    await tx.execute(
        _ENREGISTRER,
        {
            "session": session,
            "ids": [saisi.eleve_id for saisi in saisis],
            "cibles": [a.cible for a in apres],
            "formations": [a.formation_id for a in apres],
            "capacites": [a.capacite for a in apres],
            "versions": [a.version for a in apres],
            "auteurs": [a.auteur for a in apres],
            "les": [a.modifie_le for a in apres],
            "avants": [saisi.avant and _contenu(saisi.avant) for saisi in saisis],
            "apres": [_contenu(a) for a in apres],
        },
    )


def _avis(row: Row[Any]) -> Avis:
    capacite = Capacite(row.capacite) if row.capacite else None
    return Avis(row.cible, row.formation_id, capacite, row.version, row.auteur, row.modifie_le)


def _contenu(avis: Avis) -> str:
    return json.dumps({"capacite": avis.capacite})


_RECOMPTER = """
    UPDATE projection_{nouvelle}.eleve n SET avis_rendus = r.rendus
      FROM (SELECT e.eleve_id, count(a.cible) AS rendus
              FROM projection_{nouvelle}.eleve e
              LEFT JOIN registre.avis a ON a.session = e.session AND a.eleve_id = e.eleve_id
                    AND a.capacite IS NOT NULL AND a.cible = ANY(e.cibles)
             WHERE e.cibles IS NOT NULL GROUP BY e.eleve_id) r
     WHERE r.eleve_id = n.eleve_id AND n.avis_rendus IS DISTINCT FROM r.rendus
"""
_DIFFERE = """
    (coalesce(n.avis_rendus, 0), coalesce(cardinality(n.cibles), 0))
    <> (coalesce(a.avis_rendus, 0), coalesce(cardinality(a.cibles), 0))
"""
_REPORTER = """
    UPDATE projection_{nouvelle}.eleve n
       SET fiche_version = coalesce(a.fiche_version, 0) + CASE WHEN {differe} THEN 1 ELSE 0 END
      FROM projection_{ancienne}.eleve a
     WHERE a.eleve_id = n.eleve_id AND n.cibles IS NOT NULL
"""
_CORRIGEES = """
    SELECT n.eleve_id::text, n.session, n.fiche_version AS version, n.avis_rendus, cardinality(n.cibles) AS cibles
      FROM projection_{nouvelle}.eleve n LEFT JOIN projection_{ancienne}.eleve a USING (eleve_id)
     WHERE n.cibles IS NOT NULL AND {differe}
     ORDER BY n.eleve_id
"""


class FicheCorrigee(NamedTuple):
    eleve_id: str
    session: int
    fiche: Fiche


async def reporter_versions(tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[FicheCorrigee]:
    """Give the new generation the versions of the old; returns the fiches that differ.

    The avis written while the rebuild ran are counted first: the rebuild did not see them.
    """
    noms = {"ancienne": ancienne, "nouvelle": nouvelle, "differe": _DIFFERE}
    await tx.execute(text(_RECOMPTER.format(**noms)))
    await tx.execute(text(_REPORTER.format(**noms)))
    rows = (await tx.execute(text(_CORRIGEES.format(**noms)))).all()
    return [
        FicheCorrigee(row.eleve_id, row.session, Fiche(row.version, row.avis_rendus, row.cibles))
        for row in rows
    ]
