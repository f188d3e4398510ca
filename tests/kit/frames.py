"""Frames read back by the client's own reader of record batches."""

from collections.abc import Sequence

from aiokafka.record.default_records import DefaultRecordBatch

from shared.events.enveloppe import TYPE_PREFIX, Evenement, horodatage_us
from shared.kafka.framing import Frame, FramedBatch


def lus(
    frames: Sequence[Frame], stamp_us: int = 1_768_000_000_000_000
) -> list[tuple[bytes, bytes | None, dict[str, bytes]]]:
    """Key, value and headers of each, as one batch carries them; one microsecond between two."""
    batch = FramedBatch(transactional=True)
    for rank, frame in enumerate(frames):
        batch.add(frame, horodatage_us(stamp_us + rank).encode(), (stamp_us + rank) // 1000)
    records = DefaultRecordBatch(bytearray(batch._build()))
    assert records.validate_crc()
    return [(record.key, record.value, dict(record.headers)) for record in records]


def evenements(frames: Sequence[Frame]) -> list[Evenement]:
    """The events that were framed."""
    return [
        Evenement(
            topic=frame.topic,
            cle=cle.decode(),
            type=headers["ce_type"].decode().removeprefix(TYPE_PREFIX).removesuffix(".v1"),
            id=headers["ce_id"].decode(),
            time=headers["ce_time"].decode(),
            source=headers["ce_source"].decode(),
            donnees=valeur,
        )
        for frame, (cle, valeur, headers) in zip(frames, lus(frames), strict=True)
    ]
