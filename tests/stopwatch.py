"""Stopwatch: the bounds in time that people rely on, held where the machine is busy with other tests too."""

import time
from contextlib import suppress
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


def _waited_s() -> float:
    """Return for how long the threads of this process have waited for a processor (proc(5): schedstat)."""
    waited_ns = 0
    for thread in THREADS.glob("*/schedstat"):
        with suppress(OSError):  # it has ended
            waited_ns += int(thread.read_text().split()[1])
    return waited_ns / 1e9
