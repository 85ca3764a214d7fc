"""The two bounds where many chats share the bot's budget.

On average a reply may then make so many calls, its final one included. How these are best divided among replies, and
over each one's time, is found by giving calls a price: with the right price all are spent. Both are bounds for every
sender, because they let a call be made whenever it pays, as if the others could wait.
"""

import heapq
import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import NormalDist

from bench.bounds import HORIZON_S, Lengths, Trace, replay

STEP_S, STEP_SHARE = 0.04, 0.012  # of the search: in seconds, and of the age
HALVINGS = 22
DEAREST = 100.0


def without_foresight(traces: Sequence[Trace], calls: float, lengths: Lengths, *, round_trip_s: float) -> float:
    """Return the mean lag on these replies of the best list of ages that uses no more than so many calls a reply.

    As for a chat alone, the first call is made at once.
    """
    cheap, dear = 0.0, DEAREST
    for _ in range(HALVINGS):
        price = (cheap + dear) / 2
        used = sum(1 + bisect_right(ages, trace.duration_s) for ages in [_ages(lengths, price)] for trace in traces)
        cheap, dear = (price, dear) if used > calls * len(traces) else (cheap, price)
    ages = _ages(lengths, dear)
    return sum(replay(trace, ages, round_trip_s=round_trip_s) for trace in traces) / len(traces)


def clairvoyant(durations_s: Sequence[float], calls: float, *, round_trip_s: float) -> float:
    """Return the least mean lag of a sender that knows how long replies last: each next call goes where it pays most.

    With n calls, the last of which is the final text, the others are evenly spread and the first is not made at once.
    """

    def lag(duration_s: float, count: int) -> float:
        half = min(round_trip_s / 2, duration_s)
        rest = duration_s - half
        return (rest * rest / (2 * count) + half * rest + half * half / 2) / duration_s if duration_s else 0.0

    gains = [(lag(each, 2) - lag(each, 1), i) for i, each in enumerate(durations_s)]
    counts = [1] * len(durations_s)
    heapq.heapify(gains)
    for _ in range(int(calls * len(durations_s)) - len(durations_s)):
        _, i = gains[0]
        counts[i] += 1
        heapq.heapreplace(gains, (lag(durations_s[i], counts[i] + 1) - lag(durations_s[i], counts[i]), i))
    return sum(lag(each, count) for each, count in zip(durations_s, counts, strict=True)) / len(counts)


def _ages(lengths: Lengths, price: float) -> list[float]:
    """Return the ages of calls that cost least, lag and price together; a reply that is over makes no call more."""
    ages = [0.0]
    while ages[-1] < HORIZON_S:
        ages.append(ages[-1] + max(STEP_S, ages[-1] * STEP_SHARE))
    zeroth, first = [lengths.zeroth(age) for age in ages], [lengths.first(age) for age in ages]
    normal = NormalDist(math.log(lengths.median_s), lengths.sigma)
    going = [1 - normal.cdf(math.log(age)) if age else 1.0 for age in ages]
    last = len(ages) - 1
    costs, following = [0.0] * len(ages), [last] * len(ages)
    for i in range(last - 1, -1, -1):
        best = first[last] - first[i] - ages[i] * (zeroth[last] - zeroth[i])
        for j in range(i + 1, last):
            lag = first[j] - first[i] - ages[i] * (zeroth[j] - zeroth[i])
            if lag > best:
                break
            cost = lag + price * going[j] + costs[j]
            if cost < best:
                best, following[i] = cost, j
        costs[i] = best
    found, i = [], 0
    while i < last:
        found.append(ages[i])
        i = following[i]
    return found
