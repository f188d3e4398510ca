"""SQL that writes actions: each state with its line of history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.accompagnement.store import Ligne
from shared.http.perimetre import Perimetre

_ECRIRE = text(
    """
    INSERT INTO registre.action (id, session, uai, titre, genre, consigne, fonction, assigne, assigne_cle, echeance,
                                 etat, motif, version, proposition_id, auteur, auteur_nom, cree_le, modifie_le, close_le)
    VALUES (CAST(:id AS uuid), :session, :uai, :titre, :genre, :consigne, :fonction, :assigne, :assigne_cle, :echeance,
            :etat, :motif, :version, CAST(:proposition_id AS uuid), :auteur, :auteur_nom, :cree_le, :modifie_le, :close_le)
    ON CONFLICT (id) DO UPDATE
       SET titre = excluded.titre, genre = excluded.genre, consigne = excluded.consigne, fonction = excluded.fonction,
           assigne = excluded.assigne, assigne_cle = excluded.assigne_cle, echeance = excluded.echeance,
           etat = excluded.etat, motif = excluded.motif, version = excluded.version,
           modifie_le = excluded.modifie_le, close_le = excluded.close_le
    """
)
_TRACER = text(
    """
    INSERT INTO registre.action_historique (action_id, version, session, acte, avant, apres, auteur, auteur_nom, le)
    VALUES (CAST(:id AS uuid), :version, :session, :acte, CAST(:avant AS jsonb), CAST(:apres AS jsonb),
            :par, :par_nom, :le)
    """
)
_ECRIRE_ELEVES = text(
    """
    INSERT INTO registre.action_eleve (action_id, eleve_id, session, issue, precision, retire)
    SELECT CAST(:id AS uuid), n.eleve_id, :session, n.issue, n.precision, n.retire
      FROM unnest(CAST(:eleves AS uuid[]), CAST(:issues AS text[]), CAST(:precisions AS text[]),
                  CAST(:retires AS boolean[])) AS n(eleve_id, issue, precision, retire)
    ON CONFLICT (action_id, eleve_id) DO UPDATE
       SET issue = excluded.issue, precision = excluded.precision, retire = excluded.retire
    """
)
_COMMENTER = text(
    """
    INSERT INTO registre.action_commentaire (id, session, action_id, texte, auteur, auteur_nom, auteur_role, le)
    VALUES (CAST(:id AS uuid), :session, CAST(:action_id AS uuid), :texte, :auteur, :auteur_nom, :auteur_role, :le)
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A line of history: which act, by whom, what changed."""

    acte: str
    par: Perimetre
    le: datetime
    avant: Mapping[str, Any] | None
    apres: Mapping[str, Any]


async def ecrire(tx: AsyncConnection, session: int, action: Ligne, trace: Trace) -> None:
    """Write a state of an action and its history."""
    await tx.execute(_ECRIRE, {**action, "session": session})
    await tx.execute(
        _TRACER,
        {
            "id": action["id"],
            "version": action["version"],
            "session": session,
            "acte": trace.acte,
            "avant": None if trace.avant is None else _json(trace.avant),
            "apres": _json(trace.apres),
            "par": trace.par.acteur,
            "par_nom": trace.par.nom,
            "le": trace.le,
        },
    )


async def ecrire_eleves(
    tx: AsyncConnection,
    session: int,
    action_id: str,
    lignes: Mapping[str, tuple[str | None, str | None, bool]],
) -> None:
    """``lignes``: issue, precision and whether taken off, by pupil."""
    await tx.execute(
        _ECRIRE_ELEVES,
        {
            "id": action_id,
            "session": session,
            "eleves": list(lignes),
            "issues": [issue for issue, _, _ in lignes.values()],
            "precisions": [precision for _, precision, _ in lignes.values()],
            "retires": [retire for _, _, retire in lignes.values()],
        },
    )


async def commenter(tx: AsyncConnection, session: int, commentaire: Ligne) -> None:
    await tx.execute(_COMMENTER, {**commentaire, "session": session})


def _json(valeur: Mapping[str, Any]) -> str:
    return json.dumps(dict(valeur), default=str, ensure_ascii=False)
