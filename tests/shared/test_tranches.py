"""Tranches against the client's own builder and reader: same records, same positions."""

import inspect
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.enveloppe import Evenement, entete, horodatage_us
from shared.kafka import fetched
from shared.kafka.fetched import TRANCHES, Fetched
from shared.kafka.framing import FramedBatch, frame
from shared.kafka.headings import Headings, headers
from shared.kafka.packing import Packed
from shared.kafka.records import brut_de
from shared.kafka.tranches import Tranche
from tests.kit.tranches import lot, tranche, tranches

OCTETS = st.none() | st.binary(max_size=200)
ENTETES = st.lists(st.tuples(st.text(max_size=70), st.binary(max_size=150)), max_size=4)


@st.composite
def _records(draw: st.DrawFn) -> list["ConsumerRecord[Any, Any]"]:
    offsets = sorted(draw(st.sets(st.integers(0, 20_000), min_size=1, max_size=12)))
    return [
        ConsumerRecord(
            "t",
            0,
            offset,
            draw(st.integers(0, 2**40)),
            0,
            draw(OCTETS),
            draw(OCTETS),
            None,
            0,
            0,
            draw(ENTETES),
        )
        for offset in offsets
    ]


@settings(deadline=None, max_examples=60)
@given(_records(), st.sampled_from([0, 1, 2, 3, 4]), st.integers(0, 20_001))
def test_tranches_hold_what_the_client_reads(
    records: list["ConsumerRecord[Any, Any]"], compression: int, depuis: int
) -> None:
    octets = lot(records, compression=compression, base=records[0].offset)
    fetched.install()
    theirs = fetcher.PartitionRecords(
        TopicPartition("t", 0),
        Fetched(octets),
        [],
        depuis,
        None,
        None,
        True,  # noqa: FBT003
        1,
    )
    attendus = [(r.offset, r.key, r.value, r.headers) for r in theirs]
    lus = [r for une in tranches(octets, "t", depuis=depuis) for r in une.records()]
    assert [(o, k, v, headers(h)) for o, k, v, h in lus] == attendus


@settings(deadline=None, max_examples=40)
@given(_records(), st.integers(0, 20_001), st.integers(0, 20_001))
def test_a_tranche_is_cut_where_it_is_told(
    records: list["ConsumerRecord[Any, Any]"], start: int, end: int
) -> None:
    lus = [offset for offset, *_ in tranche(records).entre(start, end).records()]
    assert lus == [r.offset for r in records if start <= r.offset < end]


def test_the_client_is_the_one_that_our_reading_was_written_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version that reads otherwise must be looked at before it is taken: docs/decisions/0032."""
    fetched.install()
    assert tuple(inspect.signature(fetched._TheirRecords).parameters) == fetched._SHAPE
    source = inspect.getsource(fetcher.Fetcher._proc_fetch_request)
    assert "records = MemoryRecords(part_data[-1])" in source
    assert "if records.has_next():" in source
    assert "elif records.size_in_bytes() > 0:" in source
    assert "partition_records = PartitionRecords(" in source
    assert "self._partition_records.next_fetch_offset" in inspect.getsource(fetcher.FetchResult)
    monkeypatch.setattr(fetcher, "PartitionRecords", object)
    with pytest.raises(RuntimeError, match="aiokafka"):
        fetched.install()


def test_a_consumer_that_asks_for_nothing_reads_as_before() -> None:
    fetched.install()
    octets = Fetched(lot([ConsumerRecord("t", 0, 0, 0, 0, b"k", b"v", None, 0, 0, [])]))
    tp = TopicPartition("t", 0)
    (record,) = fetcher.PartitionRecords(tp, octets, [], 0, None, None, True, 1)  # noqa: FBT003
    assert isinstance(record, ConsumerRecord)
    (tranche_lue,) = fetcher.PartitionRecords(tp, octets, [], 0, TRANCHES, None, True, 1)  # noqa: FBT003
    assert isinstance(tranche_lue, Tranche)


def test_a_half_batch_is_left_for_the_next_fetch() -> None:
    record = ConsumerRecord("t", 0, 0, 0, 0, b"k", b"v", None, 0, 0, [])
    entier = lot([record])
    suivant = ConsumerRecord("t", 0, 1, 0, 0, b"k", b"v", None, 0, 0, [])
    lues = tranches(entier + lot([suivant], base=1)[:-1], "t")
    assert [(une.start, une.end) for une in lues] == [(0, 1)]
    assert not Fetched(entier[:-1]).has_next()


def test_a_batch_that_was_damaged_is_refused() -> None:
    octets = bytearray(lot([ConsumerRecord("t", 0, 0, 0, 0, b"k", b"value", None, 0, 0, [])]))
    octets[-3] ^= 1
    with pytest.raises(CorruptRecordException):
        tranches(bytes(octets), "t")


def test_what_was_aborted_is_passed_over_until_its_marker() -> None:
    def un(base: int, producteur: int, *, controle: bytes | None = None) -> bytes:
        batch = DefaultRecordBatchBuilder(2, 0, 1, producteur, 0, 0, 1 << 20)  # type: ignore[abstract]
        batch.append(0, 0, controle or b"k", b"v", [])
        octets = bytearray(batch.build())
        octets[:8] = base.to_bytes(8, "big")
        if controle:
            octets[21:23] = (0x30).to_bytes(2, "big")
            octets[17:21] = _crc(octets[21:]).to_bytes(4, "big")
        return bytes(octets)

    abandon, confirme = b"\0\0\0\0", b"\0\0\0\1"
    log = un(0, 7) + un(1, 8) + un(2, 7, controle=abandon) + un(3, 8, controle=confirme) + un(4, 7)
    assert [une.start for une in tranches(log, "t", avortees=[(7, 0)])] == [1, 4]


def _crc(octets: bytearray) -> int:
    from aiokafka.record.util import calc_crc32c  # noqa: PLC0415 - its own reckoning

    return int(calc_crc32c(memoryview(octets)))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60), st.integers(1, 9))
def test_a_packed_window_gives_everything_back_a_pupil_at_once_in_order(
    faits: list[tuple[int, bool]], taille: int
) -> None:
    cles = [
        f"{n * 3:x}0000000-0000-4000-8000-000000000000{'/v' if sujet else ''}".encode() for n, sujet in faits
    ]
    records = [
        ConsumerRecord("t", 0, rang, 0, 0, cle, b"x" * 9_000, None, 0, 0, []) for rang, cle in enumerate(cles)
    ]
    packed = Packed()
    for debut in range(0, len(records), taille):
        packed.add(tranche(records).entre(debut, debut + taille))
    lots = [[r for une in lot for r in une.records()] for lot in packed.lots()]
    assert sorted(o for lus in lots for o, *_ in lus) == list(range(len(records)))
    vus: set[bytes] = {b""}
    for lus in lots:
        eleves = {(cle or b"")[:36] for _, cle, *_ in lus}
        assert min(eleves) > max(vus)
        vus |= eleves
        for eleve in eleves:
            siens = [o for o, cle, *_ in lus if (cle or b"")[:36] == eleve]
            assert siens == sorted(siens)
    assert packed.records >= len(records)


def _emis(**champs: str) -> bytes:
    """Headers of an event of ours, as they are framed."""
    base = {
        "type": "VoeuModifie",
        "id": "1" * 36,
        "time": "2026-03-10T11:00:00.000000Z",
        "source": "/pilotage/x",
    }
    fait = Evenement(topic="t", cle="k", donnees=b"{}", **{**base, **champs})
    batch = FramedBatch(transactional=False)
    batch.add(frame(fait), horodatage_us(1_768_000_000_000_001).encode(), 1)
    ((*_, entetes),) = Tranche("t", 0, 0, 0, 1, 1, b"".join(batch._records)).records()
    return entetes


EMIS = [
    _emis(),
    _emis(type="PropositionRecue"),
    _emis(id="court"),
    _emis(time="2026-03-10T11:00:00Z"),
    _emis(type="x" * 70),
    _emis(source=""),
    brut_de(
        ConsumerRecord("t", 0, 0, 0, 0, b"k", b"", None, 0, 0, [("ce_time", b"x"), ("ce_type", b"y")])
    ).octets,
    brut_de(ConsumerRecord("t", 0, 0, 0, 0, b"k", b"", None, 0, 0, [])).octets,
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(EMIS), min_size=1, max_size=20))
def test_headers_are_read_as_if_each_were_looked_for(suite: list[bytes]) -> None:
    lecteur = Headings()
    for octets in suite:
        tous = headers(octets)
        stamp, type_, time = lecteur.read(octets)
        assert stamp.encode() == (entete(tous, "ce_recordedtime") or b"")
        assert type_ == (entete(tous, "ce_type") or b"")
        assert time is None or time == entete(tous, "ce_time")
    lecteur.read(EMIS[0])
    assert lecteur.read(EMIS[0])[2] == b"2026-03-10T11:00:00.000000Z"
