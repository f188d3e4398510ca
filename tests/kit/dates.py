"""Facts put on the log as if they had been recorded when a test says: the days of a whole session in seconds."""

from collections.abc import Iterable

from shared.events.enveloppe import Evenement, horodatage_us
from shared.kafka.clients import fenced_producer
from shared.kafka.framing import frame
from shared.kafka.send import _Envois, _partitions
from tests.kit.services import World

_TRANSACTION = 20_000


async def publier_dates(world: World, dates: Iterable[tuple[int, Evenement]]) -> int:
    """``dates``: (µs since the epoch, fact), growing. As one import of ingest, but for its clock."""
    settings = await world.settings("indicators")
    producer = fenced_producer(settings, f"{world.prefix}dates")
    await producer.start()
    try:
        nombre, lot = 0, []
        for date in dates:
            lot.append(date)
            if len(lot) == _TRANSACTION:
                nombre += await _envoyer(producer, lot)
                lot = []
        return nombre + (await _envoyer(producer, lot) if lot else 0)
    finally:
        await producer.stop()


async def _envoyer(producer: object, lot: list[tuple[int, Evenement]]) -> int:
    partitions = await _partitions(producer, {fait.topic for _, fait in lot})  # type: ignore[arg-type]
    async with producer.transaction():  # type: ignore[attr-defined]
        envois = _Envois(producer)  # type: ignore[arg-type]
        for quand, fait in lot:
            encadre = frame(fait)
            place = (encadre.topic, encadre.bucket % partitions[encadre.topic])
            batch = envois.open.get(place)
            if batch is None or batch.bytes + len(encadre.head) > 262_144:
                batch = await envois.renew(place)
            batch.add(encadre, horodatage_us(quand).encode(), quand // 1000)
        await envois.settle()
    return len(lot)
