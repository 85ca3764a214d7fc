"""The server's one source of time."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the server asks of a clock; tests may pass one that they advance by hand."""

    def now(self) -> float:
        """Return seconds from a monotonic source."""

    def wall(self) -> float:
        """Return Unix seconds."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """Real time. `now()` is the same clock in every process of a machine, so times can be compared."""

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return time.monotonic()

    def wall(self) -> float:
        """Return Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(max(0.0, seconds))


class MovableClock:
    """Real time, until somebody moves it on: then all who sleep so long wake up."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return time.monotonic() + self.ahead_s

    def wall(self) -> float:
        """Return Unix seconds."""
        return time.time() + self.ahead_s

    def move(self, seconds: float) -> None:
        """Let time jump ahead."""
        self.ahead_s += seconds
        for sleeper in self._sleepers:
            _wake(sleeper)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        due = self.now() + seconds
        loop = asyncio.get_running_loop()
        while (left := due - self.now()) > 0:
            sleeper: asyncio.Future[None] = loop.create_future()
            timer = loop.call_later(left, _wake, sleeper)
            self._sleepers.add(sleeper)
            try:
                await sleeper
            finally:
                timer.cancel()
                self._sleepers.discard(sleeper)
        if seconds <= 0:
            await asyncio.sleep(0)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
