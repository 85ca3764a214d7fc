"""The bot's one source of time, and what is said seldom."""

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

SELDOM_S = 60.0
MANY = 1_000


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


@dataclass(slots=True)
class Seldom:
    """Lets through at most once a minute what would be said at each failure."""

    clock: Clock
    said_at: dict[Hashable, float] = field(default_factory=dict)

    def due(self, what: Hashable) -> bool:
        """Tell whether it is time to say `what` again."""
        now = self.clock.now()
        if (said_at := self.said_at.get(what)) is not None and now - said_at < SELDOM_S:
            return False
        if len(self.said_at) >= MANY:
            self.said_at = {said: at for said, at in self.said_at.items() if now - at < SELDOM_S}
        self.said_at[what] = now
        return True
