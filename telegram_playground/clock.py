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
