"""Rejects: a record that a service refuses, with its reason and origin, on a topic of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime

from shared.db.outbox import Sortie
from shared.events.enveloppe import Evenement, entete, horodatage
from shared.kafka.records import Lu

ORIGIN_TOPIC = "rejet_topic"
ORIGIN_PARTITION = "rejet_partition"
ORIGIN_OFFSET = "rejet_offset"
REASON = "rejet_motif"
SERVICE = "rejet_service"
ATTEMPTS = "rejet_tentatives"
REFUSED_AT = "rejet_le"
RECORDED = "rejet_recordedtime"
"""When the refused fact was recorded: replayed, it counts on that day, as a rebuild counts it."""
_REPLACEMENT = "\ufffd"


def rejet(lu: Lu, motif: str, *, service: str, attempts: int = 1) -> Sortie:
    """The reject of ``lu`` on ``<topic>.<service>.rejets``, value untouched."""
    brut = lu.brut
    origine = _origine(lu)
    origin_type = _texte(entete(brut.headers, "ce_type"))
    fait = Evenement(
        topic=f"{origine[ORIGIN_TOPIC]}.{service}.rejets",
        cle=_texte(brut.key),
        type=origin_type,
        id=f"{origine[ORIGIN_TOPIC]}/{origine[ORIGIN_PARTITION]}/{origine[ORIGIN_OFFSET]}",
        time=horodatage(datetime.now(UTC)),
        source=f"/pilotage/{service}",
        donnees=brut.value,
    )
    return Sortie(
        fait,
        {
            "ce_type": origin_type,
            "ce_time": _texte(entete(brut.headers, "ce_time")),
            **origine,
            REASON: motif.replace("\0", _REPLACEMENT),
            SERVICE: service,
            ATTEMPTS: str(attempts),
            REFUSED_AT: fait.time,
            RECORDED: lu.recordedtime,
        },
    )


def _texte(brut: bytes | None) -> str:
    """Foreign bytes as text that PostgreSQL takes: it has no NUL, and a reject must always fit."""
    return (brut or b"").decode("utf-8", "replace").replace("\0", _REPLACEMENT)


def _origine(lu: Lu) -> Mapping[str, str]:
    """Coordinates of the first refusal: those of a reject that is refused again are kept."""
    brut = lu.brut
    connus = {cle: valeur.decode("utf-8", "replace") for cle, valeur in brut.headers if cle in _COORDINATES}
    if len(connus) == len(_COORDINATES):
        return connus
    return {
        ORIGIN_TOPIC: brut.topic,
        ORIGIN_PARTITION: str(brut.partition),
        ORIGIN_OFFSET: str(brut.offset),
    }


_COORDINATES = (ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET)


class RatioGuard:
    """Stops a consumer that would drain its topics into the rejects (after arroyo's DlqLimit)."""

    def __init__(self, ratio_max: float, min_records: int) -> None:
        self._ratio_max = ratio_max
        self._min_records = min_records
        self._seen = 0
        self._refused = 0

    def accepts(self, seen: int, refused: int) -> bool:
        """Count a window; False when, over the last records, too many are refused."""
        if self._seen > 20 * self._min_records:
            self._seen //= 2
            self._refused //= 2
        self._seen += seen
        self._refused += refused
        return self._seen < self._min_records or self._refused <= self._ratio_max * self._seen
