"""The bot's own slots on a clock that a simulation moves: all that it touches of wishes and slots."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager

from bot.clock import Clock
from bot.delivery.pace.first_line import LINE
from bot.delivery.pace.progress import Progress
from bot.delivery.pace.rhythm import Rhythm
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.delivery.slots.slots import Slots
from bot.delivery.slots.waiting import Waiting
from bot.delivery.wish import Call, Wish


class SimulatedClock(Clock):
    """Time that a simulation sets."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        """Return seconds since the beginning."""
        return self.time


class Heard(Rhythm):
    """The rhythm of deltas whose times are known: it hears of them when it is asked, and costs nothing between."""

    def __init__(self, arrivals: Sequence[float]) -> None:
        super().__init__()
        self._arrivals = arrivals
        self._known = 0

    def since(self, now: float) -> float:
        """Return the seconds since the last delta."""
        arrived = bisect_right(self._arrivals, now)
        for at in self._arrivals[self._known : arrived]:
            self.add(at)
        self._known = arrived
        return super().since(now)


class Wisher:
    """What the bot's `Reply` is to the slots: it wishes to call as soon as there is something to show."""

    def __init__(self, chat_id: int, arrivals: Sequence[float], slots: Slots, streams: Streams, *, size: float) -> None:
        self._slots = slots
        self._streams = streams
        self._arrivals = arrivals
        self._progress = Progress(begun_at=arrivals[0], called_at=arrivals[0], rhythm=Heard(arrivals))
        self._line_at = arrivals[min(len(arrivals), math.ceil(LINE / size)) - 1]
        self._wish = Wish(chat_id, _make, self._progress)
        self._waiting: Waiting | None = None
        self._streaming: AbstractContextManager[None] = streams.streaming(chat_id)
        self._streaming.__enter__()
        self.is_landed = True  # no call is in flight

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for a slot."""
        return self._waiting is not None

    def begin(self, now: float) -> None:
        """Take word of the first delta."""
        self._streams.begun(self._wish.chat_id, now)

    def wish(self, priority: Priority, *, behind_since: float, now: float) -> None:
        """Wait for a slot."""
        self._progress.behind_since = behind_since
        self._waiting = Waiting(self._wish, priority, now)
        self._slots.enter(self._waiting)

    def finish(self, now: float) -> None:
        """Take word of the end of the text."""
        self._progress.is_final = True
        self._slots.reconsider(self._wish)
        self._streams.lasted(self._wish.chat_id, now - self._progress.begun_at, now)

    def heard(self, now: float) -> float:
        """Take word of a delta; return when the next one comes that may matter."""
        if now >= self._line_at:
            self._progress.has_line = True
        if self._waiting and self._waiting.priority is Priority.PROGRESS:
            self._slots.reconsider(self._wish, delta=True)
            now = max(now, math.nextafter(self._waiting.settled_until, -math.inf))
            if not self._progress.has_line:
                now = min(now, math.nextafter(self._line_at, -math.inf))
        following = bisect_right(self._arrivals, now)
        return self._arrivals[following] if following < len(self._arrivals) else math.inf

    def granted(self, now: float) -> None:
        """Begin the call."""
        if self._waiting is None:
            raise RuntimeError("nothing waits")
        self.is_landed = False
        self._progress.called_at = now
        self._progress.is_open = True
        self._slots.take(self._waiting, now)
        self._slots.leave(self._waiting)
        self._waiting = None

    def landed(self, *, made: bool) -> None:
        """End the call."""
        if made:
            self._progress.has_line = self._progress.has_shown = True
        self.is_landed = True
        self._slots.free(self._wish.chat_id)

    def close(self) -> None:
        """Count no more among the replies that grow."""
        self._streaming.__exit__(None, None, None)


async def _make() -> Call | None:
    """Make no call: the simulation knows what is sent."""
    return None
