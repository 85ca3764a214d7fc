"""Stopwatch: the bounds in time that people rely on, held where the machine is busy with other tests too."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

THREADS = Path("/proc/self/task")  # Linux; elsewhere all the time counts


class Stopwatch:
    """Counts seconds, but for those in which this process was ready to run and others ran instead."""

    def __init__(self) -> None:
        self._began, self._waited = time.monotonic(), _waited_s()

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return time.monotonic() - self._began - max(0.0, _waited_s() - self._waited)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Hold what this process does to so many seconds of its own, and to ten times as long at all.

    Raises TimeoutError.
    """
    watch = Stopwatch()
    async with asyncio.timeout(10 * seconds):
        yield
    if watch.seconds > seconds:
        raise TimeoutError(f"it took {watch.seconds:.1f} s")


def _waited_s() -> float:
    """Return for how long the threads of this process have waited for a processor (proc(5): schedstat)."""
    waited_ns = 0
    for thread in THREADS.glob("*/schedstat"):
        with suppress(OSError):  # it has ended
            waited_ns += int(thread.read_text().split()[1])
    return waited_ns / 1e9
