"""Which partitions are read when much waits: one number to the end that the log had, then the next."""

from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition

from shared.db.offsets import Place
from shared.kafka.focus import Focus
from tests.kit.journal import LYCEE_A, Faits, a_jour, publier
from tests.kit.services import World

WINDOW, BATCH = 100, 10


class Client:
    """What a focus does to the client: the partitions that are read."""

    def __init__(self) -> None:
        self.read: set[TopicPartition] = set()

    def resume(self, tp: TopicPartition) -> None:
        self.read.add(tp)

    def pause(self, tp: TopicPartition) -> None:
        self.read.discard(tp)

    @property
    def numbers(self) -> set[int]:
        return {tp.partition for tp in self.read}


def places(counts: Mapping[int, int]) -> dict[Place, int]:
    return {Place(topic, part): count for topic in ("a", "b") for part, count in counts.items()}


def test_all_are_read_when_little_waits() -> None:
    client = Client()
    Focus(client, window=WINDOW, batch=BATCH).narrow(places({0: 0, 1: 0}), places({0: 90, 1: 90}))
    assert client.numbers == {0, 1}


def test_far_behind_the_number_with_most_is_read_to_its_end_then_the_next() -> None:
    client, focus = Client(), None
    focus = Focus(client, window=WINDOW, batch=BATCH)
    focus.narrow(places({0: 0, 1: 0, 2: 0}), places({0: 300, 1: 900, 2: 500}))
    assert client.numbers == {1}
    assert len(client.read) == 2, "every topic of the number"
    focus.narrow(places({0: 0, 1: 500, 2: 0}), places({0: 300, 1: 5_000, 2: 500}))
    assert client.numbers == {1}
    focus.narrow(places({0: 0, 1: 900, 2: 0}), places({0: 300, 1: 100, 2: 500}))
    assert client.numbers == {2}
    focus.narrow(places({0: 0, 1: 900, 2: 500}), places({0: 20, 1: 100, 2: 0}))
    assert client.numbers == {0, 1, 2}


def test_a_flood_on_one_number_does_not_starve_the_others() -> None:
    client = Client()
    focus = Focus(client, window=WINDOW, batch=BATCH)
    focus.narrow(places({0: 0, 1: 0}), places({0: 400, 1: 300}))
    assert client.numbers == {0}
    focus.narrow(places({0: 400, 1: 0}), places({0: 250, 1: 300}))
    assert client.numbers == {1}, "where the log ended when it was chosen, another is"


def test_a_single_number_is_never_paused() -> None:
    client = Client()
    Focus(client, window=WINDOW, batch=BATCH).narrow(places({3: 0}), places({3: 9_999}))
    assert client.numbers == {3}


async def test_a_consumer_far_behind_reads_everything(opened: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than four windows wait when it starts, then a few more facts of every partition come."""
    faits = Faits(opened)
    ids = [faits.eleve_id() for _ in range(120)]
    await publier(opened, (faits.voeu(e, f"v{n}") for n in range(5) for e in ids))
    narrowed: list[int | None] = []
    monkeypatch.setattr(Focus, "_read", _noting(narrowed, Focus._read))
    async with opened.running("avenir", window_records=50, batch_records=20):
        await a_jour(opened, "avenir")
        await publier(opened, (faits.eleve(e, uai=LYCEE_A) for e in ids))
        await a_jour(opened, "avenir")
    assert len({part for part in narrowed if part is not None}) > 1
    assert narrowed[-1] is None


def _noting(noted: list[int | None], original: object) -> object:
    def read(self: Focus, places_: object) -> None:
        noted.append(self.part)
        original(self, places_)  # type: ignore[operator]

    return read
