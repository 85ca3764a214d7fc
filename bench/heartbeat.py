"""How late the machine is: a figure of a loaded machine is a figure of its load."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

BEAT_S = 0.02


@asynccontextmanager
async def heartbeat() -> AsyncIterator[list[float]]:
    """Give a list that fills with the seconds by which timers of this process go off too late."""
    late: list[float] = []

    async def beat() -> None:
        while True:
            due = time.monotonic() + BEAT_S
            await asyncio.sleep(BEAT_S)
            late.append(time.monotonic() - due)

    task = asyncio.ensure_future(beat())
    try:
        yield late
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
