"""Headers of a record, read only as far as somebody asks: three of them nearly always, where our producers put them."""

from shared.events.enveloppe import Header, entete
from shared.kafka.tranches import varint

STAMP_OPENING, STAMP_AT, TYPE_AT = b"\x1ece_recordedtime\x36", 18, 45
_TYPE_OPENING, _ID_OPENING, _TIME_OPENING = b"\x0ece_type", b"\x0ace_id\x48", b"\x0ece_time\x36"
_STAMP, _ID = 27, 36
"""Lengths: of an instant with its microseconds, of a UUID."""
_SHORT = 0x7F

Heading = tuple[str, bytes, bytes | None]
"""``ce_recordedtime``, ``ce_type``, and ``ce_time`` when it is where it usually is."""


class Headings:
    """Reads those of records that follow each other: mostly of one type, whose headers are alike to the byte."""

    def __init__(self) -> None:
        self._usual, self._type, self._time_at = b"\xff", b"", 0

    def read(self, octets: bytes) -> Heading:
        if not octets.startswith(self._usual, TYPE_AT) or not octets.startswith(STAMP_OPENING, 1):
            return self._learn(octets)
        stamp = octets[STAMP_AT:TYPE_AT].decode("ascii", "replace")
        at = self._time_at
        time = octets[at : at + _STAMP] if octets.startswith(_TIME_OPENING, at - len(_TIME_OPENING)) else None
        return stamp, self._type, time

    def _learn(self, octets: bytes) -> Heading:
        all_ = headers(octets)
        type_ = entete(all_, "ce_type") or b""
        usual = b"".join((_TYPE_OPENING, bytes((len(type_) << 1 & _SHORT,)), type_, _ID_OPENING))
        if len(type_) <= _SHORT >> 1:
            self._usual, self._type = usual, type_
            self._time_at = TYPE_AT + len(usual) + _ID + len(_TIME_OPENING)
        stamp = (entete(all_, "ce_recordedtime") or b"").decode("ascii", "replace")
        return stamp, type_, entete(all_, "ce_time")


def usual_type(octets: bytes) -> tuple[bytes, bytes]:
    """What stands at :data:`TYPE_AT`, the stamp being where it usually is, and the type; bytes that stand nowhere else."""
    at = TYPE_AT + len(_TYPE_OPENING)
    usual = octets.startswith(STAMP_OPENING, 1) and octets.startswith(_TYPE_OPENING, TYPE_AT)
    if not usual or octets[at] > _SHORT:
        return b"\xff", b""
    end = at + 1 + (octets[at] >> 1)
    return octets[TYPE_AT:end], octets[at + 1 : end]


def headers(octets: bytes) -> tuple[Header, ...]:
    """All of a record's."""
    n, p = varint(octets, 0)
    read = []
    for _ in range(n >> 1):
        name, p = _sized(octets, p)
        value, p = _sized(octets, p)
        read.append(((name or b"").decode("utf-8", "replace"), value or b""))
    return tuple(read)


def _sized(octets: bytes, p: int) -> tuple[bytes | None, int]:
    n, p = varint(octets, p)
    if n & 1:
        return None, p
    return octets[p : p + (n >> 1)], p + (n >> 1)
