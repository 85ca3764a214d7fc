"""Tables over the age of a reply whose length is log-normal: what its time is worth, and how long to be patient.

Ages are in medians. With D the duration, a second of lag at age t weighs w(t) = E[1/D; D > t] in the mean lag.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

STEP = 1 / 32  # of the tables, whose ages are exp(sigma * z)
FIRST, LAST = -8.0, 7.5  # z of the tables
OLDEST = 4.0  # z: what is older is treated as this old
LEAST = 1e-9  # no difference is smaller
ENDS = (5 / 6, 1 / 2, 1 / 6)  # an end is looked for where so much of what is left of the distribution lies behind it
UNLIKELY = 1e-4  # a smaller share is not told apart

_STANDARD = NormalDist()


class Table:
    """An integral over ages, of a function that is given at the entries."""

    def __init__(self, ages: list[float], values: list[float], oldest: float) -> None:
        self.oldest = oldest
        self._ages = ages
        self._values = values
        self._sums = [0.0]
        for i in range(1, len(ages)):
            self._sums.append(self._sums[-1] + (values[i - 1] + values[i]) / 2 * (ages[i] - ages[i - 1]))

    def until(self, age: float) -> float:
        """Return the integral over the time before this age."""
        return between(age, self._ages, self._sums)

    def age(self, total: float) -> float:
        """Return the age before which there is so much."""
        return between(total, self._sums, self._ages)


class Worth(Table):
    """The integral of sqrt(w)."""

    def density(self, last: float, tokens: float, rate: float, *, soonest: float | None = None) -> float:
        """Return the least of (tokens + rate * (t - last)) / (worth from last to t) over the ages t from
        `soonest` on, by default all that permit a call.

        Its derivative changes sign once, so a binary search finds the entry of the table next to the minimum.
        """
        if soonest is None:
            soonest = last + max(0.0, (1 - tokens) / rate)
        before = self.until(last)
        ages, sums, roots = self._ages, self._sums, self._values

        def rising(i: int) -> bool:
            return rate * (sums[i] - before) >= (tokens + rate * (ages[i] - last)) * roots[i]

        first = bisect_right(ages, soonest)
        turn = bisect_left(range(len(ages)), True, lo=first, key=rising)
        ends = [soonest, *(ages[i] for i in (turn - 1, turn) if first <= i < len(ages))]
        return min((tokens + rate * (end - last)) / max(self.until(end) - before, LEAST) for end in ends)


class Patience(Table):
    """The integral of sqrt(h): h(t) = E[1/D | D > t] is what a second of lag costs in a reply that still grows."""

    def urgency(self, age: float) -> float:
        """Return h."""
        return between(age, self._ages, self._values) ** 2


def alive(age: float, sigma: float) -> float:
    """Return the share of replies that last longer."""
    return math.erfc(math.log(age) / sigma / math.sqrt(2)) / 2 if age > 0 else 1.0


def ends(age: float, sigma: float) -> list[float]:
    """Return ages at which a reply that is so old may end, each as likely as the others."""
    left = alive(age, sigma)
    return [max(age, math.exp(-sigma * _STANDARD.inv_cdf(max(UNLIKELY, share * left)))) for share in ENDS]


def between(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Interpolate; beyond the last entry the last value holds."""
    i = bisect_right(xs, x)
    if i == len(xs):
        return ys[-1]
    share = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return ys[i - 1] + share * (ys[i] - ys[i - 1])


@cache
def worth(sigma: float) -> Worth:
    """Return the worth of a reply's time; of any scale, because only shares of it matter."""
    scores = _scores()
    roots = [1.0, *(math.sqrt(math.erfc((score + sigma) / math.sqrt(2)) / 2) for score in scores)]
    return Worth(_ages(sigma, scores), roots, math.exp(OLDEST * sigma))


@cache
def patience(sigma: float) -> Patience:
    """Return the urgency of a reply's time, per median."""
    scale, scores = math.exp(sigma**2 / 2), [score for score in _scores() if score <= OLDEST]
    values = [
        math.sqrt(scale * math.erfc((score + sigma) / math.sqrt(2)) / math.erfc(score / math.sqrt(2)))
        for score in scores
    ]
    return Patience(_ages(sigma, scores), [math.sqrt(scale), *values], math.exp(OLDEST * sigma))


def _scores() -> list[float]:
    return [FIRST + STEP * i for i in range(round((LAST - FIRST) / STEP) + 1)]


def _ages(sigma: float, scores: Sequence[float]) -> list[float]:
    return [0.0, *(math.exp(sigma * score) for score in scores)]
