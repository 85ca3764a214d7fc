"""The bot's own slots on a clock that a simulation moves: all that it touches of claims and slots."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AbstractContextManager

from bot.clock import Clock
from bot.delivery.budget import Priority
from bot.delivery.claim import Claim, Method
from bot.delivery.pace import Rhythm
from bot.delivery.slots import Slots


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

    def __init__(self, chat_id: int, arrivals: Sequence[float], slots: Slots) -> None:
        self._slots = slots
        self._arrivals = arrivals
        self._claim = Claim(chat_id, Priority.OPEN, _make, rhythm=Heard(arrivals))
        self._claim.begun_at = self._claim.called_at = arrivals[0]
        self._streaming: AbstractContextManager[None] = slots.streaming(chat_id)
        self._streaming.__enter__()
        self.is_waiting = False
        self.is_landed = True  # no call is in flight

    def wish(self, priority: Priority, *, behind_since: float, now: float) -> None:
        """Wait for a slot."""
        self._claim.priority, self._claim.behind_since, self._claim.since = priority, behind_since, now
        self.is_waiting = True
        self._slots.enter(self._claim)

    def finish(self, now: float) -> None:
        """Take word of the end of the text."""
        self._claim.priority = Priority.FINAL
        self._slots.reconsider(self._claim)
        self._slots.lasted(self._claim.chat_id, now - self._claim.begun_at)

    def heard(self, now: float) -> float:
        """Take word of a delta; return when the next one comes that may matter."""
        if self.is_waiting and self._claim.priority is Priority.PROGRESS:
            self._slots.reconsider(self._claim, delta=True)
            now = max(now, math.nextafter(self._claim.settled_until, -math.inf))
        following = bisect_right(self._arrivals, now)
        return self._arrivals[following] if following < len(self._arrivals) else math.inf

    def granted(self, now: float) -> None:
        """Begin the call."""
        self.is_waiting = self.is_landed = False
        self._claim.called_at = now
        self._slots.take(self._claim, now)
        self._slots.leave(self._claim)

    def landed(self) -> None:
        """End the call."""
        self.is_landed = True
        self._slots.free(self._claim.chat_id)

    def close(self) -> None:
        """Count no more among the replies that grow."""
        self._streaming.__exit__(None, None, None)


async def _make() -> Method | None:
    """Make no call: the simulation knows what is sent."""
    return None
