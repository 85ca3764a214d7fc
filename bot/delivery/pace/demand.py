"""Demand: what the places of a sliding window are worth to a row of replies; pure, derived in docs/delivery.md.

A place comes back after a minute, whoever used it. So a call is worth what its place is worth to all that may grow
until then: the rest of this reply, and those that follow it, each after the same pause.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import mul

from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import PAUSES_S, Pauses
from bot.delivery.pace.worth import alive, between, ends, patience

SPAN_S = 60  # of the tables, an entry a second
_SECONDS = range(SPAN_S + 1)
_AGES = tuple(float(second) for second in _SECONDS)


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be expected within so many seconds of a reply's end, if one reply follows the other with one pause.

    `roots`: of what a second of lag costs, integrated while replies grow; `finals`: calls that end a reply.
    """

    roots: Sequence[float]
    finals: Sequence[float]


@lru_cache(maxsize=512)  # a key has 2 KB, and is asked for again only while its reply waits
def scarcity(lengths: Lengths, gaps: Pauses, age_s: float, places: tuple[tuple[int, float], ...]) -> float:
    """Return the interval between two calls for which the places suffice, times the root of what a second of lag costs.

    `age_s`: of the reply at its last call; `places`: calls that may be made until then, without the final one, and the
    seconds until then, from the last call on. What a call more is worth grows with the square of what is missing: so
    this is the root of the mean square of what each pause makes of it.
    """
    sigma, unit_s = round(lengths.sigma, 1), lengths.median_s
    table, age = patience(sigma), age_s / unit_s
    before, rests_s = table.until(age), [end * unit_s - age_s for end in ends(age, lengths.sigma)]
    own = [
        sum(table.until((age_s + min(rest_s, until_s)) / unit_s) - before for rest_s in rests_s) * math.sqrt(unit_s)
        for _, until_s in places
    ]
    total = 0.0
    for gap_s, share in zip(PAUSES_S, gaps.shares, strict=True):
        later, most = _demand(round(math.log(unit_s), 1), sigma, gap_s), 0.0
        for (calls, until_s), roots in zip(places, own, strict=True):
            left_s = [until_s - rest_s for rest_s in rests_s if until_s > rest_s + gap_s]
            wanted = roots + sum(between(each, _AGES, later.roots) for each in left_s)
            finals = sum(between(each, _AGES, later.finals) for each in left_s)
            most = max(most, wanted / max(len(rests_s) * calls - finals, len(rests_s)))
        total += share * most**2
    return math.sqrt(total)


@lru_cache(maxsize=1_024)
def _demand(log_median: float, sigma: float, gap_s: float) -> Demand:
    """Return the demand of a row; of rounded lengths, so that chats share it."""
    table, unit_s = patience(sigma), math.exp(log_median)
    left = [alive(second / unit_s, sigma) for second in range(SPAN_S + 2)]
    roots = [math.sqrt(unit_s) * table.until(second / unit_s) for second in range(SPAN_S + 2)]
    ending = [left[age] - left[age + 1] for age in _SECONDS]
    growing = [(roots[age + 1] - roots[age]) * (left[age] + left[age + 1]) / 2 for age in _SECONDS]
    return Demand(_repeated(growing, ending, round(gap_s)), _repeated(ending, ending, round(gap_s)))


def _repeated(own: Sequence[float], ending: Sequence[float], gap_s: int) -> list[float]:
    """Return, by the seconds since an end, the sum of what the replies after it add, each so much by its age."""
    begun: list[float] = []
    ended: list[float] = []
    for second in _SECONDS:
        begun.append(own[second] + sum(map(mul, ending, reversed(ended))))
        ended.append(begun[second - gap_s] if gap_s <= second else 0.0)
    return list(accumulate(ended, initial=0.0))[: SPAN_S + 1]
