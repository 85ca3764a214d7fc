"""How small the lag can be in a row of replies: the best sender without foresight, which plans beyond the reply.

Neither how long a reply will last is known nor when the next one begins, only how both are distributed. A call that is
left when a reply ends is worth something to the next one. So the best sender keeps to a list of ages for each level of
the bucket at the first delta, and the lists are found together: dynamic programming over (level, age) within a reply,
where its end is worth what the next one gains from the bucket that is left, again and again until that worth stands.
A bucket never holds more than its burst. The final text takes one call, and one more where nothing was opened yet: so
the first call need leave none, for a reply without it takes two at its end.

Imports nothing of the bot.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import NormalDist

from bench.bounds import Lengths

HORIZON_S = 75.0  # older replies call at the rate at which the bucket fills
STEP_S, STEP_SHARE = 0.05, 0.03  # between the ages of the search: in seconds, and of the age
LINES = 2  # of the search, to a call
TINY = 1e-9
LONGEST_S = 8.0  # between two calls of the best plan
ROUNDS, STILL_S = 60, 2e-5  # until the worth of a bucket stands

Gaps = tuple[tuple[float, float], ...]  # from the end of a reply to the first delta of the next: seconds, probability


@dataclass(frozen=True, slots=True)
class Row:
    """The best that can be done in a long row: mean lag in seconds without the round trip, and when to call."""

    lag_s: float
    worth: Sequence[float]  # expected lag of a reply by level at its first delta, and of all after it, over the mean
    plans: Sequence[Sequence[float]]

    def plan(self, tokens: float) -> Sequence[float]:
        """Return the ages of calls of a reply whose bucket holds so much at the first delta."""
        return self.plans[max(0, min(len(self.plans) - 1, round(tokens * LINES)))]


@cache
def in_a_row(lengths: Lengths, gaps: Gaps, rate: float, burst: float) -> Row:
    """Return the best that is possible without foresight where replies of these lengths follow each other so."""
    return _Search(lengths, gaps, rate, burst).solve()


class _Search:
    def __init__(self, lengths: Lengths, gaps: Gaps, rate: float, burst: float) -> None:
        self._gaps, self._rate, self._burst = gaps, rate, burst
        self._ages = ages = [0.0]
        while ages[-1] < HORIZON_S:
            ages.append(ages[-1] + max(STEP_S, ages[-1] * STEP_SHARE))
        self._zeroth = [lengths.zeroth(age) for age in ages]
        self._first = [lengths.first(age) for age in ages]
        normal = NormalDist(math.log(lengths.median_s), lengths.sigma)
        over = [normal.cdf(math.log(age)) if age else 0.0 for age in ages]
        self._ending = [later - sooner for sooner, later in pairwise(over)]
        self._top = round(burst * LINES)
        self._bottom = -math.ceil(rate * ages[-1] * LINES)
        self._left = [0.0] * (self._top + 2 * LINES + 1)  # worth of a bucket at the end of a reply, from -2 calls on

    def solve(self) -> Row:
        """Repeat until the worth of a bucket stands."""
        worth, lag, plans = [0.0] * (self._top + 1), 0.0, [[0.0]]
        for _ in range(ROUNDS):
            before = worth
            totals, plans = self._reply()
            lag = totals[-1]
            worth = [total - lag for total in totals]
            self._left = [self._expected(worth, level / LINES - 2) for level in range(len(self._left))]
            if max(abs(a - b) for a, b in zip(worth, before, strict=True)) < STILL_S:
                break
        return Row(lag, worth, plans)

    def _expected(self, worth: Sequence[float], level: float) -> float:
        """Return what a bucket is worth that holds so much when a reply ends."""
        total = 0.0
        for gap_s, share in self._gaps:
            at = min(self._burst, max(0.0, level) + self._rate * gap_s) * LINES  # the final text waits for its call
            low = min(int(at), self._top - 1)
            total += share * (worth[low] + (at - low) * (worth[low + 1] - worth[low]))
        return total

    def _reply(self) -> tuple[list[float], list[list[float]]]:
        """Return the least cost of a reply, and its calls, by level at its first delta.

        A line is what the level would have been at age 0, in calls times LINES: time passes along it, a call leads to a
        lower one. Costs are those from a call on: the lag, and what a bucket with that level is worth at the end.
        """
        costs: list[list[float]] = []
        nexts: list[list[int]] = []
        for line in range(self._bottom, self._top + 1):
            levels = [min(self._burst, line / LINES + self._rate * age) for age in self._ages]
            ends = self._ends(levels, 1)
            after = [self._after(costs, level, i) for i, level in enumerate(levels)]
            begin, call = bisect_left(levels, -TINY), bisect_left(levels, 2.0 - TINY)
            found = [self._next(i, call, ends, after) for i in range(begin, len(levels))]
            costs.append([math.inf] * begin + [cost for cost, _ in found])
            nexts.append([0] * begin + [j for _, j in found])
        totals, plans = [], []
        for line in range(self._top + 1):
            levels = [min(self._burst, line / LINES + self._rate * age) for age in self._ages]
            ends = self._ends(levels, 2)
            after = [self._after(costs, level, i, least=1.0) for i, level in enumerate(levels)]
            cost, j = self._next(0, bisect_left(levels, 1.0 - TINY), ends, after)
            totals.append(cost)
            plans.append(self._calls(line, j, nexts))
        return totals, plans

    def _ends(self, levels: Sequence[float], calls: int) -> list[float]:
        """Return what adds up until each age where a reply then ends with so many calls."""
        ends = [0.0]
        for i, share in enumerate(self._ending):
            at = max(0.0, ((levels[i] + levels[i + 1]) / 2 - calls + 2) * LINES)
            low = min(int(at), len(self._left) - 2)
            ends.append(ends[-1] + share * (self._left[low] + (at - low) * (self._left[low + 1] - self._left[low])))
        return ends

    def _line(self, level: float, i: int) -> float:
        """Return the line that a call leads to, from the lowest one."""
        return (level - 1 - self._rate * self._ages[i]) * LINES - self._bottom

    def _after(self, costs: Sequence[Sequence[float]], level: float, i: int, *, least: float = 2.0) -> float:
        at = self._line(level, i)
        if level < least - TINY or at < 0:
            return math.inf
        low = min(int(at + TINY), len(costs) - 1)
        share = max(0.0, at - low)
        return costs[low][i] + (share * (costs[low + 1][i] - costs[low][i]) if share > TINY else 0.0)

    def _next(self, i: int, call: int, ends: Sequence[float], after: Sequence[float]) -> tuple[float, int]:
        """Return the least cost from a call at one age on, and the age of the next call that has it."""
        ages, zeroth, first, last = self._ages, self._zeroth, self._first, len(self._ages) - 1
        age, at, sum_at = ages[i], zeroth[i], first[i]
        best = first[last] - sum_at - age * (zeroth[last] - at) + (1 - zeroth[last]) / (2 * self._rate) + ends[last]
        chosen, start = last, max(i + 1, call)
        until = bisect_right(ages, ages[min(start, last)] + LONGEST_S)
        for j in range(start, min(until, last)):
            cost = first[j] - sum_at - age * (zeroth[j] - at) + ends[j] + after[j]
            if cost < best:
                best, chosen = cost, j
        return best - ends[i], chosen

    def _calls(self, line: int, j: int, nexts: Sequence[Sequence[int]]) -> list[float]:
        """Follow the calls of a reply, from the first one's age on, then at the rate at which the bucket fills."""
        ages, calls, at = self._ages, [], float(line - self._bottom)
        while j < len(ages) - 1:
            calls.append(ages[j])
            at = self._line(min(self._burst, (at + self._bottom) / LINES + self._rate * ages[j]), j)
            j = nexts[min(max(0, round(at)), len(nexts) - 1)][j] or len(ages) - 1
        return [*calls, *((calls[-1] if calls else 0.0) + i / self._rate for i in range(1, 400))]
