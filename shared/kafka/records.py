"""Records as the services see them, and the FastStream codec that makes them.

Decoding is per record: a poison record becomes a record with an error, its neighbours are intact.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage

from shared.events.enveloppe import Header, entete
from shared.events.rapide import Fait, Legers, Reference, decodeurs
from shared.events.topics import Topic
from shared.kafka.framing import header, varint
from shared.kafka.headings import STAMP_AT, STAMP_OPENING, TYPE_AT, Headings, headers, usual_type
from shared.kafka.lots import Lot, Moments
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
        return headers(self.octets)


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
    moment: bytes | None = None

    @property
    def time(self) -> str:
        """When it happened; when it was recorded, for a record without that header."""
        time = self.moment
        if time is None and self.brut is not None:
            time = entete(self.brut.headers, "ce_time")
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
    """Decodes the records of a set of topics; one instance per consumer.

    ``legers``: what a projection reads instead of some twins, as ``legers`` of its own.
    """

    def __init__(self, topics: Mapping[str, Topic], legers: Legers = MappingProxyType({})) -> None:
        self._lectures = {complet: _Lecture(topic, complet, legers) for complet, topic in topics.items()}
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
        lecture = self._lectures[tranche.topic]
        nom, partition = tranche.topic, tranche.partition
        lire = lecture.eleve if lecture.topic.par_eleve else lecture.autre
        for offset, cle, valeur, entetes in tranche.records():
            yield lire(Brut(nom, partition, offset, cle, valeur, entetes))

    def topic(self, complet: str) -> Topic:
        return self._lectures[complet].topic

    def grouper(self, tranches: Iterable[Tranche], moments: Moments) -> Lot:
        """The same records the short way; of topics by pupil."""
        lot = Lot({}, [], Counter(), {})
        for tranche in tranches:
            self._lectures[tranche.topic].grouper(tranche, moments, lot)
        return lot

    def lire_un(self, record: ConsumerRecord, origine: str) -> Lu:
        """Decode a record of the client's by the contract of ``origine``: a reject's."""
        lecture = self._lectures[origine]
        return (lecture.eleve if lecture.topic.par_eleve else lecture.autre)(brut_de(record))


_FAUTES = (DataError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Lecture:
    """How the records of one topic are read."""

    def __init__(self, topic: Topic, complet: str, legers: Legers) -> None:
        self.topic = topic
        self._session = topic.session_de(complet)
        self._decodeurs = {type_: decodeur.decode for type_, decodeur in decodeurs(topic, legers).items()}
        self._entetes = Headings()

    def eleve(self, brut: Brut) -> Lu:
        recordedtime, type_, moment = self._entetes.read(brut.octets)
        try:
            eleve_id = _eleve(brut.key)
            fait = None
            if brut.value is not None:
                fait = self._decodeur(type_)(brut.value)
                if fait.eleve_id != eleve_id or fait.session != self._session:
                    _same_subject(fait, eleve_id, self._session)
        except _FAUTES as erreur:
            return Lu(self.topic, "", None, recordedtime, motif(erreur), brut)
        return Lu(self.topic, eleve_id, fait, recordedtime, None, brut, None, moment)

    def grouper(self, tranche: Tranche, moments: Moments, lot: Lot) -> None:
        """As :meth:`eleve`, written out: it is run for every record of the log. What is unusual goes the long way."""
        groupes, ids, session, records, stamp = lot.groupes, _IDS, self._session, 0, b""
        usuel = b"\xff"
        decoder: Callable[[bytes], Any] = _indecodable
        for offset, cle, valeur, octets in tranche.records():
            records += 1
            if octets.startswith(usuel, TYPE_AT) and octets.startswith(STAMP_OPENING, 1) and cle and valeur:
                eleve_id = ids.get(cle[:36])
                try:
                    fait = decoder(valeur)
                except _FAUTES:
                    eleve_id = None
                if (
                    eleve_id is not None
                    and fait.eleve_id == eleve_id
                    and fait.session == session
                    and (len(cle) == 36 or cle[36] == _BARRE)  # noqa: PLR2004 - the length of a UUID's text
                ):
                    stamp = octets[STAMP_AT:TYPE_AT]
                    un = (moments[stamp[:13]], fait)
                    if eleve_id in groupes:
                        groupes[eleve_id].append(un)
                    else:
                        groupes[eleve_id] = [un]
                    continue
            lu = self.eleve(Brut(tranche.topic, tranche.partition, offset, cle, valeur, octets))
            if lu.erreur is not None:
                lot.refus.append(lu)
                records -= 1
                continue
            stamp = lu.recordedtime.encode()
            if lu.fait is not None:
                groupes.setdefault(lu.eleve_id, []).append((moments[stamp[:13]], lu.fait))
            usuel, type_ = usual_type(octets)
            decoder = self._decodeurs.get(type_, _indecodable)
        lot.compter(tranche, records, stamp)

    def autre(self, brut: Brut) -> Lu:
        recordedtime, type_, moment = self._entetes.read(brut.octets)
        try:
            dit = self._reference(brut, type_)
        except _FAUTES as erreur:
            return Lu(self.topic, "", None, recordedtime, motif(erreur), brut)
        return Lu(self.topic, "", None, recordedtime, None, brut, dit, moment)

    def _reference(self, brut: Brut, type_: bytes) -> Reference | None:
        if brut.key is None:
            raise DataError("the record has no key")
        dit: Reference | None = None if brut.value is None else self._decodeur(type_)(brut.value)
        if dit is not None and dit.session != self._session:
            raise DataError("the value is not of the topic's session")
        return dit

    def _decodeur(self, type_: bytes) -> Callable[[bytes], Any]:
        try:
            return self._decodeurs[type_]
        except KeyError:
            raise DataError("ce_type is not one of the topic's") from None


def _indecodable(_: bytes) -> Any:
    raise DataError


def _same_subject(fait: Fait, eleve_id: str, session: int) -> None:
    if fait.eleve_id != eleve_id:
        raise DataError("the key does not name the pupil of the value")
    if fait.session != session:
        raise DataError("the value is not of the topic's session")


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
