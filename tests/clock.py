"""A clock that stands still until a test advances it."""

import asyncio
import heapq
import itertools

from bot.clock import Clock

TURNS = 20  # of the event loop, for what a woken task starts


class FakeClock(Clock):
    """Time that moves by `advance` alone; sleepers wake in the order of their times."""

    def __init__(self, *, now: float = 1_000.0, wall: float = 1_800_000_000.0) -> None:
        self._now = now
        self._ahead = wall - now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._more = asyncio.Event()

    def now(self) -> float:
        """Return the time that was set."""
        return self._now

    def wall(self) -> float:
        """Return Unix seconds that move with `now`."""
        return self._now + self._ahead

    def boot(self) -> float:
        """Return the time that was set."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced so far; at least one turn of the event loop."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        self._more.set()
        await woken

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until `event` is set, at most until the clock was advanced by `seconds`; tell whether it is."""
        if seconds is not None and seconds <= 0:
            return event.is_set()
        waits: set[asyncio.Future[object]] = {asyncio.ensure_future(event.wait())}
        if seconds is not None:
            waits.add(asyncio.ensure_future(self.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return event.is_set()

    @property
    def sleepers(self) -> list[float]:
        """How many seconds from now each sleeper wakes, soonest first."""
        return sorted(at - self._now for at, _, woken in self._sleepers if not woken.done())

    async def asleep(self, count: int = 1) -> None:
        """Wait until `count` tasks sleep on this clock."""
        while len(self.sleepers) < count:
            self._more.clear()
            await self._more.wait()

    async def advance(self, seconds: float) -> None:
        """Move the time; wake the sleepers one after the other, each at its own time."""
        end = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._now = max(self._now, at)
                woken.set_result(None)
                await _settle()
        self._now = end


async def _settle() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
