"""The bot's one source of time."""

import asyncio
import time


class Clock:
    """Real time; tests pass a clock that they advance by hand."""

    def now(self) -> float:
        """Return seconds from a monotonic source: for intervals, never stored."""
        return time.monotonic()

    def wall(self) -> float:
        """Return Unix seconds: for rows, never for intervals."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`, at least one turn of the event loop."""
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until `event` is set, at most `seconds` (None: for ever); tell whether it is."""
        if seconds is not None and seconds <= 0:
            return event.is_set()
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True
