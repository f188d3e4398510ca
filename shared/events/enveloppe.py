"""CloudEvents 1.0, Kafka protocol binding, binary mode: attributes in headers, JSON in the value.

``recordedtime`` is our extension: when the producer's log accepted the fact, strictly increasing
per partition, fixed width so that text order is time order.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha1
from uuid import UUID

from msgspec import Struct

from shared.events.modeles import Contrat
from shared.events.topics import Topic

TYPE_PREFIX = "fr.pilotage."
_NAMESPACE = UUID("6f0cf9c6-2d6e-5c41-9d6b-0f5f5a1c2026").bytes

_VARIANTES = {chiffre: "89ab"[int(chiffre, 16) % 4] for chiffre in "0123456789abcdef"}

_EPOQUE = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDES_DU_JOUR = 86_400
_DECIMALES = len("000000Z")
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1_440))
_SECONDES = tuple(f"{seconde:02}." for seconde in range(60))

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
    x = sha1(_NAMESPACE + f"{topic}|{cle}|{ordre}".encode(), usedforsecurity=False).hexdigest()
    return f"{x[:8]}-{x[8:12]}-5{x[13:16]}-{_VARIANTES[x[16]]}{x[17:20]}-{x[20:32]}"


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
    """RFC 3339 in UTC with six decimals: fixed width. Made of its parts: the hot path of imports."""
    depuis = instant - _EPOQUE
    return _texte(depuis.days, depuis.seconds, depuis.microseconds)


def horodatage_us(microsecondes: int) -> str:
    """Same, from microseconds since the epoch."""
    secondes, reste = divmod(microsecondes, 1_000_000)
    return _texte(*divmod(secondes, _SECONDES_DU_JOUR), reste)


def horodatages_us(instants: range) -> Iterator[str]:
    """Same, of many that follow each other: most are of one second."""
    seconde, debut = -1, ""
    for instant in instants:
        secondes, reste = divmod(instant, 1_000_000)
        if secondes != seconde:
            seconde, debut = secondes, horodatage_us(secondes * 1_000_000)[:-_DECIMALES]
        yield f"{debut}{reste:06d}Z"


def _texte(jours: int, secondes: int, microsecondes: int) -> str:
    return f"{_jour(jours)}{_MINUTES[secondes // 60]}{_SECONDES[secondes % 60]}{microsecondes:06d}Z"


@lru_cache(maxsize=4096)
def _jour(jours: int) -> str:
    return (_EPOQUE + timedelta(jours)).date().isoformat()


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
