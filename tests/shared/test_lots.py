"""Reading the short way says the same as reading record by record."""

from aiokafka import ConsumerRecord

from shared.events import topics as t
from shared.events.enveloppe import Evenement, entetes, horodatage_us
from shared.kafka.records import Codec
from tests.kit.journal import Faits
from tests.kit.services import World
from tests.kit.tranches import tranche

_HEURE = {f"2026-03-12T{heure:02d}".encode(): heure for heure in range(24)}
_MIDI = 1_773_313_200_000_000
SESSION = "x.2026."


def _record(rang: int, fait: Evenement, **autres: object) -> "ConsumerRecord[bytes, bytes]":
    champs = {
        "topic": fait.topic,
        "partition": 0,
        "offset": rang,
        "timestamp": 0,
        "timestamp_type": 0,
        "key": fait.cle.encode(),
        "value": fait.donnees,
        "checksum": None,
        "serialized_key_size": 0,
        "serialized_value_size": 0,
        "headers": entetes(fait, horodatage_us(_MIDI + rang * 1_000_000_000)),
    }
    return ConsumerRecord(**{**champs, **autres})  # type: ignore[arg-type]


def test_facts_tombstones_and_what_is_refused_are_the_same_the_short_way() -> None:
    faits = Faits(World(servers=None, prefix="x."))  # type: ignore[arg-type]
    un, deux = faits.eleve_id(), faits.eleve_id()
    voeu = faits.voeu(un, "v1")
    records = [
        _record(0, voeu),
        _record(1, faits.voeu(deux, "v1")),
        _record(2, voeu, value=b"{not json"),
        _record(3, faits.voeu(un, "v2")),
        _record(4, voeu, key=deux.encode() + b"/v1"),
        _record(5, voeu, value=None),
        _record(6, voeu, key=None),
        _record(7, voeu, key=b"not a uuid"),
        _record(8, voeu, headers=list(reversed(entetes(voeu, horodatage_us(_MIDI))))),
        _record(9, voeu, headers=[("ce_recordedtime", horodatage_us(_MIDI).encode()), ("ce_type", b"other")]),
        _record(10, faits.voeu(deux, "v3")),
    ]
    codec = Codec({f"{SESSION}{t.VOEU.nom}": t.VOEU})
    lue = tranche(records)
    lot, lus = codec.grouper([lue], _HEURE), list(codec.lire(lue))
    assert [(lu.brut.offset, lu.erreur) for lu in lot.refus] == [
        (lu.brut.offset, lu.erreur) for lu in lus if lu.erreur is not None
    ]
    valides = [lu for lu in lus if lu.erreur is None and lu.fait is not None]
    assert {eleve: [fait for _, fait in siens] for eleve, siens in lot.groupes.items()} == {
        eleve: [lu.fait for lu in valides if lu.eleve_id == eleve] for eleve in (un, deux)
    }
    heures = [heure for siens in lot.groupes.values() for heure, _ in siens]
    assert sorted(heures) == sorted(_HEURE[lu.recordedtime[:13].encode()] for lu in valides)
    assert sum(lot.comptes.values()) == sum(lu.erreur is None for lu in lus)
    assert max(lot.derniers.values()) == lus[-1].recordedtime
