"""A clock that tests advance by hand."""

import asyncio
import heapq
from itertools import count


class HandClock:
    """Time stands still until `advance`; `asleep` waits until somebody sleeps."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._changed = asyncio.Event()

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_800_000_000 + self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._numbers), future))
        self._changed.set()
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its own moment."""
        end = self._now + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not future.done():
                future.set_result(None)
                for _ in range(10):  # let what it woke go on before time does
                    await asyncio.sleep(0)
        self._now = end

    async def asleep(self, until: float, *, sleepers: int = 1) -> None:
        """Wait until so many sleep to a moment not after `until`, in seconds from now."""
        while sum(due <= self._now + until and not future.done() for due, _, future in self._sleepers) < sleepers:
            self._changed.clear()
            await self._changed.wait()
