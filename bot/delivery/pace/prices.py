"""What a call is worth to the replies after the present one: pure; the derivation is in docs/delivery.md.

A call that is left when a reply ends shortens the lag of the next one, unless the bucket is full again by then. How
much depends on how many are left, so it is a table over the level of the bucket, found from itself: what a call is
worth at the start of a reply follows from what it is worth at its end, and that from the start of the next one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import PAUSES_S, Pauses
from bot.delivery.pace.worth import between, ends, patience, worth

LEVELS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.55, 0.75, 1.0)  # of a bucket, as shares of its burst
BELOW = 2.0  # calls by which a bucket is overdrawn at the most
GRAIN = 24  # entries of what a bucket is worth at an end
LEAST, MOST = 1e-4, 8.0  # seconds of lag that a call may be worth
HALVINGS = 11
ROUNDS, MORE_ROUNDS = 20, 3  # for a first table; for one that begins with another's
HOLD = 0.5  # of a table's former entries, that they do not swing
SAME = 0.03  # shares by which entries may differ, and no further round is worth its time


@dataclass(frozen=True, slots=True)
class Prices:
    """Seconds of lag, summed over the replies to come, that one call more is worth.

    `starts`: at the first delta of a reply, for each of LEVELS; `ends`: after the final call, for levels evenly from
    -BELOW to `burst`.
    """

    rate: float
    burst: float
    starts: tuple[float, ...]
    ends: tuple[float, ...]

    def after(self, level: float) -> float:
        """Return what a call more is worth when a reply has ended with such a level."""
        at = (level + BELOW) / (self.burst + BELOW) * GRAIN
        if at <= 0:
            return self.ends[0]
        low = int(at)
        if low >= GRAIN:
            return self.ends[GRAIN]
        return self.ends[low] + (at - low) * (self.ends[low + 1] - self.ends[low])

    def now(self, level_in: Callable[[float], float], age_s: float, lengths: Lengths) -> float:
        """Return what a call is worth that is not made in a reply of this age.

        That is what it is worth at the end, whenever that comes; and how much is left then depends on the calls until
        then, which depend on what they are worth. `level_in`: what is left after the final call, so long
        after the last one, if nothing else is spent and nothing overflows.
        """
        table, unit_s = patience(round(lengths.sigma, 1)), lengths.median_s
        age = age_s / unit_s
        passed = table.until(age)
        cases = []
        for end in ends(age, lengths.sigma):
            calls = (table.until(end) - passed) * math.sqrt(unit_s / 2)  # where each is worth a second
            cases.append((level_in((end - age) * unit_s), calls))
        low, high = math.log(LEAST), math.log(MOST)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            price = math.exp(middle)
            root = math.sqrt(price)
            worth_then = sum(self.after(min(self.burst, level - calls / root)) for level, calls in cases)
            if worth_then > price * len(cases):
                low = middle
            else:
                high = middle
        return math.exp((low + high) / 2)

    def at_rate(self, rate: float) -> "Prices":
        """Return the table for a bucket that fills at another rate; it must be rethought."""
        return replace(self, rate=rate)

    def rethought(self, lengths: Lengths, gaps: Pauses, *, rounds: int = MORE_ROUNDS) -> "Prices":
        """Return the table for other lengths and gaps, nearer to the true one with every round."""
        prices, before = self, self.starts
        for _ in range(rounds):
            ends = tuple(
                _expected(before, (self.burst + BELOW) * i / GRAIN - BELOW, gaps, self.rate, self.burst)
                for i in range(GRAIN + 1)
            )
            prices = Prices(self.rate, self.burst, before, ends)
            after = tuple(
                HOLD * former + (1 - HOLD) * prices._start(share * self.burst, lengths)
                for share, former in zip(LEVELS, before, strict=True)
            )
            if all(abs(new - former) <= SAME * former for new, former in zip(after, before, strict=True)):
                break
            before = after
        return prices

    def _start(self, level: float, lengths: Lengths) -> float:
        """Return what a call more is worth at the first delta: at the least what the bucket alone makes of it."""
        price = self.now(lambda in_s: level + self.rate * in_s - 1, 0.0, lengths)
        table = worth(round(lengths.sigma, 1))
        interval_s = lengths.median_s / max(table.density(0.0, level - 1, self.rate * lengths.median_s), LEAST)
        return min(
            MOST, max(price, interval_s**2 / 2 * patience(round(lengths.sigma, 1)).urgency(0.0) / lengths.median_s)
        )


@cache
def first_prices(rate: float, burst: float) -> Prices:
    """Return the table for a chat of which nothing is known."""
    blank = Prices(rate, burst, (0.05,) * len(LEVELS), (0.05,) * (GRAIN + 1))
    return blank.rethought(Lengths(), Pauses(), rounds=ROUNDS)


def _expected(starts: Sequence[float], level: float, gaps: Pauses, rate: float, burst: float) -> float:
    """Return what a call is worth that is left at an end; where the bucket is full before the next reply, nothing."""
    total = 0.0
    for gap_s, share in zip(PAUSES_S, gaps.shares, strict=True):
        then = level + rate * gap_s
        if then < burst:
            total += share * between(max(0.0, then) / burst, LEVELS, starts)
    return total
