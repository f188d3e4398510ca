"""SQL of proposals. A lycée reads its own; an académie reads its own, with counts and never a pupil."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.domain import FINALES
from shared.http.perimetre import Perimetre

Ligne = dict[str, Any]
_COLONNES = """
    p.id::text, p.uai, p.academie, p.liste, p.genre, p.phrase, p.echeance, p.etat, p.reponse, p.repondu_par,
    p.repondu_le, p.version, p.auteur, p.auteur_nom, p.cree_le, p.modifie_le
"""
_AVANCEMENT = """
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT a.id) AS actions,
               count(DISTINCT a.id) FILTER (WHERE a.etat = 'FAITE') AS faites,
               count(DISTINCT ae.eleve_id) AS eleves,
               count(DISTINCT ae.eleve_id) FILTER (WHERE ae.issue = ANY(CAST(:finales AS text[]))) AS regles
          FROM registre.action a JOIN registre.action_eleve ae ON ae.action_id = a.id AND NOT ae.retire
         WHERE a.session = p.session AND a.uai = p.uai AND a.proposition_id = p.id AND a.etat <> 'ABANDONNEE'
    ) AS suite ON true
"""
_DU_LYCEE = "p.session = :session AND p.uai = :uai AND p.uai = ANY(CAST(:lycees AS text[]))"
_DE_L_ACADEMIE = (
    "p.session = :session AND p.academie = :code AND p.academie = ANY(CAST(:academies AS text[]))"
)
_LISTER = """
    SELECT {colonnes}, suite.actions, suite.faites, suite.eleves, suite.regles
      FROM registre.proposition p {avancement} WHERE {ou}
     ORDER BY p.etat NOT IN ('PROPOSEE', 'REPONDUE'), p.echeance, p.uai, p.id LIMIT 2000
"""
_UNE = "SELECT {colonnes} FROM registre.proposition p WHERE {ou} AND p.id = CAST(:id AS uuid) FOR UPDATE"
_CREER = text(
    """
    INSERT INTO registre.proposition (id, session, uai, academie, liste, genre, phrase, echeance, etat, version,
                                      auteur, auteur_nom, cree_le, modifie_le)
    SELECT n.id, :session, n.uai, :academie, :liste, :genre, :phrase, :echeance, 'PROPOSEE', 1,
           :auteur, :auteur_nom, :le, :le
      FROM unnest(CAST(:ids AS uuid[]), CAST(:lycees AS text[])) AS n(id, uai)
    """
)
_CHANGER = text(
    """
    UPDATE registre.proposition
       SET etat = :etat, reponse = :reponse, repondu_par = :repondu_par, repondu_le = :repondu_le,
           version = :version, modifie_le = :modifie_le
     WHERE id = CAST(:id AS uuid)
    """
)
_TRACER = text(
    """
    INSERT INTO registre.proposition_historique (proposition_id, version, session, etat, reponse, auteur, auteur_nom, le)
    SELECT id, version, session, etat, reponse, :par, :par_nom, :le FROM registre.proposition
     WHERE id = ANY(CAST(:ids AS uuid[]))
    """
)


async def du_lycee(connection: AsyncConnection, perimetre: Perimetre, session: int, uai: str) -> list[Ligne]:
    parametres = {"session": session, "uai": uai, "lycees": list(perimetre.lycees)}
    return await _lister(connection, _DU_LYCEE, parametres)


async def de_l_academie(
    connection: AsyncConnection, perimetre: Perimetre, session: int, code: str
) -> list[Ligne]:
    parametres = {"session": session, "code": code, "academies": list(perimetre.academies)}
    return await _lister(connection, _DE_L_ACADEMIE, parametres)


async def _lister(connection: AsyncConnection, ou: str, parametres: dict[str, Any]) -> list[Ligne]:
    requete = text(_LISTER.format(colonnes=_COLONNES, avancement=_AVANCEMENT, ou=ou))
    rows = await connection.execute(requete, {**parametres, "finales": sorted(FINALES)})
    return [dict(row) for row in rows.mappings()]


async def une_du_lycee(
    tx: AsyncConnection, perimetre: Perimetre, session: int, uai: str, proposition_id: str
) -> Ligne | None:
    """Locked."""
    parametres = {"session": session, "uai": uai, "lycees": list(perimetre.lycees), "id": proposition_id}
    return await _une(tx, _DU_LYCEE, parametres)


async def une_de_l_academie(
    tx: AsyncConnection, perimetre: Perimetre, session: int, code: str, proposition_id: str
) -> Ligne | None:
    """Locked."""
    parametres = {
        "session": session,
        "code": code,
        "academies": list(perimetre.academies),
        "id": proposition_id,
    }
    return await _une(tx, _DE_L_ACADEMIE, parametres)


async def _une(tx: AsyncConnection, ou: str, parametres: dict[str, Any]) -> Ligne | None:
    requete = text(_UNE.format(colonnes=_COLONNES, ou=ou))
    row = (await tx.execute(requete, parametres)).mappings().one_or_none()
    return dict(row) if row else None


async def creer(tx: AsyncConnection, commune: Ligne, ids: Sequence[str], lycees: Sequence[str]) -> None:
    """One proposal per lycée; ``commune``: what they have in common."""
    await tx.execute(_CREER, {**commune, "ids": list(ids), "lycees": list(lycees)})
    await _tracer(tx, ids, commune["auteur"], commune["auteur_nom"], commune["le"])


async def changer(tx: AsyncConnection, ligne: Ligne, perimetre: Perimetre, le: datetime) -> None:
    await tx.execute(_CHANGER, {**ligne, "modifie_le": le})
    await _tracer(tx, [ligne["id"]], perimetre.acteur, perimetre.nom, le)


async def _tracer(tx: AsyncConnection, ids: Sequence[str], par: str, par_nom: str, le: datetime) -> None:
    await tx.execute(_TRACER, {"ids": list(ids), "par": par, "par_nom": par_nom, "le": le})
