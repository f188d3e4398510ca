"""SQL of the service eleves, in sets: the rows of the projection, one dossier, what a rebuild corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.domain import Situation, cle_de_classe, situation
from shared.domaine.etat import EtatEleve, decoder, encoder
from shared.domaine.listes import cle_de_tri
from shared.events.modeles import Statut
from shared.http.perimetre import Perimetre
from shared.kafka.projection import Changement

_COLONNES = {
    "etat": "bytea",
    "session": "smallint",
    "uai": "text",
    "present": "boolean",
    "classe": "text",
    "classe_tri": "text",
    "serie": "text",
    "nom": "text",
    "prenom": "text",
    "naissance": "date",
    "tri": "text",
    "boursier": "boolean",
    "inscrit": "boolean",
    "statut": "text",
    "voeux": "smallint",
    "voeux_confirmes": "smallint",
    "propositions": "smallint",
}
_ECRIRE = text(
    f"""
    UPDATE eleve e
       SET {", ".join(f"{c} = n.{c}" for c in _COLONNES)},
           statut_version = coalesce(e.statut_version, 0) + CASE WHEN n.nouvelle THEN 1 ELSE 0 END
      FROM unnest(CAST(:eleve_id AS uuid[]), CAST(:nouvelle AS boolean[]),
                  {", ".join(f"CAST(:{c} AS {t}[])" for c, t in _COLONNES.items())})
           AS n(eleve_id, nouvelle, {", ".join(_COLONNES)})
     WHERE e.eleve_id = n.eleve_id
    RETURNING e.eleve_id::text, e.statut_version
    """
)


async def ecrire(
    tx: AsyncConnection, changements: Sequence[Changement], nouvelles: frozenset[str]
) -> dict[str, int]:
    """Write the rows; the version of those in ``nouvelles`` is bumped. Returns versions by pupil."""
    lignes = [_ligne(c.apres) for c in changements]
    parametres: dict[str, list[Any]] = {c: [ligne[c] for ligne in lignes] for c in _COLONNES}
    parametres["eleve_id"] = [c.eleve_id for c in changements]
    parametres["nouvelle"] = [c.eleve_id in nouvelles for c in changements]
    rows = (await tx.execute(_ECRIRE, parametres)).all()
    return {row.eleve_id: row.statut_version for row in rows}


def _ligne(etat: EtatEleve) -> dict[str, Any]:
    scolarite, identite, dite = etat.scolarite, etat.identite, situation(etat)
    return {
        "etat": encoder(etat),
        "session": etat.session,
        "uai": scolarite and scolarite.uai,
        "present": etat.present if scolarite else None,
        "classe": scolarite and scolarite.classe,
        "classe_tri": scolarite and scolarite.classe and cle_de_classe(scolarite.classe),
        "serie": scolarite and scolarite.serie.value,
        "nom": identite and identite.nom,
        "prenom": identite and identite.prenom,
        "naissance": identite and identite.naissance,
        "tri": identite and cle_de_tri(identite.nom, identite.prenom),
        "boursier": scolarite and scolarite.boursier,
        "inscrit": etat.inscrit,
        "statut": dite and dite.statut.value,
        "voeux": dite and dite.voeux,
        "voeux_confirmes": dite and dite.voeux_confirmes,
        "propositions": dite and dite.propositions,
    }


async def dossier(
    connection: AsyncConnection, perimetre: Perimetre, session: int, eleve_id: str
) -> EtatEleve | None:
    """Folded state of a pupil of the caller's lycées; None for anybody else's."""
    requete = text(
        "SELECT etat FROM eleve WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid)"
        " AND uai = ANY(CAST(:lycees AS text[]))"
    )
    brut = (
        await connection.execute(
            requete, {"session": session, "eleve_id": eleve_id, "lycees": list(perimetre.lycees)}
        )
    ).scalar()
    return decoder(brut) if brut else None


@dataclass(frozen=True, slots=True)
class LigneCorrigee:
    eleve_id: str
    session: int
    situation: Situation
    version: int


_MEMES = "(n.statut, n.voeux, n.voeux_confirmes, n.propositions) IS NOT DISTINCT FROM"
_REPORTER = """
    UPDATE projection_{nouvelle}.eleve n
       SET statut_version = coalesce(a.statut_version, 0) + CASE WHEN {memes} THEN 0 ELSE 1 END
      FROM projection_{ancienne}.eleve a
     WHERE a.eleve_id = n.eleve_id AND n.statut IS NOT NULL
"""
_CORRIGES = """
    SELECT n.eleve_id::text, n.session, n.statut, n.voeux, n.voeux_confirmes, n.propositions, n.statut_version
      FROM projection_{nouvelle}.eleve n LEFT JOIN projection_{ancienne}.eleve a USING (eleve_id)
     WHERE n.statut IS NOT NULL AND (a.eleve_id IS NULL OR NOT {memes})
     ORDER BY n.eleve_id
"""


async def reporter_versions(tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[LigneCorrigee]:
    """Give the new generation the versions of the old; returns the pupils whose situation differs."""
    memes = f"{_MEMES} (a.statut, a.voeux, a.voeux_confirmes, a.propositions)"
    noms = {"ancienne": ancienne, "nouvelle": nouvelle, "memes": memes}
    await tx.execute(text(_REPORTER.format(**noms)))
    rows = (await tx.execute(text(_CORRIGES.format(**noms)))).all()
    return [
        LigneCorrigee(
            row.eleve_id,
            row.session,
            Situation(Statut(row.statut), row.voeux, row.voeux_confirmes, row.propositions),
            row.statut_version,
        )
        for row in rows
    ]
