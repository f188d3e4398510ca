"""SQL of the decisions on bourses, in sets. The row of the pupil in ``eleve`` is their lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.complements import DecisionBourse
from shared.events.modeles import EtatBourse

TABLES = ("registre.bourse",)
_CONTENU = "etat, echelon, piece_vue, motif, texte, version, uai, auteur, role, le"
_PAR_SESSION = text(
    """
    SELECT b.eleve_id::text, b.etat, b.echelon, b.motif, b.le
      FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS smallint[])) AS n(eleve_id, session)
      JOIN registre.bourse b ON b.session = n.session AND b.eleve_id = n.eleve_id
     WHERE b.etat IS NOT NULL
    """
)
_LIRE = text(
    f"SELECT eleve_id::text, {_CONTENU} FROM registre.bourse"
    " WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))"
)
_HISTORIQUE = text(
    f"SELECT acte, evenement, {_CONTENU} FROM registre.bourse_historique"
    " WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid) ORDER BY version DESC"
)
_N = """
    unnest(CAST(:ids AS uuid[]), CAST(:etats AS text[]), CAST(:echelons AS smallint[]),
           CAST(:pieces AS boolean[]), CAST(:motifs AS text[]), CAST(:textes AS text[]),
           CAST(:versions AS integer[]), CAST(:uais AS text[]))
      AS n(eleve_id, etat, echelon, piece_vue, motif, texte, version, uai)
"""
_ECRIRE = text(
    f"""
    INSERT INTO registre.bourse (session, eleve_id, {_CONTENU})
    SELECT :session, eleve_id, etat, echelon, piece_vue, motif, texte, version, uai, :auteur, :role, :le
      FROM {_N}
    ON CONFLICT (session, eleve_id) DO UPDATE
       SET etat = excluded.etat, echelon = excluded.echelon, piece_vue = excluded.piece_vue,
           motif = excluded.motif, texte = excluded.texte, version = excluded.version, uai = excluded.uai,
           auteur = excluded.auteur, role = excluded.role, le = excluded.le
    """
)
_TRACER = text(
    f"""
    INSERT INTO registre.bourse_historique (session, eleve_id, acte, evenement, {_CONTENU})
    SELECT b.session, b.eleve_id, :acte, e.bourse_version, b.etat, b.echelon, b.piece_vue, b.motif, b.texte,
           b.version, b.uai, b.auteur, b.role, b.le
      FROM registre.bourse b JOIN eleve e USING (eleve_id)
     WHERE b.session = :session AND b.eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One row; ``etat`` None: undone, the row keeps its version."""

    etat: EtatBourse | None
    echelon: int | None = None
    piece_vue: bool = False
    motif: str | None = None
    texte: str | None = None
    version: int
    uai: str
    auteur: str
    role: str
    le: datetime

    @property
    def en_vigueur(self) -> DecisionBourse | None:
        if self.etat is None:
            return None
        return DecisionBourse(etat=self.etat, echelon=self.echelon, motif=self.motif, le=self.le)


async def lire_en_vigueur(tx: AsyncConnection, sessions: Mapping[str, int]) -> dict[str, DecisionBourse]:
    """The decisions that stand, for ``Complements``."""
    if not sessions:
        return {}
    rows = await tx.execute(_PAR_SESSION, {"ids": list(sessions), "sessions": list(sessions.values())})
    return {
        row.eleve_id: DecisionBourse(
            etat=EtatBourse(row.etat), echelon=row.echelon, motif=row.motif, le=row.le
        )
        for row in rows
    }


async def lire(tx: AsyncConnection, session: int, ids: Sequence[str]) -> dict[str, Decision]:
    """The rows of these pupils, those undone included."""
    if not ids:
        return {}
    rows = await tx.execute(_LIRE, {"session": session, "ids": list(ids)})
    return {row.eleve_id: _decision(row) for row in rows}


async def historique(
    tx: AsyncConnection, session: int, eleve_id: str
) -> list[tuple[str, int | None, Decision]]:
    """(act, version of the event that said it, what stood after), the last first."""
    rows = await tx.execute(_HISTORIQUE, {"session": session, "eleve_id": eleve_id})
    return [(row.acte, row.evenement, _decision(row)) for row in rows]


async def ecrire(tx: AsyncConnection, session: int, decisions: Mapping[str, Decision]) -> None:
    """Decisions of one command: the same author, role and time for all."""
    toutes = list(decisions.values())
    await tx.execute(
        _ECRIRE,
        {
            "session": session,
            "ids": list(decisions),
            "etats": [d.etat and d.etat.value for d in toutes],
            "echelons": [d.echelon for d in toutes],
            "pieces": [d.piece_vue for d in toutes],
            "motifs": [d.motif for d in toutes],
            "textes": [d.texte for d in toutes],
            "versions": [d.version for d in toutes],
            "uais": [d.uai for d in toutes],
            "auteur": toutes[0].auteur,
            "role": toutes[0].role,
            "le": toutes[0].le,
        },
    )


async def tracer(tx: AsyncConnection, session: int, ids: Sequence[str], acte: str) -> None:
    """Copy what now stands to the history, with the version of the event: after the pupils' rows were rewritten."""
    await tx.execute(_TRACER, {"session": session, "ids": list(ids), "acte": acte})


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        etat=EtatBourse(row.etat) if row.etat else None,
        echelon=row.echelon,
        piece_vue=row.piece_vue,
        motif=row.motif,
        texte=row.texte,
        version=row.version,
        uai=row.uai,
        auteur=row.auteur,
        role=row.role,
        le=row.le,
    )
