"""SQL of the service eleves, in sets. Every query starts from the session and the caller's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.domain import Situation, situation
from shared.domaine.etat import EtatEleve, decoder, encoder
from shared.domaine.listes import Liste, cle_de_tri
from shared.events.modeles import Statut
from shared.http.perimetre import Perimetre
from shared.kafka.projection import Changement

_COLONNES = {
    "etat": "bytea",
    "session": "smallint",
    "uai": "text",
    "present": "boolean",
    "classe": "text",
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
PREDICATS = {
    Liste.TOUS: "true",
    Liste.NON_INSCRITS: "NOT inscrit",
    Liste.INSCRITS_SANS_VOEU: "inscrit AND voeux = 0",
}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """What a list is narrowed by. ``apres``: the last (tri, eleve_id) of the previous page."""

    liste: Liste
    serie: str | None = None
    classe: str | None = None
    texte: str | None = None
    apres: tuple[str, str] | None = None
    limite: int = 50


_PERIMETRE = "session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND present"
_COMPTER = text(
    f"""
    SELECT {", ".join(f"count(*) FILTER (WHERE {p}) AS {liste.value}" for liste, p in PREDICATS.items())}
      FROM eleve WHERE {_PERIMETRE}
    """
)
_FILTRES = """
    (CAST(:serie AS text) IS NULL OR serie = :serie)
    AND (CAST(:classe AS text) IS NULL OR classe = :classe)
    AND (CAST(:texte AS text) IS NULL OR tri LIKE '%' || :texte || '%')
"""


async def lister(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str, filtre: Filtre
) -> tuple[int, list[dict[str, Any]]]:
    """Total of the filtered list, and one page of it in alphabetical order."""
    parametres = {
        **_perimetre(perimetre, session, uai),
        "serie": filtre.serie,
        "classe": filtre.classe,
        "texte": _motif(filtre.texte),
    }
    condition = f"{_PERIMETRE} AND {PREDICATS[filtre.liste]} AND {_FILTRES}"
    total = (
        await connection.execute(text(f"SELECT count(*) FROM eleve WHERE {condition}"), parametres)
    ).scalar_one()
    page = text(
        f"""
        SELECT eleve_id::text, nom, prenom, classe, serie, statut, voeux, voeux_confirmes, propositions,
               boursier, coalesce(tri, '') AS tri
          FROM eleve
         WHERE {condition}
           AND (CAST(:tri AS text) IS NULL OR (coalesce(tri, ''), eleve_id) > (:tri, CAST(:apres AS uuid)))
         ORDER BY coalesce(tri, ''), eleve_id LIMIT :limite
        """
    )
    tri, apres = filtre.apres or (None, None)
    rows = await connection.execute(page, {**parametres, "tri": tri, "apres": apres, "limite": filtre.limite})
    return int(total), [dict(row) for row in rows.mappings()]


async def compter(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str
) -> dict[str, int]:
    """Size of every list of the lycée, in one query."""
    rows = await connection.execute(_COMPTER, _perimetre(perimetre, session, uai))
    return dict(rows.mappings().one())


async def classes(
    connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str
) -> list[dict[str, Any]]:
    """Classes and séries of the lycée, for the filters."""
    requete = text(f"SELECT DISTINCT serie, classe FROM eleve WHERE {_PERIMETRE} ORDER BY 1, 2")
    rows = await connection.execute(requete, _perimetre(perimetre, session, uai))
    return [dict(row) for row in rows.mappings()]


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


def _perimetre(perimetre: Perimetre, session: int, uai: str) -> dict[str, Any]:
    return {"session": session, "uai": uai, "lycees": list(perimetre.lycees)}


def _motif(texte: str | None) -> str | None:
    """Same folding as the sort key, so that a search needs no accents."""
    cle = cle_de_tri(texte, "").strip() if texte else ""
    return cle or None


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
