"""The bot's one source of time, and what is said seldom."""

import asyncio
import logging
import math
import selectors
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

SELDOM_S = 60.0
APART_S = 1.0  # by which two clocks may differ
MANY = 1_000
STOOD_STILL_S = 1.0  # a longer gap is time that the process did not have


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time goes on only while it runs.

    Where the process stood still (a paused virtual machine, SIGSTOP), nobody was silent: all that waits, in libraries
    too, is given that time again.
    """

    def __init__(self) -> None:
        self._missed_s = 0.0
        super().__init__(_Selector(self._miss))

    def time(self) -> float:
        """Return seconds from a monotonic source, without those that were missed."""
        return time.monotonic() - self._missed_s

    def _miss(self, seconds: float) -> None:
        self._missed_s += seconds


class _Selector(selectors.DefaultSelector):
    """Tells how much longer than asked for it waited, or how long it was not asked at all.

    Two such gaps within a second are no pause but a slow machine, where a limit has to end too: of the second one only
    what a wait took too long is told.
    """

    def __init__(self, missed: Callable[[float], None]) -> None:
        super().__init__()
        self._missed = missed
        self._left_at = time.monotonic()
        self._told_at = -math.inf

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for a file, at most `timeout` seconds."""
        entered_at = time.monotonic()
        away_s = entered_at - self._left_at
        if away_s > STOOD_STILL_S and not self._is_slow(self._left_at):
            self._tell(away_s, entered_at)
        ready = super().select(timeout)
        self._left_at = time.monotonic()
        waited_s = self._left_at - entered_at
        over_s = 0.0 if timeout is None else waited_s - max(0.0, timeout)
        if over_s > STOOD_STILL_S:  # whole, for nobody knows when in it the process stopped
            self._tell(over_s if self._is_slow(entered_at) else waited_s, self._left_at)
        return ready

    def _is_slow(self, at: float) -> bool:
        return at - self._told_at < STOOD_STILL_S

    def _tell(self, seconds: float, at: float) -> None:
        self._told_at = at
        self._missed(seconds)


class Clock:
    """Real time; tests pass a clock that they advance by hand."""

    _ahead_s = 0.0  # of the machine's own

    def now(self) -> float:
        """Return seconds from a monotonic source, without those in which `Loop` stood still: never stored."""
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:  # none is running
            return time.monotonic()

    def wall(self) -> float:
        """Return Unix seconds: for rows, never for intervals."""
        return time.time() + self._ahead_s

    def agree(self, wall: float | None, *, within_s: float) -> None:
        """Go by another clock, as all do that share rows, where ours differs; `within_s`: how long it took to ask."""
        if wall is not None and abs(wall - self.wall()) > APART_S + within_s:
            self._ahead_s = wall - time.time()
            log.warning("this machine's clock is not the database's, whose is used apart_s=%.0f", self._ahead_s)

    def boot(self) -> float:
        """Return seconds that go on while the process is stopped and the machine sleeps: for leases."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`, at least one turn of the event loop."""
        await asyncio.sleep(max(0.0, seconds))

    async def tick(self, seconds: float) -> None:
        """Wait until the time is a multiple of `seconds`: all that look so often wake at once, and the process once."""
        await self.sleep(seconds - self.now() % seconds)

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


LULL_S = 60.0


class Lull:
    """Whether nothing has happened for a while, in which looks for what was left undone are seldom."""

    def __init__(self, clock: Clock, after_s: float = LULL_S) -> None:
        self._clock = clock
        self._after_s = after_s
        self._happened_at = clock.now()
        self._waiting: set[asyncio.Event] = set()

    @property
    def is_on(self) -> bool:
        """Whether it has begun."""
        return self._clock.now() - self._happened_at >= self._after_s

    def happened(self) -> None:
        """Take note that something has: who waits in the lull is woken."""
        self._happened_at = self._clock.now()
        for event in self._waiting:
            event.set()

    async def wait(self, event: asyncio.Event, seconds: float, seldom_s: float) -> bool:
        """Wait until `event` is set, at most `seconds`; tell whether it is.

        In a lull wait at most `seldom_s`: its end sets the event.
        """
        if not self.is_on:
            return await self._clock.wait(event, seconds)
        self._waiting.add(event)
        try:
            return await self._clock.wait(event, seldom_s)
        finally:
            self._waiting.discard(event)


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
