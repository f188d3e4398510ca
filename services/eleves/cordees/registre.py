"""SQL of what lycées entered on Cordées, in sets. The row of the pupil in ``eleve`` is their lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.domaine.complements import SaisieCordees
from shared.events.modeles import Dispositif, EtatCordees

TABLES = ("registre.cordees",)
_CONTENU = "etat, dispositif, motif, version, uai, auteur, role, le"
_PAR_SESSION = text(
    """
    SELECT c.eleve_id::text, c.etat, c.dispositif, c.le
      FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS smallint[])) AS n(eleve_id, session)
      JOIN registre.cordees c ON c.session = n.session AND c.eleve_id = n.eleve_id
     WHERE c.etat IS NOT NULL
    """
)
_LIRE = text(
    f"SELECT eleve_id::text, {_CONTENU} FROM registre.cordees"
    " WHERE session = :session AND eleve_id = ANY(CAST(:ids AS uuid[]))"
)
_HISTORIQUE = text(
    f"SELECT acte, evenement, {_CONTENU} FROM registre.cordees_historique"
    " WHERE session = :session AND eleve_id = CAST(:eleve_id AS uuid) ORDER BY version DESC"
)
_ECRIRE = text(
    f"""
    INSERT INTO registre.cordees (session, eleve_id, {_CONTENU})
    SELECT :session, n.eleve_id, n.etat, n.dispositif, n.motif, n.version, n.uai, :auteur, :role, :le
      FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS text[]), CAST(:dispositifs AS text[]),
                  CAST(:motifs AS text[]), CAST(:versions AS integer[]), CAST(:uais AS text[]))
           AS n(eleve_id, etat, dispositif, motif, version, uai)
    ON CONFLICT (session, eleve_id) DO UPDATE
       SET etat = excluded.etat, dispositif = excluded.dispositif, motif = excluded.motif,
           version = excluded.version, uai = excluded.uai, auteur = excluded.auteur, role = excluded.role,
           le = excluded.le
    """
)
_TRACER = text(
    f"""
    INSERT INTO registre.cordees_historique (session, eleve_id, acte, evenement, {_CONTENU})
    SELECT c.session, c.eleve_id, :acte, e.cordees_version, c.etat, c.dispositif, c.motif, c.version, c.uai,
           c.auteur, c.role, c.le
      FROM registre.cordees c JOIN eleve e USING (eleve_id)
     WHERE c.session = :session AND c.eleve_id = ANY(CAST(:ids AS uuid[]))
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saisie:
    """One row; ``etat`` None: withdrawn, for ``motif``."""

    etat: EtatCordees | None
    dispositif: Dispositif | None = None
    motif: str | None = None
    version: int
    uai: str
    auteur: str
    role: str
    le: datetime

    @property
    def en_vigueur(self) -> SaisieCordees | None:
        return (
            None
            if self.etat is None
            else SaisieCordees(etat=self.etat, dispositif=self.dispositif, le=self.le)
        )


async def lire_en_vigueur(tx: AsyncConnection, sessions: Mapping[str, int]) -> dict[str, SaisieCordees]:
    """The entries that stand, for ``Complements``."""
    if not sessions:
        return {}
    rows = await tx.execute(_PAR_SESSION, {"ids": list(sessions), "sessions": list(sessions.values())})
    return {
        row.eleve_id: SaisieCordees(
            etat=EtatCordees(row.etat), dispositif=_dispositif(row.dispositif), le=row.le
        )
        for row in rows
    }


async def lire(tx: AsyncConnection, session: int, ids: Sequence[str]) -> dict[str, Saisie]:
    """The rows of these pupils, those withdrawn included."""
    if not ids:
        return {}
    rows = await tx.execute(_LIRE, {"session": session, "ids": list(ids)})
    return {row.eleve_id: _saisie(row) for row in rows}


async def historique(
    tx: AsyncConnection, session: int, eleve_id: str
) -> list[tuple[str, int | None, Saisie]]:
    """(act, version of the event that said it, what stood after), the last first."""
    rows = await tx.execute(_HISTORIQUE, {"session": session, "eleve_id": eleve_id})
    return [(row.acte, row.evenement, _saisie(row)) for row in rows]


async def ecrire(tx: AsyncConnection, session: int, saisies: Mapping[str, Saisie]) -> None:
    """Entries of one command: the same author, role and time for all."""
    toutes = list(saisies.values())
    await tx.execute(
        _ECRIRE,
        {
            "session": session,
            "ids": list(saisies),
            "etats": [s.etat and s.etat.value for s in toutes],
            "dispositifs": [s.dispositif and s.dispositif.value for s in toutes],
            "motifs": [s.motif for s in toutes],
            "versions": [s.version for s in toutes],
            "uais": [s.uai for s in toutes],
            "auteur": toutes[0].auteur,
            "role": toutes[0].role,
            "le": toutes[0].le,
        },
    )


async def tracer(tx: AsyncConnection, session: int, ids: Sequence[str], acte: str) -> None:
    """Copy what now stands to the history, with the version of the event: after the pupils' rows were rewritten."""
    await tx.execute(_TRACER, {"session": session, "ids": list(ids), "acte": acte})


def _dispositif(code: str | None) -> Dispositif | None:
    return Dispositif(code) if code else None


def _saisie(row: Row[Any]) -> Saisie:
    return Saisie(
        etat=EtatCordees(row.etat) if row.etat else None,
        dispositif=_dispositif(row.dispositif),
        motif=row.motif,
        version=row.version,
        uai=row.uai,
        auteur=row.auteur,
        role=row.role,
        le=row.le,
    )
