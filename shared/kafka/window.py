"""The unit of flush: one batch when live, many when catching up (facts_and_effects §3)."""

from dataclasses import dataclass, field

from shared.db.offsets import Place
from shared.kafka.records import Lu


@dataclass(slots=True)
class Window:
    """Records in order of arrival, and where each partition will stand once they are flushed."""

    lus: list[Lu] = field(default_factory=list)
    nexts: dict[Place, int] = field(default_factory=dict)
    bytes: int = 0

    def add(self, lu: Lu) -> None:
        self.lus.append(lu)
        self.bytes += len(lu.brut.value or b"")

    def __bool__(self) -> bool:
        return bool(self.nexts)

    def halves(self) -> "tuple[Window, Window]":
        """Cut in two, each with the positions that its own records reach."""
        middle = len(self.lus) // 2
        first, second = Window(), Window(nexts=dict(self.nexts))
        for lu in self.lus[:middle]:
            first.add(lu)
            first.nexts[Place(lu.brut.topic, lu.brut.partition)] = lu.brut.offset + 1
        for lu in self.lus[middle:]:
            second.add(lu)
        return first, second
