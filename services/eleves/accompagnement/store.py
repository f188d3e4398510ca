"""SQL of actions, in sets. Every query starts from the session, the lycée and the caller's scope."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.domain import FINALES, Candidat
from shared.http.perimetre import SES_CLASSES, Perimetre, portee

Ligne = dict[str, Any]
COLONNES = """
    a.id::text, a.uai, a.titre, a.genre, a.consigne, a.fonction, a.assigne, a.assigne_cle, a.echeance, a.etat,
    a.motif, a.version, a.proposition_id::text, a.auteur, a.auteur_nom, a.cree_le, a.modifie_le, a.close_le
"""
_VISIBLE = """
    a.session = :session AND a.uai = :uai AND a.uai = ANY(CAST(:lycees AS text[]))
    AND (CAST(:classes AS text[]) IS NULL OR EXISTS (
        SELECT 1 FROM registre.action_eleve ae JOIN eleve e ON e.eleve_id = ae.eleve_id
         WHERE ae.action_id = a.id AND NOT ae.retire AND e.session = a.session AND e.uai = a.uai
           AND e.uai || '/' || e.classe = ANY(CAST(:classes AS text[]))))
"""
"""Whoever sees some classes only sees the actions with a pupil of theirs."""
_FILTRES = """
    (CAST(:etat AS text) IS NULL OR a.etat = :etat)
    AND (CAST(:assigne AS text) IS NULL OR a.assigne_cle = :assigne)
    AND (CAST(:classe AS text) IS NULL OR EXISTS (
        SELECT 1 FROM registre.action_eleve ae JOIN eleve e ON e.eleve_id = ae.eleve_id
         WHERE ae.action_id = a.id AND NOT ae.retire AND e.session = a.session AND e.uai = a.uai
           AND e.classe = :classe))
    AND (CAST(:eleve_id AS uuid) IS NULL OR EXISTS (
        SELECT 1 FROM registre.action_eleve ae
         WHERE ae.action_id = a.id AND NOT ae.retire AND ae.eleve_id = CAST(:eleve_id AS uuid)))
"""
_LISTER = text(
    f"""
    SELECT {COLONNES} FROM registre.action a
     WHERE {_VISIBLE} AND {_FILTRES}
       AND (CAST(:apres_le AS date) IS NULL
            OR (a.etat <> 'OUVERTE', a.echeance, a.id) > (:apres_close, CAST(:apres_le AS date), CAST(:apres_id AS uuid)))
     ORDER BY a.etat <> 'OUVERTE', a.echeance, a.id LIMIT :limite
    """
)
_COMPTER = text(
    f"""
    SELECT a.assigne_cle, a.fonction, max(a.assigne) AS assigne,
           count(*) FILTER (WHERE a.etat = 'OUVERTE') AS ouvertes,
           count(*) FILTER (WHERE a.etat = 'OUVERTE' AND a.echeance < :jour) AS en_retard,
           count(*) FILTER (WHERE a.etat = 'OUVERTE' AND a.echeance BETWEEN :jour AND :semaine) AS cette_semaine,
           count(*) FILTER (WHERE a.etat = 'FAITE') AS faites,
           count(*) FILTER (WHERE a.etat = 'ABANDONNEE') AS abandonnees
      FROM registre.action a WHERE {_VISIBLE} GROUP BY a.assigne_cle, a.fonction ORDER BY 5 DESC, 4 DESC, 1
    """
)
_UNE = f"SELECT {COLONNES} FROM registre.action a WHERE {_VISIBLE} AND a.id = CAST(:id AS uuid)"
_ELEVES = text(
    """
    SELECT ae.action_id::text, ae.eleve_id::text, ae.issue, ae.precision,
           coalesce(e.session = ae.session AND e.uai = :uai, false) AS ici,
           e.present, e.nom, e.prenom, e.classe
      FROM registre.action_eleve ae LEFT JOIN eleve e ON e.eleve_id = ae.eleve_id
     WHERE ae.action_id = ANY(CAST(:ids AS uuid[])) AND NOT ae.retire
     ORDER BY (e.session = ae.session AND e.uai = :uai) IS NOT TRUE, e.classe_tri NULLS LAST, e.tri NULLS LAST, ae.eleve_id
    """
)
_CANDIDATS = text(
    f"""
    SELECT eleve_id::text, present, nom, prenom, classe, EXISTS (
               SELECT 1 FROM registre.action_eleve ae JOIN registre.action a ON a.id = ae.action_id
                WHERE ae.eleve_id = eleve.eleve_id AND ae.session = :session AND NOT ae.retire
                  AND a.uai = :uai AND a.etat = 'OUVERTE' AND a.genre = :genre
                  AND (ae.issue IS NULL OR ae.issue <> ALL(CAST(:finales AS text[])))) AS suivi
      FROM eleve
     WHERE session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}
       AND eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)
_CLASSES = text(
    f"""
    SELECT classe FROM eleve
     WHERE session = :session AND uai = :uai AND uai = ANY(CAST(:lycees AS text[])) AND {SES_CLASSES}
       AND classe IS NOT NULL AND present
     GROUP BY classe, classe_tri ORDER BY classe_tri, classe
    """
)
_COMMENTAIRES = text(
    "SELECT id::text, texte, auteur_nom, auteur_role, le FROM registre.action_commentaire"
    " WHERE action_id = CAST(:id AS uuid) ORDER BY le, id"
)
_HISTORIQUE = text(
    "SELECT version, acte, avant, apres, auteur_nom, le FROM registre.action_historique"
    " WHERE action_id = CAST(:id AS uuid) ORDER BY version DESC"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lieu:
    """Where a caller looks."""

    perimetre: Perimetre
    session: int
    uai: str

    @property
    def cles(self) -> dict[str, Any]:
        return {"session": self.session, "uai": self.uai, **portee(self.perimetre)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtre:
    """``apres``: (closed, échéance, id) of the last action of the page before."""

    etat: str | None = None
    assigne: str | None = None
    classe: str | None = None
    eleve_id: str | None = None
    limite: int = 100
    apres: tuple[bool, date, str] | None = None


async def lister(connection: AsyncConnection, lieu: Lieu, filtre: Filtre) -> list[Ligne]:
    """Those that are open first, the most overdue before; one more than the page when there is another."""
    close, le, id_ = filtre.apres or (False, None, None)
    parametres = {
        **lieu.cles,
        "etat": filtre.etat,
        "assigne": filtre.assigne,
        "classe": filtre.classe,
        "eleve_id": filtre.eleve_id,
        "limite": filtre.limite + 1,
        "apres_close": close,
        "apres_le": le,
        "apres_id": id_,
    }
    return [dict(row) for row in (await connection.execute(_LISTER, parametres)).mappings()]


async def compter(connection: AsyncConnection, lieu: Lieu, jour: date, semaine: date) -> list[Ligne]:
    """Counts by person in charge; ``semaine``: the last day of the week of ``jour``."""
    parametres = {**lieu.cles, "jour": jour, "semaine": semaine}
    return [dict(row) for row in (await connection.execute(_COMPTER, parametres)).mappings()]


async def une(
    connection: AsyncConnection, lieu: Lieu, action_id: str, *, verrou: bool = False
) -> Ligne | None:
    requete = text(_UNE + (" FOR UPDATE" if verrou else ""))
    row = (await connection.execute(requete, {**lieu.cles, "id": action_id})).mappings().one_or_none()
    return dict(row) if row else None


async def eleves(connection: AsyncConnection, uai: str, ids: Sequence[str]) -> dict[str, list[Ligne]]:
    """Pupils of each action, whoever may see them: presentation leaves out those who may not be seen."""
    trouves: dict[str, list[Ligne]] = {action_id: [] for action_id in ids}
    for row in (await connection.execute(_ELEVES, {"uai": uai, "ids": list(ids)})).mappings():
        trouves[row["action_id"]].append(dict(row))
    return trouves


async def candidats(
    connection: AsyncConnection, lieu: Lieu, ids: Collection[str], genre: str
) -> dict[str, tuple[Candidat, Ligne]]:
    """Those of ``ids`` who are in scope, with what names them."""
    parametres = {**lieu.cles, "ids": list(ids), "genre": genre, "finales": sorted(FINALES)}
    rows = (await connection.execute(_CANDIDATS, parametres)).mappings()
    return {
        row["eleve_id"]: (Candidat(row["eleve_id"], bool(row["present"]), row["suivi"]), dict(row))
        for row in rows
    }


async def classes(connection: AsyncConnection, lieu: Lieu) -> list[str]:
    return list((await connection.execute(_CLASSES, lieu.cles)).scalars())


async def commentaires(connection: AsyncConnection, action_id: str) -> list[Ligne]:
    rows = await connection.execute(_COMMENTAIRES, {"id": action_id})
    return [dict(row) for row in rows.mappings()]


async def historique(connection: AsyncConnection, action_id: str) -> list[Ligne]:
    return [dict(row) for row in (await connection.execute(_HISTORIQUE, {"id": action_id})).mappings()]
