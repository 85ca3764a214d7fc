"""Counters of calls against a limit: a token bucket and a sliding window.

A call is *held* from its start to its end and *charged* at its end, because only then is it certain that the server has
counted it: however unevenly the network delays single calls, the server never has less left than we think.
"""

import math
from collections import deque
from dataclasses import dataclass

EDGE_S = 1e-6  # by which our time goes after theirs, so that rounding on the other side does not refuse us


@dataclass(frozen=True, slots=True)
class Places:
    """A sliding window as `pace` sees it: `free_in_s` is when each place is free, ascending, in seconds from now."""

    free_in_s: tuple[float, ...]
    span_s: float

    def ready_in(self, calls: float) -> float:
        """Return the seconds until so many places are free; where there are not so many, a span."""
        places = math.ceil(calls)
        return self.free_in_s[places - 1] if places <= len(self.free_in_s) else self.span_s


class Bucket:
    """A token bucket that starts full: `rate` tokens a second, never more than `burst`."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._held = 0
        self._at = now

    def level(self, now: float) -> float:
        """Return how many tokens are free; less than none where more calls are under way than there are tokens."""
        return self._refilled(now) - self._held

    @property
    def at(self) -> float:
        """The time of the last change."""
        return self._at

    def ready_in(self, tokens: float, now: float) -> float:
        """Return the seconds until so many tokens are free, as far as time alone brings them."""
        missing = tokens - self.level(now)
        return missing / self.rate + EDGE_S if missing > 0 else 0.0

    def take(self) -> None:
        """Hold a token for a call that starts now."""
        self._held += 1

    def settle(self, now: float, *, made: bool = True) -> None:
        """Let go of a held token, and charge it if the call was made."""
        self._held -= 1
        if made:
            self._set(self._refilled(now) - 1, now)

    def drain(self, now: float) -> None:
        """Have no token free: the server has shown that it has none."""
        self._set(min(self._held, self._refilled(now)), now)

    def fill(self, tokens: float, now: float) -> None:
        """Have at least so many tokens free: the server has said so."""
        self._set(max(self._held + tokens, self._refilled(now)), now)

    def change_rate(self, rate: float, now: float) -> None:
        """Refill at `rate` from now on."""
        self._set(self._refilled(now), now)
        self.rate = rate

    def full(self, now: float) -> bool:
        """Tell whether a new bucket would be the same."""
        return self.level(now) >= self.burst

    def _refilled(self, now: float) -> float:
        return min(self.burst, self._tokens + self.rate * max(0.0, now - self._at - EDGE_S))

    def _set(self, tokens: float, now: float) -> None:
        self._tokens = tokens
        self._at = max(self._at, now)


class Window:
    """A sliding window: at most `calls` in any `span_s` seconds; stricter than a bucket of that burst and rate."""

    def __init__(self, calls: int, span_s: float) -> None:
        self.calls = calls
        self.span_s = span_s
        self._held = 0
        self._ended: deque[float] = deque(maxlen=calls + 1)  # and the one that was too many

    def places(self, now: float) -> Places:
        """Return when each place is free; a call under way may be counted just now, so its place is not for a span."""
        waits = [max(0.0, ended + self.span_s + EDGE_S - now) for ended in self._ended] + [self.span_s] * self._held
        return Places(tuple(([0.0] * self.calls + waits)[-self.calls :]), self.span_s)

    def ready_in(self, places: float, now: float) -> float:
        """Return the seconds until so many places are free."""
        waits = self.places(now).free_in_s
        return waits[min(self.calls, max(1, math.ceil(places))) - 1]

    def take(self) -> None:
        """Hold a place for a call that starts now."""
        self._held += 1

    def settle(self, now: float, *, made: bool = True) -> None:
        """Let go of a held place, and charge it if the call was made."""
        self._held -= 1
        if made:
            self._ended.append(now)

    def overrun_s(self, since: float) -> float:
        """Return how long, from `since` on, the newest call should have waited for a place."""
        overfull = len(self._ended) > self.calls
        return max(0.0, self._ended[0] + self.span_s - since) if overfull else 0.0

    def empty(self, now: float) -> bool:
        """Tell whether a new window would be the same."""
        return not self._held and self.ready_in(self.calls, now) == 0
