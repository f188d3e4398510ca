"""Ids, stamps and partitions are written out for speed: each equals the library's own."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from shared.events.enveloppe import horodatage, horodatage_us, horodatages_us, identifiant
from shared.kafka.partition import murmur2, partition_de

NAMESPACE = UUID("6f0cf9c6-2d6e-5c41-9d6b-0f5f5a1c2026")


@given(st.text(max_size=40), st.text(max_size=80), st.integers(0, 2**63 - 1))
def test_an_event_id_is_a_uuid_of_version_5(topic: str, cle: str, version: int) -> None:
    assert identifiant(topic, cle, version) == str(uuid5(NAMESPACE, f"{topic}|{cle}|{version}"))


@given(st.binary(max_size=100))
def test_the_hash_of_a_key_is_the_one_of_every_kafka_client(octets: bytes) -> None:
    assert murmur2(octets) == reference(octets)


@given(st.uuids().map(str), st.text(max_size=30), st.integers(1, 48))
def test_all_subjects_of_a_pupil_share_his_partition(eleve_id: str, sujet: str, partitions: int) -> None:
    assert partition_de(f"{eleve_id}/{sujet}", partitions) == partition_de(eleve_id, partitions)


@given(st.integers(0, 2**32), st.integers(0, 999_999))
def test_a_stamp_reads_the_same_from_microseconds_and_from_an_instant(secondes: int, reste: int) -> None:
    instant = datetime.fromtimestamp(secondes, UTC).replace(microsecond=reste)
    assert horodatage_us(secondes * 1_000_000 + reste) == horodatage(instant)


@given(st.integers(0, 4 * 10**15), st.integers(1, 40))
def test_stamps_that_follow_each_other_are_written_as_each_alone(debut: int, nombre: int) -> None:
    instants = range(debut, debut + nombre)
    assert list(horodatages_us(instants)) == [horodatage_us(instant) for instant in instants]
    au_bord = range(
        debut // 1_000_000 * 1_000_000 - nombre + 1_000_000, debut // 1_000_000 * 1_000_000 + 1_000_003
    )
    assert list(horodatages_us(au_bord)) == [horodatage_us(instant) for instant in au_bord]
