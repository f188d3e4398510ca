"""Records as the services see them, and the FastStream codec that makes them.

Decoding is per record: a poison record becomes a record with an error, its neighbours are intact.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage

from shared.events.enveloppe import entete
from shared.events.rapide import Fait, Reference, decodeurs
from shared.events.topics import Topic

_QUOTED = re.compile(r"""['"].*['"]""", re.DOTALL)


class Lu(msgspec.Struct, gc=False):
    """One record read: ``fait`` is None for a tombstone or when ``erreur`` says why it is refused.

    Of a topic that is not by pupil: ``eleve_id`` is empty and ``reference`` stands for ``fait``.
    """

    topic: Topic
    eleve_id: str
    fait: Fait | None
    recordedtime: str
    erreur: str | None
    brut: Any
    reference: Reference | None = None

    @property
    def time(self) -> str:
        """When it happened; when it was recorded, for a record without that header."""
        texte = entete(self.brut.headers, "ce_time") if self.brut is not None else None
        return texte.decode("ascii", "replace") if texte else self.recordedtime


class Brut(msgspec.Struct, gc=False):
    """What a record that was understood keeps of itself: enough to be refused later, or said again.

    A tenth of the client's own object: windows hold many.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


_GARDES = frozenset({"ce_type", "ce_time", "ce_source", "rejet_topic", "rejet_partition", "rejet_offset"})


def alleger(brut: ConsumerRecord) -> Brut:
    """The record without what nobody reads any more once it is decoded."""
    gardes = tuple([entete_ for entete_ in brut.headers if entete_[0] in _GARDES])
    return Brut(brut.topic, brut.partition, brut.offset, brut.key, brut.value, gardes)


class DataError(Exception):
    """This record, not the infrastructure, is at fault; the message holds no personal data."""


@lru_cache(maxsize=65_536)
def _uuid(texte: str) -> bool:
    try:
        return str(UUID(texte)) == texte
    except ValueError:
        return False


class Codec:
    """Decodes the records of a set of topics; one instance per consumer."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self._lecteurs: dict[str, tuple[Topic, int, dict[bytes, Any]]] = {
            complet: (topic, topic.session_de(complet), decodeurs(topic)) for complet, topic in topics.items()
        }
        self.topics = tuple(topics)
        self.batches = 0

    async def parse(self, brut: tuple[ConsumerRecord, ...]) -> KafkaMessage:
        """FastStream's parser would decode every header of every record; nothing here needs it.

        ``batches`` counts what was fetched: a batch that never reaches the handler shows.
        """
        self.batches += 1
        return KafkaMessage(body=b"", raw_message=brut, headers={}, batch_headers=[], consumer=_NO_CONSUMER)

    async def decode_batch(self, message: Any) -> list[Lu]:
        return self.lire(message.raw_message)

    async def decode(self, message: Any) -> list[Lu]:
        return self.lire(message.raw_message)

    async def encode_batch(self, messages: Sequence[Any], serializer: Any = None) -> list[Any]:
        raise NotImplementedError("services publish through the outbox only")

    async def encode(self, message: Any, serializer: Any = None) -> tuple[bytes, str | None]:
        raise NotImplementedError("services publish through the outbox only")

    def lire(self, bruts: Sequence[ConsumerRecord]) -> list[Lu]:
        return [self.lire_un(brut, brut.topic) for brut in bruts]

    def lire_un(self, brut: ConsumerRecord, origine: str) -> Lu:
        """Decode ``brut`` by the contract of ``origine`` (its own topic, unless it is a reject)."""
        topic, session, lecteurs = self._lecteurs[origine]
        recordedtime, type_ = _deux_entetes(brut.headers)
        try:
            if not topic.par_eleve:
                dit = _reference(brut, lecteurs, type_, session)
                return Lu(topic, "", None, recordedtime, None, alleger(brut), dit)
            eleve_id = _eleve(brut.key)
            fait = None if brut.value is None else _decoder(lecteurs, type_)(brut.value)
            if fait is not None:
                _same_subject(fait, eleve_id, session)
        except (DataError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as erreur:
            return Lu(topic, "", None, recordedtime, motif(erreur), brut)
        return Lu(topic, eleve_id, fait, recordedtime, None, alleger(brut))


def _same_subject(fait: Fait, eleve_id: str, session: int) -> None:
    if fait.eleve_id != eleve_id:
        raise DataError("the key does not name the pupil of the value")
    if fait.session != session:
        raise DataError("the value is not of the topic's session")


def _reference(
    brut: ConsumerRecord, lecteurs: dict[bytes, Any], type_: bytes, session: int
) -> Reference | None:
    if brut.key is None:
        raise DataError("the record has no key")
    dit: Reference | None = None if brut.value is None else _decoder(lecteurs, type_)(brut.value)
    if dit is not None and dit.session != session:
        raise DataError("the value is not of the topic's session")
    return dit


def motif(erreur: BaseException) -> str:
    """Why a record is refused, without any of its values: those may be personal.

    Decoders quote what they refuse. Drivers put whole rows in their texts: only their codes are kept.
    """
    nom = type(erreur).__name__
    if isinstance(erreur, DataError | msgspec.DecodeError):
        return f"{nom}: {_QUOTED.sub('…', str(erreur))}"[:300]
    codes = (str(getattr(erreur, champ, None) or "") for champ in _CODES)
    return ": ".join([nom, *filter(None, codes)])[:300]


_CODES = ("sqlstate", "table_name", "column_name", "constraint_name")


def _deux_entetes(headers: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    if len(headers) > 1 and headers[0][0] == "ce_recordedtime" and headers[1][0] == "ce_type":
        return (headers[0][1] or b"").decode("ascii", "replace"), headers[1][1] or b""
    return (
        (entete(headers, "ce_recordedtime") or b"").decode("ascii", "replace"),
        entete(headers, "ce_type") or b"",
    )


def _decoder(lecteurs: dict[bytes, Any], type_: bytes) -> Callable[[bytes], Any]:
    lecteur = lecteurs.get(type_)
    if lecteur is None:
        raise DataError("ce_type is not one of the topic's")
    return lecteur.decode  # type: ignore[no-any-return]


def _eleve(cle: bytes | None) -> str:
    if cle is None:
        raise DataError("the record has no key")
    eleve_id = cle[:36].decode("ascii")
    if len(cle) > 36 and cle[36:37] != b"/":  # noqa: PLR2004 - the length of a UUID's text
        raise DataError("the key is not id or id/subject")
    if not _uuid(eleve_id):
        raise DataError("the key does not begin with a UUID")
    return eleve_id


class _NoConsumer:
    """FastStream acknowledges through the message's consumer; ours never does (offsets are ours)."""

    async def commit(self) -> None:
        """Nothing to commit: offsets are stored with the effects."""

    def seek(self, partition: Any, offset: Any) -> None:
        """Nothing to seek: the consumer seeks itself."""


_NO_CONSUMER = _NoConsumer()
