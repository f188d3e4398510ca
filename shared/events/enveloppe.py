"""CloudEvents 1.0, Kafka protocol binding, binary mode: attributes in headers, JSON in the value.

``recordedtime`` is our extension: when the producer's log accepted the fact, strictly increasing
per partition, fixed width so that text order is time order.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from uuid import UUID

from msgspec import Struct

from shared.events.modeles import Contrat
from shared.events.topics import Topic

TYPE_PREFIX = "fr.pilotage."
_NAMESPACE = UUID("6f0cf9c6-2d6e-5c41-9d6b-0f5f5a1c2026").bytes
_SANS_VERSION = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_5 = 5 << 76 | 1 << 63

Header = tuple[str, bytes]


class Evenement(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """A fact on its way out. ``cle``: ``id`` or ``id/sujet``; ``donnees`` None is a tombstone."""

    topic: str
    cle: str
    type: str
    id: str
    time: str
    source: str
    donnees: bytes | None


def identifiant(topic: str, cle: str, version: int, revision: int = 0) -> str:
    """Deterministic event id: the same state of the same subject is the same event.

    A UUID of version 5 (RFC 9562), written out because ``uuid5`` takes most of a bulk's time.
    """
    ordre = f"{version}.{revision}" if revision else version
    somme = sha1(_NAMESPACE + f"{topic}|{cle}|{ordre}".encode(), usedforsecurity=False).digest()
    h = f"{int.from_bytes(somme[:16]) & _SANS_VERSION | _VERSION_5:032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def evenement(
    topic: Topic,
    donnees: Contrat,
    *,
    cle: str,
    version: int,
    time: datetime,
    prefixe: str = "",
    type_: str | None = None,
    revision: int = 0,
) -> Evenement:
    """Build the event of ``donnees``; ``type_`` is needed only where a topic has several contracts.

    Raises:
        ValueError: the model is not a contract of the topic.
    """
    nom = type_ or next((n for n, modele in topic.contrats.items() if modele is type(donnees)), "")
    if topic.contrats.get(nom) is not type(donnees):
        raise ValueError(f"{type(donnees).__name__} is not a contract of {topic.nom}")
    complet = topic.complet(prefixe, donnees.session)
    return Evenement(
        topic=complet,
        cle=cle,
        type=nom,
        id=identifiant(complet, cle, version, revision),
        time=horodatage(time),
        source=f"/pilotage/{topic.proprietaire}",
        donnees=donnees.model_dump_json(exclude_none=True).encode(),
    )


def horodatage(instant: datetime) -> str:
    """RFC 3339 in UTC with six decimals: fixed width."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def horodatage_us(microsecondes: int) -> str:
    """Same, from microseconds since the epoch."""
    secondes, reste = divmod(microsecondes, 1_000_000)
    return f"{_seconde(secondes)}.{reste:06d}Z"


@lru_cache(maxsize=64)
def _seconde(secondes: int) -> str:
    return datetime.fromtimestamp(secondes, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=256)
def _ce_type(type_: str) -> bytes:
    return f"{TYPE_PREFIX}{type_}.v1".encode()


def entetes(fait: Evenement, recordedtime: str) -> list[Header]:
    """Headers in the order in which our own readers look for them."""
    return [
        ("ce_recordedtime", recordedtime.encode()),
        ("ce_type", _ce_type(fait.type)),
        ("ce_id", fait.id.encode()),
        ("ce_time", fait.time.encode()),
        ("ce_source", fait.source.encode()),
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
    ]


def entete(headers: Sequence[Header], nom: str) -> bytes | None:
    """Value of the first header called ``nom``."""
    for cle, valeur in headers:
        if cle == nom:
            return valeur
    return None
