"""Far behind, one partition number at a time: what concerns a pupil then meets in few windows.

A window drawn from every partition holds about one fact of each pupil, who is loaded and written for it.
Drawn from one number (the same of every topic: all about its pupils), it holds several.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from shared.db.offsets import Place

FAR = 4
"""Windows that wait before the reading is narrowed."""


class Focus:
    """What of the partitions held is read: one number, or all. Pausing changes no position.

    A number is left where the log ended when it was chosen: a flood never starves the others.
    """

    def __init__(self, kafka: Any, *, window: int, batch: int) -> None:
        """Nothing is read yet. Sizes are in records."""
        self._kafka = kafka
        self._far = FAR * window
        self._batch = batch
        self._part: int | None = None
        self._goal = 0
        self._begun = False

    @property
    def part(self) -> int | None:
        """The number that is read alone."""
        return self._part

    def narrow(self, positions: Mapping[Place, int], behind: Mapping[Place, int]) -> None:
        """Choose what is read next. ``behind``: records that wait after each position, as far as is known."""
        if self._part is not None and _sum(positions, self._part) + self._batch < self._goal:
            return
        part = self._farthest(behind)
        if part is not None:
            self._goal = _sum(positions, part) + _sum(behind, part)
        if part != self._part or not self._begun:
            self._begun, self._part = True, part
            self._read(positions)

    def _farthest(self, behind: Mapping[Place, int]) -> int | None:
        """The number where most waits; None when little waits in all, or there is one number only."""
        if sum(behind.values()) <= self._far:
            return None
        numbers: Counter[int] = Counter()
        for place, count in behind.items():
            numbers[place.part] += count
        return max(sorted(numbers), key=numbers.__getitem__) if len(numbers) > 1 else None

    def _read(self, places: Iterable[Place]) -> None:
        for place in places:
            tp = TopicPartition(place.topic, place.part)
            try:
                if self._part in {None, place.part}:
                    self._kafka.resume(tp)
                else:
                    self._kafka.pause(tp)
            except IllegalStateError:
                return  # revoked meanwhile: the next assignment adopts


def _sum(counts: Mapping[Place, int], part: int) -> int:
    return sum(count for place, count in counts.items() if place.part == part)
