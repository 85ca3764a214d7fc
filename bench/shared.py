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


def clairvoyant(traces: Sequence[Trace], calls: float, *, round_trip_s: float) -> float:
    """Return the least mean lag of a sender that knows how long replies last: each next call goes where it pays most.

    It takes the deltas of a reply for evenly spread.
    """
    durations = [trace.duration_s for trace in traces]
    gaps = [trace.duration_s / max(1, len(trace.arrivals) - 1) for trace in traces]

    def lag(reply: int, count: int) -> float:
        return _least(durations[reply], gaps[reply], count, round_trip_s / 2)

    counts = [1] * len(traces)
    gains = [(lag(i, 2) - lag(i, 1), i) for i in range(len(traces))]
    heapq.heapify(gains)
    for _ in range(int(calls * len(traces)) - len(traces)):
        _, i = gains[0]
        counts[i] += 1
        heapq.heapreplace(gains, (lag(i, counts[i] + 1) - lag(i, counts[i]), i))
    return sum(lag(i, count) for i, count in enumerate(counts)) / len(counts)


def _least(duration_s: float, gap_s: float, calls: int, way_s: float) -> float:
    """Return the least mean lag of a reply with so many calls, the last of them for the final text.

    They go when a delta has come, so that the lag grows from a gap after that, and is the same before each of them.
    """
    if not duration_s:
        return 0.0
    least = max(0.0, way_s - gap_s)
    most = max(least, (duration_s + (calls - 1) * (way_s - gap_s)) / calls)
    return (calls * most * most - (calls - 1) * least * least) / 2 / duration_s


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
