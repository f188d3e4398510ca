"""The outbox relay: one per service at a time, fenced, set-based, in order."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.events.enveloppe import Evenement
from shared.kafka.clients import fenced_producer
from shared.kafka.framing import frame
from shared.kafka.send import MAX_VALUE_BYTES, send_batch
from shared.observe import metrics
from shared.observe.health import Health
from shared.settings import Settings

_log = structlog.get_logger()
_BATCH = 2_000
_POLL_S = 1.0
_RETRY_S = 1.0
_LEADER_KEY = 7_460_026
_TRY_LEAD = text("SELECT pg_try_advisory_lock(:key)")
_LEASE = text("SELECT set_config('idle_session_timeout', :ms, false)")
_TAKE = text(
    """
    WITH pris AS (
        DELETE FROM mechanism.outbox WHERE id IN (SELECT id FROM mechanism.outbox ORDER BY id LIMIT :n)
        RETURNING *)
    SELECT * FROM pris ORDER BY id
    """
)
_ASIDE = text(
    """
    INSERT INTO mechanism.outbox_aside (id, topic, cle, reason, payload)
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:topics AS text[]), CAST(:cles AS text[]),
                         CAST(:reasons AS text[]), CAST(:payloads AS bytea[]))
    """
)
_WAITING = text(
    "SELECT (SELECT count(*) FROM mechanism.outbox), (SELECT count(*) FROM mechanism.outbox_aside)"
)


class Relay:
    """Publishes the outbox of one service. Rows are deleted in the transaction that sent them."""

    def __init__(self, settings: Settings, engine: AsyncEngine, health: Health) -> None:
        self._settings = settings
        self._engine = engine
        self._health = health

    async def run(self) -> None:
        """Runs until cancelled. Several replicas may run it: one leads, the others wait."""
        while True:
            try:
                async with self._engine.connect() as leadership:
                    if (await leadership.execute(_TRY_LEAD, {"key": _LEADER_KEY})).scalar_one():
                        await self._lead_once(leadership)
                    self._health.green("relay")  # another replica leads
            except Exception as erreur:  # noqa: BLE001 - a relay that died would be a silent outbox
                self._health.red("relay", "the outbox is not being published; retrying")
                _log.warning("relay interrupted", error=type(erreur).__name__)
            await asyncio.sleep(_RETRY_S)

    async def _lead_once(self, leadership: AsyncConnection) -> None:
        """The lock and the listener live and die with the connection: never back to the pool."""
        try:
            await leadership.execute(_LEASE, {"ms": str(self._settings.relay_lease_ms)})
            await leadership.commit()
            await self._lead(leadership)
        finally:
            await leadership.invalidate()

    async def _lead(self, leadership: AsyncConnection) -> None:
        producer = fenced_producer(self._settings, f"{self._settings.service}.relay")
        signal = await _listen(leadership)
        try:
            await producer.start()
            while True:
                while await self._publish(producer) == _BATCH:
                    await _renew(leadership)
                self._health.green("relay")
                with suppress(TimeoutError):
                    await asyncio.wait_for(signal.wait(), _POLL_S)
                signal.clear()
                await _renew(leadership)
        except ProducerFenced:
            _log.warning("relay fenced by a newer one")
        finally:
            await producer.stop()

    async def _publish(self, producer: AIOKafkaProducer) -> int:
        async with self._engine.begin() as tx:
            rows = (await tx.execute(_TAKE, {"n": _BATCH})).all()
            trop = [row for row in rows if len(row.payload or b"") > MAX_VALUE_BYTES]
            if trop:
                await self._put_aside(tx, trop)
            bons = [row for row in rows if len(row.payload or b"") <= MAX_VALUE_BYTES]
            if bons:
                await send_batch(tx, producer, [frame(_evenement(row), row.headers) for row in bons])
        metrics.RELAYED.labels(self._settings.service).inc(len(rows))
        return len(rows)

    async def _put_aside(self, tx: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        _log.error("events too large for the broker put aside", events=len(rows))
        await tx.execute(
            _ASIDE,
            {
                "ids": [row.id for row in rows],
                "topics": [row.aggregatetype for row in rows],
                "cles": [row.aggregateid for row in rows],
                "reasons": [f"value of {len(row.payload)} bytes" for row in rows],
                "payloads": [row.payload for row in rows],
            },
        )

    async def waiting(self) -> tuple[int, int]:
        """Rows in the outbox, and put aside; also sets their gauges."""
        async with self._engine.connect() as connection:
            outbox, aside = (await connection.execute(_WAITING)).one()
        metrics.OUTBOX.labels(self._settings.service).set(outbox)
        metrics.ASIDE.labels(self._settings.service).set(aside)
        return outbox, aside


async def _renew(leadership: AsyncConnection) -> None:
    """Still there: PostgreSQL ends the session of a leader that stays silent for its lease."""
    await leadership.execute(text("SELECT 1"))
    await leadership.commit()


async def _listen(leadership: AsyncConnection) -> asyncio.Event:
    """An event set at each commit that appended to the outbox; the poll covers a lost notification."""
    signal = asyncio.Event()
    raw: Any = (await leadership.get_raw_connection()).driver_connection
    await raw.add_listener("outbox", lambda *_: signal.set())
    return signal


def _evenement(row: Row[Any]) -> Evenement:
    return Evenement(
        topic=row.aggregatetype,
        cle=row.aggregateid,
        type=row.type,
        id=row.event_id,
        time=row.time,
        source=row.source,
        donnees=row.payload,
    )
