"""What stands between the reader and the flusher: the window that fills, and the rules of what enters it."""

import asyncio
from collections.abc import Iterable, Mapping

from shared.db.offsets import Place
from shared.kafka.records import Codec
from shared.kafka.tranches import Tranche
from shared.kafka.window import Window
from shared.settings import Settings


class Gathering:
    """One window fills while another is flushed; the reader waits when both are full.

    ``expected``: the next offset to accept of each partition held; empty when nothing is held.
    ``serial`` changes whenever everything not durable was dropped.
    """

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self.expected: dict[Place, int] = {}
        self._codec = codec
        self.serial = 0
        self._settings = settings
        self._window = Window()
        self._ripe = asyncio.Event()
        self._room = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._aging: asyncio.TimerHandle | None = None

    def __bool__(self) -> bool:
        return bool(self._window)

    @property
    def idle(self) -> bool:
        """No window is being flushed."""
        return self._idle.is_set()

    @property
    def full(self) -> bool:
        settings, window = self._settings, self._window
        most = settings.far_window_records if window.packed else settings.window_records
        return len(window) >= most or window.bytes >= settings.window_bytes

    def accept(self, fetched: Iterable[Tranche], reached: Mapping[Place, int], *, far: bool = False) -> None:
        """Take what follows what is expected: a batch fetched before a seek is stale, drop it.

        ``reached``: position of each partition just after the fetch. ``far``: what is taken is packed.
        """
        window, expected = self._window, self.expected
        touched: set[Place] = set()
        for whole in fetched:
            place = Place(whole.topic, whole.partition)
            tranche = whole.entre(expected.get(place, 1 << 62), reached.get(place, -1))
            if tranche.start >= tranche.end:
                continue
            touched.add(place)
            if far:
                window.pack(tranche)
            else:
                for lu in self._codec.lire(tranche):
                    window.add(lu)
        for place in touched:
            window.nexts[place] = expected[place] = reached[place]

    @property
    def packed(self) -> bool:
        """What is gathered is packed."""
        return self._window.packed is not None

    def differs(self, *, far: bool) -> bool:
        """What is gathered is packed and what comes will not be, or the other way round."""
        return bool(self._window) and far != self.packed

    async def room(self) -> None:
        """Hand the full window over and wait until the flusher took it."""
        self.ripen()
        await self._room.wait()

    def age(self, *, far: bool = False) -> None:
        """Behind: let the window fill, but not for ever."""
        if self._aging is None:
            settings, loop = self._settings, asyncio.get_running_loop()
            limit = settings.far_window_age_s if far else settings.window_age_s
            self._aging = loop.call_later(limit, self._aged)

    def ripen(self) -> None:
        """What is gathered is to be flushed as soon as the flusher is free."""
        if self._window:
            self._room.clear()
            self._ripe.set()

    async def take(self) -> Window:
        """The next window to flush; :meth:`settled` must follow."""
        while not self._window or not self._ripe.is_set():
            await self._ripe.wait()
            if not self._window:
                self._ripe.clear()
        window, self._window = self._window, Window()
        if self._aging:
            self._aging.cancel()
            self._aging = None
        self._ripe.clear()
        self._idle.clear()
        self._room.set()
        return window

    def settled(self) -> None:
        self._idle.set()

    async def drained(self, budget_s: float) -> bool:
        """Flush what is gathered; False when it took longer than the budget."""
        self.ripen()
        try:
            await asyncio.wait_for(self._empty(), budget_s)
        except TimeoutError:
            return False
        return True

    def forget(self) -> None:
        """Drop everything not durable: the stored offsets are the only truth."""
        self._window = Window()
        self.expected = {}
        self.serial += 1
        self._ripe.clear()
        self._room.set()

    async def _empty(self) -> None:
        while self._ripe.is_set() or not self._idle.is_set():  # noqa: ASYNC110 - two events, and rare
            await asyncio.sleep(0.01)

    def _aged(self) -> None:
        self._aging = None
        self.ripen()
