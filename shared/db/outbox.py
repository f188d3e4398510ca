"""Events appended in the transaction of their cause; the relay publishes them afterwards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.events.enveloppe import Evenement

_INSERT = text(
    """
    INSERT INTO mechanism.outbox
           (event_id, aggregatetype, aggregateid, type, time, source, payload, headers)
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:topics AS text[]), CAST(:cles AS text[]), CAST(:types AS text[]),
        CAST(:times AS text[]), CAST(:sources AS text[]), CAST(:payloads AS bytea[]),
        CAST(:headers AS jsonb[]))
    """
)
_NOTIFY = text("SELECT pg_notify('outbox', '')")


@dataclass(frozen=True, slots=True)
class Sortie:
    """An event and the extra headers it needs (a reject's reason and origin)."""

    evenement: Evenement
    headers: Mapping[str, str] = field(default_factory=dict)


async def append(connection: AsyncConnection, sorties: Sequence[Sortie | Evenement]) -> None:
    """Insert in the given order, which is the order of publication."""
    if not sorties:
        return
    lignes = [sortie if isinstance(sortie, Sortie) else Sortie(sortie) for sortie in sorties]
    faits = [ligne.evenement for ligne in lignes]
    await connection.execute(
        _INSERT,
        {
            "ids": [fait.id for fait in faits],
            "topics": [fait.topic for fait in faits],
            "cles": [fait.cle for fait in faits],
            "types": [fait.type for fait in faits],
            "times": [fait.time for fait in faits],
            "sources": [fait.source for fait in faits],
            "payloads": [fait.donnees for fait in faits],
            "headers": [json.dumps(dict(ligne.headers)) if ligne.headers else None for ligne in lignes],
        },
    )
    await connection.execute(_NOTIFY)
