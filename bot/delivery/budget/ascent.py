"""Ascent: how far beyond its configured rate the whole bot may go, found by going there slowly.

Telegram names 30 calls a second for bulk messages; answers may be allowed more. Only calls that the present rate held
up prove anything, so the rate rises by STEP after each BUSY_S of them, up to a ceiling that the operator sets. A
refusal, or a call that is held back, ends that for a week, well below; after each further one for twice as long.
"""

BUSY_S = 60.0  # at the present rate, before the next step
STEP = 0.02  # of the present rate
NEARLY_EMPTY = 0.3  # of the burst: what is left when the rate holds calls up
GAP_S = 1.0  # a longer one between two calls is no time in which the rate was used
BACK = 0.85  # of the rate that was too high
REST_S = 7 * 86400.0
LONGEST_REST = 16


class Ascent:
    """The rate of the whole bot, from `base` to `ceiling` calls per second."""

    def __init__(self, base: float, ceiling: float) -> None:
        self.rate = base
        self._base = base
        self._ceiling = max(base, ceiling)
        self._busy_s = 0.0
        self._used_at: float | None = None
        self.rests_until = 0.0
        self._rests = 0

    @property
    def is_above(self) -> bool:
        """Tell whether more is called than is configured."""
        return self.rate > self._base

    def used(self, level: float, burst: float, now: float) -> bool:
        """Note a call that left so much in the bucket; tell whether the rate rises."""
        if self.rate >= self._ceiling or now < self.rests_until:
            return False
        if not holds_up(level, burst):
            self._used_at = None
            return False
        if self._used_at is not None:
            self._busy_s += min(GAP_S, now - self._used_at)
        self._used_at = now
        if self._busy_s < BUSY_S:
            return False
        self._busy_s = 0.0
        self.rate = min(self._ceiling, self.rate * (1 + STEP))
        return True

    def refused(self, level: float, burst: float, now: float) -> bool:
        """Note that the server allows no more; tell whether the rate falls, because it was above the configured one."""
        if not self.is_above or now < self.rests_until or not holds_up(level, burst):
            return False
        self.rests_until = now + REST_S * min(LONGEST_REST, 2**self._rests)
        self._rests += 1
        self._busy_s = 0.0
        self.rate = max(self._base, self.rate * BACK)
        return True

    def resume(self, rate: float, rest_s: float, now: float) -> None:
        """Take up what a former process found: a rate that is good, and for how long no other one is tried."""
        self.rate = min(self._ceiling, max(self._base, rate))
        self.rests_until = now + rest_s
        self._rests = 1


def holds_up(level: float, burst: float) -> bool:
    """Tell whether so little is left that calls wait for it."""
    return level <= NEARLY_EMPTY * burst
