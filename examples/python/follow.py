"""Follow the vœux and the indicators of a session: from zero the first time, then live, with FastStream.

    pip install -r requirements.txt
    KAFKA_BOOTSTRAP=127.0.0.1:9392 SESSION=2026 python follow.py

State and offsets are stored together in one SQLite transaction (``STATE``, follow.db by default), so that a crash
loses nothing and counts nothing twice. Delete the file to start from zero again. Whenever it has caught up, one line of
JSON says what is known: vœux by état, figures by lycée, série and indicator.
"""

import asyncio
import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

SESSION = os.environ.get("SESSION", "2026")
PREFIX = f"{os.environ.get('TOPIC_PREFIX', '')}{SESSION}."
TOPICS = [f"{PREFIX}{name}.v1" for name in ("candidature.voeu", "indicateurs.serie", "siecle.eleve")]
EVENTS = ("VoeuModifie", "VoeuNonConfirme", "MargeModifiee", "IndicateurModifie", "IdentiteFusionnee")
VOEU, UNCONFIRMED, MARGIN, INDICATOR, MERGED = KNOWN = [f"fr.pilotage.{event}.v1" for event in EVENTS]
"""Events of other types on these topics are skipped: new ones may come within v1."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS subject (
    topic TEXT, key TEXT, type TEXT, version INTEGER, revision INTEGER, value TEXT, PRIMARY KEY (topic, key)
);
CREATE TABLE IF NOT EXISTS place (topic TEXT, part INTEGER, next INTEGER, PRIMARY KEY (topic, part));
"""
KEEP_THE_HIGHEST = """
INSERT INTO subject VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (topic, key) DO UPDATE
SET type = excluded.type, version = excluded.version, revision = excluded.revision, value = excluded.value
WHERE (excluded.version, excluded.revision) > (subject.version, subject.revision)
"""

state = sqlite3.connect(os.environ.get("STATE", "follow.db"), isolation_level=None)
state.executescript(SCHEMA)
broker = KafkaBroker(os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9392"), allow_auto_create_topics=False)
app = FastStream(broker)


class Resume(ConsumerRebalanceListener):
    """Start each partition where the state stands, whatever the group remembers."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        for tp in assigned:
            subscriber.consumer.seek(tp, next_offset(tp.topic, tp.partition))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing is pending: each batch is stored before the next one is fetched."""


async def as_they_are(message: Any) -> list[Any]:
    """The records themselves: decoded one by one, a bad one does not hide its neighbours."""
    return list(message.raw_message)


subscriber = broker.subscriber(
    *TOPICS,
    group_id=os.environ.get("GROUP", f"example.python.{SESSION}"),
    group_instance_id=os.environ.get("INSTANCE", "1"),  # started again, it gets its partitions back at once
    listener=Resume(),
    auto_offset_reset="earliest",
    isolation_level="read_committed",  # what an aborted transaction wrote does not exist
    partition_assignment_strategy=[RangePartitionAssignor],  # same-numbered partitions meet in one process
    batch=True,
    max_records=2_000,
    decoder=as_they_are,
    ack_policy=AckPolicy.NACK_ON_ERROR,  # the default commits before this function has run
)


@subscriber
async def follow(batch: list[Any]) -> None:
    state.execute("BEGIN")
    try:
        for record in batch:
            if record.offset >= next_offset(record.topic, record.partition):
                fold(record)
                state.execute(
                    "INSERT OR REPLACE INTO place VALUES (?, ?, ?)",
                    (record.topic, record.partition, record.offset + 1),
                )
    except BaseException:
        state.execute("ROLLBACK")
        raise
    state.execute("COMMIT")
    if await caught_up():
        print(json.dumps(summary(), sort_keys=True), flush=True)


async def caught_up() -> bool:
    """Whether nothing waits on the broker, as far as the last fetch said."""
    kafka = subscriber.consumer
    return all([await kafka.position(tp) >= (kafka.highwater(tp) or 0) for tp in kafka.assignment()])


def next_offset(topic: str, part: int) -> int:
    """The first record that the state does not hold; 0 is zero."""
    found = state.execute("SELECT next FROM place WHERE topic = ? AND part = ?", (topic, part)).fetchone()
    return found[0] if found else 0


def fold(record: Any) -> None:
    """Keep the highest (version, revision) of each subject; a null value erases it."""
    key = record.key.decode()
    if record.value is None:
        state.execute("DELETE FROM subject WHERE topic = ? AND key = ?", (record.topic, key))
        return
    type_ = dict(record.headers).get("ce_type", b"").decode()
    if type_ not in KNOWN:
        return
    try:
        value = json.loads(record.value)
        subject = (record.topic, key, type_, value["version"], value.get("revision", 0), json.dumps(value))
    except (ValueError, KeyError, TypeError):  # never print the value: it is about somebody
        print(f"refused: {record.topic} {record.partition} {record.offset}", file=sys.stderr)
        return
    state.execute(KEEP_THE_HIGHEST, subject)


def summary() -> dict[str, Any]:
    values: dict[str, dict[str, Any]] = {type_: {} for type_ in KNOWN}
    for key, type_, value in state.execute("SELECT key, type, value FROM subject"):
        values[type_][key] = json.loads(value)
    expired = {_voeu(value): value for value in values[UNCONFIRMED].values()}
    merged = {value["eleve_id"] for value in values[MERGED].values()}  # said again under another id
    voeux = [voeu for voeu in values[VOEU].values() if voeu["eleve_id"] not in merged]
    etats = Counter(_etat(voeu, expired.get(_voeu(voeu))) for voeu in voeux)
    figures = {
        key: _figure(value) for key, value in values[INDICATOR].items()
    }  # of sessions before MargeModifiee
    for key, value in values[
        MARGIN
    ].items():  # all figures of a série at once: those not in it are no longer computed
        figures |= {f"{key}/{figure['indicateur']}": _figure(figure) for figure in value["indicateurs"]}
    return {"voeux": etats, "indicateurs": figures}


def _figure(value: dict[str, Any]) -> str:
    """What is suppressed, because it is about too few, is absent."""
    return f"{value.get('numerateur', '-')}/{value.get('denominateur', '-')}"


def _voeu(value: dict[str, Any]) -> tuple[Any, ...]:
    return value["eleve_id"], value["voeu_id"], value.get("sous_voeu_id")


def _etat(voeu: dict[str, Any], expired: dict[str, Any] | None) -> str:
    """A deadline that passed speaks of that version of the vœu or an older one: what comes later voids it."""
    if expired is not None and not expired.get("annule") and expired["version"] >= voeu["version"]:
        return "NON_CONFIRME"
    return str(voeu["etat"])


if __name__ == "__main__":
    asyncio.run(app.run())
