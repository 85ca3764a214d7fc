"""What allows a number of calls in a time. Pure: the time comes in."""

from collections import deque
from typing import Protocol


class Allowance(Protocol):
    """So many calls, however they come back."""

    def wait(self, now: float) -> float:
        """Return the seconds until one more call is allowed."""

    def take(self, at: float) -> None:
        """Count a call that is made at `at`."""

    def left(self, now: float) -> float:
        """Return the calls allowed now."""


class Bucket:
    """Refills at `per_s` up to `size`; may go below zero by calls that wait."""

    def __init__(self, per_s: float, size: int) -> None:
        self._per_s, self._size = per_s, size
        self._level, self._at = float(size), 0.0

    def wait(self, now: float) -> float:
        return max(0.0, (1 - self.left(now)) / self._per_s)

    def take(self, at: float) -> None:
        self._level, self._at = self.left(at) - 1, at

    def left(self, now: float) -> float:
        return min(float(self._size), self._level + (now - self._at) * self._per_s)


class Window:
    """At most `size` calls in any `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size, self._seconds = size, seconds
        self._times: deque[float] = deque(maxlen=size)

    def wait(self, now: float) -> float:
        if len(self._times) < self._size:
            return 0.0
        return max(0.0, self._times[0] + self._seconds - now)

    def take(self, at: float) -> None:
        self._times.append(at)

    def left(self, now: float) -> float:
        return float(self._size - sum(at + self._seconds > now for at in self._times))
