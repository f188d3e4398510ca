"""Records as the services see them, and the FastStream codec that makes them.

Decoding is per record: a poison record becomes a record with an error, its neighbours are intact.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage

from shared.events.enveloppe import Header, entete
from shared.events.rapide import Fait, Reference, decodeurs
from shared.events.topics import Topic
from shared.kafka import tranches
from shared.kafka.framing import header, varint
from shared.kafka.tranches import Tranche

_QUOTED = re.compile(r"""['"].*['"]""", re.DOTALL)


class Brut(msgspec.Struct, gc=False):
    """A record as the log has it. ``octets``: its headers, read only when somebody asks for one."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    octets: bytes

    @property
    def headers(self) -> tuple[Header, ...]:
        return tranches.headers(self.octets)


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
        if self.brut is None:
            return self.recordedtime
        octets = self.brut.octets
        time = tranches.usual_time(octets) or entete(tranches.headers(octets), "ce_time")
        return time.decode("ascii", "replace") if time else self.recordedtime


def brut_de(record: ConsumerRecord) -> Brut:
    """A record of the client's own."""
    octets = varint(len(record.headers)) + b"".join([header(nom, valeur) for nom, valeur in record.headers])
    return Brut(record.topic, record.partition, record.offset, record.key, record.value, octets)


class DataError(Exception):
    """This record, not the infrastructure, is at fault; the message holds no personal data."""


_IDS: dict[bytes, str] = {}
_IDS_MAX = 8_192
"""Ids seen to be UUIDs lately: what is read together is of few pupils, who share their text so."""


class Codec:
    """Decodes the records of a set of topics; one instance per consumer."""

    def __init__(self, topics: Mapping[str, Topic]) -> None:
        self._lecteurs: dict[str, tuple[Topic, int, dict[bytes, Any]]] = {
            complet: (topic, topic.session_de(complet), decodeurs(topic)) for complet, topic in topics.items()
        }
        self.topics = tuple(topics)
        self.batches = 0

    async def parse(self, brut: tuple[Tranche, ...]) -> KafkaMessage:
        """FastStream's parser would decode every header of every record; nothing here needs it.

        ``batches`` counts what was fetched: a batch that never reaches the handler shows.
        """
        self.batches += 1
        return KafkaMessage(body=b"", raw_message=brut, headers={}, batch_headers=[], consumer=_NO_CONSUMER)

    async def decode_batch(self, message: Any) -> tuple[Tranche, ...]:
        return message.raw_message  # type: ignore[no-any-return]

    async def decode(self, message: Any) -> tuple[Tranche, ...]:
        return message.raw_message  # type: ignore[no-any-return]

    async def encode_batch(self, messages: Sequence[Any], serializer: Any = None) -> list[Any]:
        raise NotImplementedError("services publish through the outbox only")

    async def encode(self, message: Any, serializer: Any = None) -> tuple[bytes, str | None]:
        raise NotImplementedError("services publish through the outbox only")

    def lire(self, tranche: Tranche) -> Iterator[Lu]:
        """Its records, each decoded or refused."""
        topic, session, lecteurs = self._lecteurs[tranche.topic]
        nom, partition = tranche.topic, tranche.partition
        lire = _lire_eleve if topic.par_eleve else _lire_reference
        for offset, cle, valeur, entetes in tranche.records():
            yield lire(topic, session, lecteurs, Brut(nom, partition, offset, cle, valeur, entetes))

    def lire_un(self, record: ConsumerRecord, origine: str) -> Lu:
        """Decode a record of the client's by the contract of ``origine``: a reject's."""
        topic, session, lecteurs = self._lecteurs[origine]
        lire = _lire_eleve if topic.par_eleve else _lire_reference
        return lire(topic, session, lecteurs, brut_de(record))


_FAUTES = (DataError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _lire_eleve(topic: Topic, session: int, lecteurs: dict[bytes, Any], brut: Brut) -> Lu:
    recordedtime, type_ = _deux_entetes(brut.octets)
    try:
        eleve_id = _eleve(brut.key)
        fait = None
        if brut.value is not None:
            fait = _decoder(lecteurs, type_)(brut.value)
            if fait.eleve_id != eleve_id or fait.session != session:
                _same_subject(fait, eleve_id, session)
    except _FAUTES as erreur:
        return Lu(topic, "", None, recordedtime, motif(erreur), brut)
    return Lu(topic, eleve_id, fait, recordedtime, None, brut)


def _lire_reference(topic: Topic, session: int, lecteurs: dict[bytes, Any], brut: Brut) -> Lu:
    recordedtime, type_ = _deux_entetes(brut.octets)
    try:
        dit = _reference(brut, lecteurs, type_, session)
    except _FAUTES as erreur:
        return Lu(topic, "", None, recordedtime, motif(erreur), brut)
    return Lu(topic, "", None, recordedtime, None, brut, dit)


def _same_subject(fait: Fait, eleve_id: str, session: int) -> None:
    if fait.eleve_id != eleve_id:
        raise DataError("the key does not name the pupil of the value")
    if fait.session != session:
        raise DataError("the value is not of the topic's session")


def _reference(brut: Brut, lecteurs: dict[bytes, Any], type_: bytes, session: int) -> Reference | None:
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


def _deux_entetes(octets: bytes) -> tuple[str, bytes]:
    usuels = tranches.usual_opening(octets)
    if usuels is not None:
        return usuels
    tous = tranches.headers(octets)
    return (
        (entete(tous, "ce_recordedtime") or b"").decode("ascii", "replace"),
        entete(tous, "ce_type") or b"",
    )


def _decoder(lecteurs: dict[bytes, Any], type_: bytes) -> Callable[[bytes], Any]:
    lecteur = lecteurs.get(type_)
    if lecteur is None:
        raise DataError("ce_type is not one of the topic's")
    return lecteur.decode  # type: ignore[no-any-return]


def _eleve(cle: bytes | None) -> str:
    if cle is None:
        raise DataError("the record has no key")
    debut = cle[:36]
    eleve_id = _IDS.get(debut)
    if eleve_id is None:
        eleve_id = _connaitre(debut)
    if len(cle) > 36 and cle[36] != _BARRE:  # noqa: PLR2004 - the length of a UUID's text
        raise DataError("the key is not id or id/subject")
    return eleve_id


_BARRE = ord("/")


def _connaitre(debut: bytes) -> str:
    eleve_id = debut.decode("ascii")
    try:
        connu = str(UUID(eleve_id)) == eleve_id
    except ValueError:
        connu = False
    if not connu:
        raise DataError("the key does not begin with a UUID")
    if len(_IDS) >= _IDS_MAX:
        _IDS.clear()
    _IDS[debut] = eleve_id
    return eleve_id


class _NoConsumer:
    """FastStream acknowledges through the message's consumer; ours never does (offsets are ours)."""

    async def commit(self) -> None:
        """Nothing to commit: offsets are stored with the effects."""

    def seek(self, partition: Any, offset: Any) -> None:
        """Nothing to seek: the consumer seeks itself."""


_NO_CONSUMER = _NoConsumer()
