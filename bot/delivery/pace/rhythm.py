"""Rhythm: the gaps between a reply's deltas, by which the next one is expected."""

from bisect import bisect_left, bisect_right, insort
from collections import deque

GAPS = 32  # between deltas, remembered
QUIET_S = 0.001  # longer than a gap by this is longer


class Rhythm:
    """The last gaps between a reply's deltas: how long the next delta may be away."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, now: float) -> None:
        """Note that a delta came."""
        if self._last is not None:
            gap_s = now - self._last
            if gap_s < QUIET_S:  # they came together
                return
            if len(self._recent) == GAPS:
                del self._sorted[bisect_left(self._sorted, self._recent.popleft())]
            self._recent.append(gap_s)
            insort(self._sorted, gap_s)
        self._last = now

    def resume(self, now: float) -> float:
        """Note that deltas are there that nobody looked for; return when the first of them may have come."""
        usual_s = self._sorted[len(self._sorted) // 2] if self._sorted else 0.0
        came = min(now, self._last + usual_s) if self._last is not None else now
        self._last = now
        return came

    def since(self, now: float) -> float:
        """Return the seconds since the last delta."""
        return now - self._last if self._last is not None else 0.0

    def rests(self, quiet_s: float) -> list[tuple[float, float]]:
        """Return (from, length), ascending: once the silence has lasted `from`, a gap of `length` is expected.

        That is the mean of all gaps that are longer; beyond the longest nothing is known.
        """
        longer = self._sorted[bisect_right(self._sorted, quiet_s) :]
        total, start_s, rests = sum(longer), quiet_s, []
        for i, gap_s in enumerate(longer):
            if gap_s >= start_s:
                rests.append((start_s, total / (len(longer) - i)))
                start_s = gap_s + QUIET_S
            total -= gap_s
        return rests

    @property
    def longest_s(self) -> float:
        """The longest gap."""
        return self._sorted[-1] if self._sorted else 0.0
