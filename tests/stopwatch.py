"""Stopwatch: the bounds in time that people rely on, held where the machine is busy with other tests too."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

PATIENCE_S = 60.0  # with what comes at no certain time: so a test ends that fails, and none that a machine holds up
PROCESSES = Path("/proc")  # Linux; elsewhere all the time counts


class Stopwatch:
    """Counts seconds, but for those in which a process (None: this one) was ready to run and others ran instead."""

    def __init__(self, pid: int | None = None) -> None:
        self._threads = PROCESSES / ("self" if pid is None else str(pid)) / "task"
        self._began, self._waited = time.monotonic(), self._waited_s()

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return time.monotonic() - self._began - max(0.0, self._waited_s() - self._waited)

    def _waited_s(self) -> float:
        """Return for how long its threads have waited for a processor (proc(5): schedstat)."""
        waited_ns = 0
        for thread in self._threads.glob("*/schedstat"):
            with suppress(OSError):  # it has ended
                waited_ns += int(thread.read_text().split()[1])
        return waited_ns / 1e9


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
