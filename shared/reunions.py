"""Pupils who turned out to be others, for services where people type: what was typed follows the survivor.

The fold only notes it, in ``registre.reunion``; a job moves what was typed, in transactions of its own. A rebuild notes
the same again, which changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.engine import writing
from shared.domaine.etat import EtatEleve
from shared.service import Running

_log = structlog.get_logger()
_PAUSE_S = 1.0
_NOTER = text(
    """
    INSERT INTO registre.reunion (session, perdant, survivant, version)
    SELECT * FROM unnest(CAST(:sessions AS smallint[]), CAST(:perdants AS uuid[]), CAST(:survivants AS uuid[]),
                         CAST(:versions AS integer[])) ORDER BY 2
    ON CONFLICT (session, perdant) DO UPDATE
       SET survivant = excluded.survivant, version = excluded.version, faite_le = NULL
     WHERE reunion.version < excluded.version
    """
)
_PROCHAINE = text(
    """
    SELECT session, perdant::text, survivant::text, version FROM registre.reunion
     WHERE faite_le IS NULL ORDER BY notee_le, perdant LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_FAITE = text(
    "UPDATE registre.reunion SET faite_le = now()"
    " WHERE session = :session AND perdant = CAST(:perdant AS uuid)"
)


class Reunion:
    """One merge to follow. ``reprise``: the merge was taken back, what came from ``perdant`` goes to another."""

    def __init__(self, session: int, perdant: str, survivant: str, version: int) -> None:
        self.session, self.perdant, self.survivant = session, perdant, survivant
        self.reprise = version > 1

    @property
    def noms(self) -> dict[str, Any]:
        """Parameters of the statements."""
        return {"session": self.session, "perdant": self.perdant, "survivant": self.survivant}


Suivre = Callable[[AsyncConnection, Reunion, str], Awaitable[None]]
"""Moves what was typed, in the given transaction; the last argument is the prefix of the topics."""


async def noter(tx: AsyncConnection, etats: Mapping[str, EtatEleve]) -> None:
    """Pupils whose state says that they are others."""
    if not etats:
        return
    etats_ = list(etats.values())
    await tx.execute(
        _NOTER,
        {
            "sessions": [etat.session for etat in etats_],
            "perdants": list(etats),
            "survivants": [etat.fusionne for etat in etats_],
            "versions": [etat.fusion_version for etat in etats_],
        },
    )


def suivant(suivre: Suivre) -> Callable[[Running], Awaitable[None]]:
    """The job of a service that types: one merge at a time, tried again when it fails."""

    async def suivre_les_reunions(running: Running) -> None:
        while True:
            try:
                while await faire_une(running, suivre):
                    pass
                running.health.green("reunions")
            except (SQLAlchemyError, OSError) as erreur:
                running.health.red(
                    "reunions", "what was typed of merged pupils is not moved; it is tried again"
                )
                _log.warning("merge not followed", error=type(erreur).__name__)
            await asyncio.sleep(_PAUSE_S)

    return suivre_les_reunions


async def faire_une(running: Running, suivre: Suivre) -> bool:
    """Follow the oldest merge that waits; False when none does."""
    async with writing(running.engine) as tx:
        row = (await tx.execute(_PROCHAINE)).one_or_none()
        if row is None:
            return False
        reunion = Reunion(row.session, row.perdant, row.survivant, row.version)
        await suivre(tx, reunion, running.settings.topic_prefix)
        await tx.execute(_FAITE, {"session": row.session, "perdant": row.perdant})
        return True


async def verrouiller_tous(tx: AsyncConnection, ids: Sequence[str]) -> list[str]:
    """The rows of these pupils, locked in the order of their ids; those that exist."""
    requete = "SELECT eleve_id::text FROM eleve WHERE eleve_id = ANY(CAST(:ids AS uuid[])) ORDER BY eleve_id FOR UPDATE"
    return list((await tx.execute(text(requete), {"ids": list(ids)})).scalars())
