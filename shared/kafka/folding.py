"""Folding the log into a generation nobody reads yet: shared by rebuild and verify.

The outbox is muted, rejects are skipped (they were put aside when they were first read), offsets
are stored per window as for a live consumer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import offsets
from shared.db.engine import enter_generation
from shared.db.offsets import Holding, Place
from shared.kafka.flush import is_data_error
from shared.kafka.packing import Packed
from shared.kafka.projection import Projection, fenetre, par_eleve
from shared.kafka.records import Lu
from shared.kafka.replay import LogReader

Progress = Callable[[int], None]
_AT_ONCE = 1_000_000
"""Records of a partition number that are kept at once, packed: about a hundred MB."""


@dataclass
class Folding:
    """One fold under way: where it stands, and how many records it has read."""

    engine: AsyncEngine
    projection: Projection
    generation: int
    window_records: int
    progress: Progress
    held: dict[Place, Holding] = field(default_factory=dict)
    records: int = 0

    async def adopt(self, reader: LogReader) -> None:
        """Own every partition of the generation: two rebuilds of one generation fence each other."""
        async with self.engine.begin() as tx:
            self.held = await offsets.adopt(tx, self.generation, await reader.places())

    @property
    def vector(self) -> dict[Place, int]:
        return {place: holding.next_offset for place, holding in self.held.items()}

    async def advance_to(self, reader: LogReader, to: Mapping[Place, int]) -> None:
        """Fold every partition number up to ``to``: at once, all of a pupil together, or in windows."""
        for part in sorted({place.part for place in to}):
            rest = self._rest(part, to)
            count = sum(end - self.held[place].next_offset for place, end in rest.items())
            if not self.window_records < count <= _AT_ONCE or not await self._at_once(reader, part, rest):
                await self._in_windows(reader, part, to)

    async def _in_windows(self, reader: LogReader, part: int, to: Mapping[Place, int]) -> None:
        window: list[Lu] = []
        async for lu, _ in reader.read(part, self.vector, to):
            window.append(lu)
            if len(window) >= self.window_records:
                await self._flush(window, _reached(window))
                window = []
        await self._flush(window, self._rest(part, to))

    async def _at_once(self, reader: LogReader, part: int, rest: Mapping[Place, int]) -> bool:
        """False when a record is at fault: nothing was done."""
        packed = await reader.packed(part, self.vector, rest)
        try:
            async with self.engine.begin() as tx:
                await enter_generation(tx, self.generation)
                await offsets.advance(tx, self.generation, self.held, rest)
                await self._fold_packed(tx, reader, packed)
        except Exception as erreur:
            if not is_data_error(erreur):
                raise
            return False
        self._reach(rest, packed.records)
        return True

    def _rest(self, part: int, to: Mapping[Place, int]) -> dict[Place, int]:
        return {p: to[p] for p in to if p.part == part and self.held[p].next_offset < to[p]}

    async def advance_within(self, tx: AsyncConnection, reader: LogReader, to: Mapping[Place, int]) -> None:
        """The last few records, inside the switch's own transaction."""
        for part in sorted({place.part for place in to}):
            window = [lu async for lu, _ in reader.read(part, self.vector, to)]
            await self._apply(tx, window, self._rest(part, to))

    async def _flush(self, window: list[Lu], nexts: Mapping[Place, int]) -> None:
        if not nexts:
            return
        try:
            async with self.engine.begin() as tx:
                await self._apply(tx, window, nexts)
        except Exception as erreur:
            if not is_data_error(erreur):
                raise
            await self._halve(window, nexts, erreur)

    async def _halve(self, window: list[Lu], nexts: Mapping[Place, int], erreur: Exception) -> None:
        """As live: cut until the record at fault stands alone, then pass over it."""
        if not window:
            raise erreur
        if len(window) == 1:
            await self._flush([], nexts)
            return
        middle = len(window) // 2
        await self._flush(window[:middle], _reached(window[:middle]))
        await self._flush(window[middle:], nexts)

    async def _apply(self, tx: AsyncConnection, window: list[Lu], nexts: Mapping[Place, int]) -> None:
        await enter_generation(tx, self.generation)
        await offsets.advance(tx, self.generation, self.held, nexts)
        await self._fold(tx, (window,))
        self._reach(nexts, len(window))

    async def _fold_packed(self, tx: AsyncConnection, reader: LogReader, packed: Packed) -> None:
        opened = fenetre(self.projection, tx)
        by_pupil = par_eleve(opened)
        if by_pupil is None:
            await self._fold(tx, reader.lots(packed))
            return
        for lot in reader.groupes(packed, by_pupil.moments):
            await by_pupil.plier(lot)
        await opened.clore()

    async def _fold(self, tx: AsyncConnection, lots: Iterable[list[Lu]]) -> None:
        opened = fenetre(self.projection, tx)
        for lus in lots:
            valides = [lu for lu in lus if lu.erreur is None]
            if valides:
                await opened.appliquer(valides)
        await opened.clore()

    def _reach(self, nexts: Mapping[Place, int], records: int) -> None:
        for place, offset in nexts.items():
            self.held[place] = Holding(offset, self.held[place].epoch)
        self.records += records
        self.progress(self.records)


def _reached(window: list[Lu]) -> dict[Place, int]:
    return {Place(lu.brut.topic, lu.brut.partition): lu.brut.offset + 1 for lu in window}
