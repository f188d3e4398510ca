"""A frame is the record that the client would have built: read back by the client's own reader of batches."""

from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.events.enveloppe import Evenement, entetes, horodatage_us
from shared.kafka.framing import Framer, frame, varint
from shared.kafka.partition import hash_de
from shared.kafka.spool import SpoolWriter, read_chunks
from tests.kit import frames

STAMP_US = 1_768_000_000_000_000
evenements = st.builds(
    Evenement,
    topic=st.just("2026.candidature.voeu.v1"),
    cle=st.text(max_size=60),
    type=st.sampled_from(["VoeuModifie", "VoeuNonConfirme"]),
    id=st.uuids().map(str) | st.text(max_size=40),
    time=st.just("2026-01-20T12:00:00.000000Z") | st.text(max_size=30),
    source=st.just("/pilotage/ingest") | st.text(max_size=20),
    donnees=st.none() | st.binary(max_size=300),
)


@given(st.lists(evenements, min_size=1, max_size=20))
def test_a_batch_of_frames_holds_the_records_of_their_events(faits: list[Evenement]) -> None:
    lus = frames.lus([frame(fait) for fait in faits], STAMP_US)
    assert lus == [
        (fait.cle.encode(), fait.donnees, dict(entetes(fait, horodatage_us(STAMP_US + rang))))
        for rang, fait in enumerate(faits)
    ]
    assert [list(headers) for *_, headers in lus] == [[nom for nom, _ in entetes(f, "")] for f in faits]


@given(
    evenements, st.dictionaries(st.sampled_from(["ce_source", "reason", "attempts"]), st.text(max_size=90))
)
def test_extra_headers_replace_those_of_the_same_name(fait: Evenement, extra: dict[str, str]) -> None:
    ((_, _, headers),) = frames.lus([frame(fait, extra)], STAMP_US)
    assert headers == dict(entetes(fait, horodatage_us(STAMP_US))) | {
        nom: valeur.encode() for nom, valeur in extra.items()
    }


@given(st.integers(0, 1 << 31))
def test_a_varint_is_what_the_client_reads(nombre: int) -> None:
    octets, lu, rang = varint(nombre), 0, 0
    for octet in octets:
        lu |= (octet & 0x7F) << rang
        rang += 7
    assert lu == 2 * nombre
    assert all(octet & 0x80 for octet in octets[:-1])


def test_a_spool_is_read_from_any_rank_in_chunks_of_any_size(tmp_path: Path) -> None:
    faits = [
        Evenement(topic="t", cle=f"e/{n}", type="T", id="i", time="t", source="s", donnees=b"{}")
        for n in range(2_345)
    ]
    with SpoolWriter(tmp_path / "spool") as spool:
        for fait in faits:
            spool.add(fait)
    assert spool.count == len(faits)
    attendus = [frame(fait) for fait in faits]
    for taille, depart in ((1, 2_340), (700, 0), (1_000, 999), (5_000, 1_000), (5_000, 1_001), (10, 2_345)):
        chunks = list(read_chunks(tmp_path / "spool", taille, depart))
        assert [un for chunk in chunks for un in chunk] == attendus[depart:]
        assert all(len(chunk) == taille for chunk in chunks[:-1])


@given(st.uuids(), st.binary(max_size=300))
def test_a_framer_frames_as_one_event_at_a_time(eleve: UUID, valeur: bytes) -> None:
    time, id_ = horodatage_us(1_770_000_000_000_000), str(UUID(int=7))
    fait = Evenement(topic="t", cle=str(eleve), type="X", id=id_, time=time, source="/s", donnees=valeur)
    framer = Framer("t", "X", time, "/s")
    assert framer.frame(str(eleve).encode(), hash_de(str(eleve)), id_, valeur) == frame(fait)
