"""Breaker: whether a service that failed is asked again now, or left alone for a while.

closed ─failures→ open ─its time is over→ half open: one question tries it ─answer→ closed
                    ↑______________________________│ failure: for longer

Failures after the first text count apart: that answer is lost to the person anyway, the next one need not be.
"""

from random import Random

from providers.base import Clock
from providers.errors import (
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
    TimedOut,
)

IN_A_ROW = 2  # failures that open it, where one does not
OPEN_S = 30.0
LONGEST_S = 600.0
FORGET_S = 3600.0  # after the end of its time: whether it works is not known any more
JITTER = 0.2  # so that not all come back at once
AT_ONCE = (TimedOut, NoConnection, RateLimited, OutOfCredit, SignInFailed)  # the next question would wait as long


class Breaker:
    """What is known of one service; the clock is monotonic."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._failures = 0
        self._openings = 0
        self._broken_off = 0
        self._open_until: float | None = None
        self._is_trying = False

    @property
    def is_closed(self) -> bool:
        """Tell whether it is asked as usual."""
        return self._open_until is None

    @property
    def left_s(self) -> float:
        """For how many seconds nobody asks; 0 where a question may try, or where it is closed."""
        return max(0.0, self.ends_in_s)

    @property
    def ends_in_s(self) -> float:
        """In how many seconds a question may try; less than 0 where that was so long ago; 0 where it is closed."""
        return self._open_until - self._clock.now() if self._open_until is not None else 0.0

    @property
    def openings(self) -> int:
        """How often it opened since the last answer."""
        return self._openings

    def open(self, seconds: float, openings: int) -> None:
        """Take up what a former process knew: it is open for so long, for the so-manieth time.

        Where that time went by meanwhile, not long ago, one question tries it.
        """
        if seconds > -FORGET_S:
            self._openings = max(1, openings)
            self._open_until = self._clock.now() + min(max(0.0, seconds), LONGEST_S * (1 + JITTER))

    def let(self) -> bool:
        """Tell whether a question may go there now; of those that come half open, the first alone."""
        if self._open_until is None:
            return True
        if self._is_trying or self._clock.now() < self._open_until:
            return False
        self._is_trying = True
        return True

    def answered(self) -> None:
        """Note that it answers: the first text is there."""
        self._failures = self._openings = 0
        self._open_until, self._is_trying = None, False

    def failed(self, error: ProviderError) -> None:
        """Note a failure; what is the question's own fault is none."""
        was_trying, self._is_trying = self._is_trying, False
        if not isinstance(error, AT_ONCE) and not (isinstance(error, ServiceFailed) and error.retryable):
            return
        self._failures += 1
        if self._failures >= IN_A_ROW or was_trying or isinstance(error, AT_ONCE):
            told = error.retry_after_s if isinstance(error, RateLimited) else None
            seconds = _longer(self._openings) if told is None else min(told, LONGEST_S)
            self._open(seconds)

    def ended(self) -> None:
        """Note that an answer came to its end."""
        self._broken_off = 0

    def broke_off(self) -> None:
        """Note that an answer ended in its middle; others that end so while it is open are of the same incident."""
        if self._open_until is not None and self._clock.now() < self._open_until:
            return
        self._broken_off += 1
        if self._broken_off >= IN_A_ROW:
            self._open(_longer(self._broken_off - IN_A_ROW))

    def _open(self, seconds: float) -> None:
        self._openings += 1
        self._open_until = self._clock.now() + seconds * (1 + JITTER * self._random.random())

    def left(self) -> None:
        """Note that a question was withdrawn before anything came of it: the next one may try."""
        self._is_trying = False


def _longer(times: int) -> float:
    """Return for how long nobody asks after so many times: twice as long each time, up to an end."""
    return min(OPEN_S * float(2 ** min(times, 16)), LONGEST_S)  # a dead one is tried a thousand times a week
