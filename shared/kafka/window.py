"""The unit of flush: one batch when live, many when catching up (facts_and_effects §3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.db.offsets import Place
from shared.kafka.packing import Packed
from shared.kafka.records import Codec, Lu
from shared.kafka.tranches import Tranche


@dataclass(slots=True)
class Window:
    """Records in order of arrival, and where each partition will stand once they are flushed.

    ``packed``: far behind, they are kept as bytes and read when they are flushed, by lots of pupils.
    """

    lus: list[Lu] = field(default_factory=list)
    nexts: dict[Place, int] = field(default_factory=dict)
    packed: Packed | None = None
    read: int = 0

    def add(self, lu: Lu) -> None:
        self.lus.append(lu)
        self.read += len(lu.brut.value or b"")

    def pack(self, tranche: Tranche) -> None:
        if self.packed is None:
            self.packed = Packed()
        self.packed.add(tranche)

    @property
    def bytes(self) -> int:
        return self.packed.bytes if self.packed else self.read

    def __len__(self) -> int:
        return self.packed.records if self.packed else len(self.lus)

    def __bool__(self) -> bool:
        return bool(self.nexts)

    def lots(self, codec: Codec) -> Iterator[list[Lu]]:
        """Its records, those of a pupil together and in order of arrival."""
        if self.packed is None:
            yield self.lus
            return
        for lot in self.packed.lots():
            yield [lu for tranche in lot for lu in codec.lire(tranche)]

    def halves(self) -> "tuple[Window, Window]":
        """Cut in two, each with the positions that its own records reach; never what is packed."""
        middle = len(self.lus) // 2
        first, second = Window(), Window(nexts=dict(self.nexts))
        for lu in self.lus[:middle]:
            first.add(lu)
            first.nexts[Place(lu.brut.topic, lu.brut.partition)] = lu.brut.offset + 1
        for lu in self.lus[middle:]:
            second.add(lu)
        return first, second
