"""What bulk and relay send arrives whole and in order, whatever its size."""

from msgspec.structs import replace

from shared.events.topics import VOEU
from shared.kafka.send import MAX_VALUE_BYTES
from tests.kit.faults import records
from tests.kit.journal import Faits, publier
from tests.kit.services import World

BATCH_BYTES = 262_144


async def test_values_beyond_a_record_batch_go_between_small_ones_in_order(opened: World) -> None:
    faits = Faits(opened)
    un = faits.eleve_id()
    tailles = [0, BATCH_BYTES - 100, 0, 0, MAX_VALUE_BYTES, BATCH_BYTES * 2, 0]
    envoyes = [
        replace(faits.voeu(un, f"v{i}"), donnees=b'"' + b"x" * taille + b'"')
        for i, taille in enumerate(tailles)
    ]
    await publier(opened, envoyes)
    lus = await records(opened, VOEU)
    assert [(lu.key.decode(), len(lu.value)) for lu in lus] == [
        (f.cle, len(f.donnees or b"")) for f in envoyes
    ]
    stamps = [dict(lu.headers)["ce_recordedtime"] for lu in lus]
    assert stamps == sorted(set(stamps))
