"""What is not said pupil by pupil: the session's calendar, what lycées and gradebooks say of a lycée.

One table for all: the last state of each subject, read back as the twin that it was decoded from. Reading
needs the search path of the current generation (``reading`` or ``writing``).
"""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.eleves.models import PROJECTION_TABLES
from shared.domaine.calendrier import Calendrier
from shared.domaine.etapes import Etape
from shared.events import rapide as r
from shared.events.enveloppe import Evenement
from shared.events.topics import CALENDRIER, ENSEIGNANT, ETABLISSEMENT, STRUCTURE, Topic
from shared.kafka.projection import Effets
from shared.kafka.records import Lu
from shared.settings import Settings

R = TypeVar("R", bound=r.Reference)


class Sujet(StrEnum):
    """What a row is about; its key is the step, ``session`` or the UAI."""

    ETAPE = "ETAPE"
    VIE = "VIE"
    LYCEE = "LYCEE"
    COMMUNS = "COMMUNS"
    STRUCTURES = "STRUCTURES"
    ENSEIGNANTS = "ENSEIGNANTS"


_ECRIRE = text(
    """
    INSERT INTO referentiel AS r (session, sujet, cle, version, contenu)
    SELECT * FROM jsonb_to_recordset(CAST(:lignes AS jsonb))
           AS n(session smallint, sujet text, cle text, version bigint, contenu jsonb)
     ORDER BY 1, 2, 3
    ON CONFLICT (session, sujet, cle) DO UPDATE SET version = excluded.version, contenu = excluded.contenu
     WHERE r.version < excluded.version
    """
)
_LIRE = text(
    "SELECT contenu::text FROM referentiel WHERE session = :session AND sujet = :sujet"
    " AND (CAST(:cle AS text) IS NULL OR cle = :cle) ORDER BY cle"
)


class ReferentielsProjection:
    """The highest version of each subject wins, whatever the order; at equal versions, the first."""

    topics: tuple[Topic, ...] = (CALENDRIER, ETABLISSEMENT, STRUCTURE, ENSEIGNANT)
    tables: MetaData = PROJECTION_TABLES

    def __init__(self, settings: Settings) -> None:
        del settings

    async def appliquer(self, tx: AsyncConnection, lus: Sequence[Lu]) -> Effets:
        derniers: dict[tuple[int, str, str], r.Reference] = {}
        for lu in lus:
            sujet = _sujet(lu.reference)
            if lu.reference is None or sujet is None:
                continue
            cle = (lu.reference.session, *sujet)
            if cle not in derniers or derniers[cle].version < lu.reference.version:
                derniers[cle] = lu.reference
        if derniers:
            await tx.execute(_ECRIRE, {"lignes": json.dumps([_ligne(*paire) for paire in derniers.items()])})
        return Effets()

    async def differences(self, tx: AsyncConnection, ancienne: int, nouvelle: int) -> list[Evenement]:
        """Nothing of it is published again."""
        del tx, ancienne, nouvelle
        return []


_SUJETS: Mapping[type[r.Reference], tuple[Sujet, str]] = {
    r.DateDuCalendrier: (Sujet.ETAPE, "etape"),
    r.VieDeSession: (Sujet.VIE, ""),
    r.Lycee: (Sujet.LYCEE, "uai"),
    r.LyceeDecrit: (Sujet.COMMUNS, "uai"),
    r.Structures: (Sujet.STRUCTURES, "uai"),
    r.Enseignants: (Sujet.ENSEIGNANTS, "uai"),
}
"""With the field that is the key. A step that was reached is not kept: it follows from the calendar."""


def _sujet(dit: r.Reference | None) -> tuple[str, str] | None:
    if dit is None or type(dit) not in _SUJETS:
        return None
    sujet, champ = _SUJETS[type(dit)]
    return sujet, getattr(dit, champ) if champ else "session"


def _ligne(cle: tuple[int, str, str], dit: r.Reference) -> dict[str, object]:
    session, sujet, de_quoi = cle
    contenu = msgspec.to_builtins(dit)
    return {"session": session, "sujet": sujet, "cle": de_quoi, "version": dit.version, "contenu": contenu}


async def calendrier(tx: AsyncConnection, session: int) -> Calendrier:
    """The session's calendar as last published; without dates as long as none has come.

    Steps that this code does not know are left out.
    """
    dites = await _lire(tx, session, Sujet.ETAPE, None, r.DateDuCalendrier)
    connues = {
        Etape(dite.etape): dite for dite in dites if not dite.retiree and dite.etape in Etape.__members__
    }
    return Calendrier(
        session,
        {etape: dite.date for etape, dite in connues.items()},
        {etape: dite.valeur for etape, dite in connues.items() if dite.valeur is not None},
        max((dite.version for dite in dites), default=0),
    )


async def vie(tx: AsyncConnection, session: int) -> r.VieDeSession | None:
    """Whether the session is open, frozen, closed or archived; None when nothing was said."""
    return await _un(tx, session, Sujet.VIE, "session", r.VieDeSession)


async def lycee(tx: AsyncConnection, session: int, uai: str) -> r.Lycee | None:
    return await _un(tx, session, Sujet.LYCEE, uai, r.Lycee)


async def communs(tx: AsyncConnection, session: int, uai: str) -> r.LyceeDecrit | None:
    return await _un(tx, session, Sujet.COMMUNS, uai, r.LyceeDecrit)


async def structures(tx: AsyncConnection, session: int, uai: str) -> r.Structures | None:
    return await _un(tx, session, Sujet.STRUCTURES, uai, r.Structures)


async def enseignants(tx: AsyncConnection, session: int, uai: str) -> tuple[r.Enseignant, ...]:
    dits = await _un(tx, session, Sujet.ENSEIGNANTS, uai, r.Enseignants)
    return dits.enseignants if dits else ()


async def _un(tx: AsyncConnection, session: int, sujet: Sujet, cle: str, type_: type[R]) -> R | None:
    return next(iter(await _lire(tx, session, sujet, cle, type_)), None)


async def _lire(tx: AsyncConnection, session: int, sujet: Sujet, cle: str | None, type_: type[R]) -> list[R]:
    trouvees = await tx.execute(_LIRE, {"session": session, "sujet": sujet, "cle": cle})
    return [msgspec.json.decode(contenu, type=type_) for contenu in trouvees.scalars()]
