"""When is the next progress edit worth a call: pure; the derivation is in docs/delivery.md.

How long a reply will last is not known, only how long replies last. With D the duration, a second of lag at age t
weighs w(t) = E[1/D; D > t] in the mean lag, and calls are best spent in proportion to sqrt(w(t)). Let the *worth* of a
stretch of time be the integral of sqrt(w) over it: then the best calls are evenly spread over worth, as densely as the
tightest of all horizons permits: (calls permitted until t) / (worth between the last call and t).

That gives the interval for a text that flows evenly. Deltas that come in bursts have better and worse moments: a call
just before a rest leaves nothing hidden for a while. It is worth as much as one at the end of the interval when the lag
and the rest that is expected before the next delta add up to the interval.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache

from bot.delivery.budget.bucket import Places
from bot.delivery.budget.supply import Supply
from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.rhythm import Rhythm

STEP = 1 / 32  # of the table of worth, whose ages are median * exp(sigma * z)
FIRST, LAST = -8.0, 7.5  # z of the table
OLDEST = 4.0  # z: what is older is treated as this old
LEAST = 1e-9  # worth: no difference is smaller
BOT_RESERVE = 1.0  # calls that progress leaves to notices, finals and openings of all chats,
STREAMS_PER_RESERVE = 20  # one more for each so many replies,
BOT_RESERVE_MOST = 5.0


NO_RHYTHM = Rhythm()
ANY_LENGTH = Lengths()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known when the next progress edit of a reply is considered, in seconds and calls.

    `age_s` since the first delta; `since_call_s` since the grant of the last call that showed text; `lag_s` since the
    first delta that is not on the screen (at most `since_call_s`); `streams`: replies that grow in all chats;
    `reserve`: calls that must be left to this chat: one for each reply under way in it, and one more for a text that
    will soon need another part; `lengths`: how long replies last here; `rhythm` and `quiet_s`: the gaps between this
    reply's deltas, and the time since the last one.
    """

    supply: Supply
    age_s: float
    since_call_s: float
    lag_s: float
    streams: int = 1
    reserve: float = 1.0
    lengths: Lengths = ANY_LENGTH
    rhythm: Rhythm = NO_RHYTHM
    quiet_s: float = 0.0


def wait_s(outlook: Outlook) -> float:
    """Return the seconds from now until a progress edit should go if no delta comes before; 0 = now.

    Ask again at that time, when a call of this chat has ended, and at every delta after `settled_s`; with many streams
    also now and then, because what others leave of the bot's budget changes. Finite; the reserves are left.
    """
    forced_s = _forced_s(outlook)
    if _overflows(outlook.supply):
        return forced_s
    lag_s, quiet_s, interval_s = outlook.lag_s, outlook.quiet_s, _interval_s(outlook)
    rests = outlook.rhythm.rests(quiet_s)
    starts = (start_s - quiet_s for start_s, gap_s in rests if lag_s + gap_s - quiet_s >= interval_s)
    return max(forced_s, min(next(starts, math.inf), interval_s - lag_s))


def settled_s(outlook: Outlook) -> float:
    """Return the seconds from now for which deltas cannot bring the moment of `wait_s` nearer."""
    forced_s = _forced_s(outlook)
    if _overflows(outlook.supply):
        return forced_s
    return max(forced_s, _interval_s(outlook) - outlook.rhythm.longest_s - outlook.lag_s)


def bot_reserve(streams: int, rate: float) -> float:
    """Return how many of the bot's tokens progress must leave, with this many replies growing.

    At a low `rate` (calls per second, as many as the bucket holds) less, or there would be no progress at all.
    """
    return max(0.0, min(BOT_RESERVE_MOST, BOT_RESERVE + streams / STREAMS_PER_RESERVE, rate - 2))


def _forced_s(outlook: Outlook) -> float:
    """Return how long the budget and what must be left of it force us to wait."""
    supply, reserve = outlook.supply, outlook.reserve
    return max(
        (1 + reserve - supply.tokens) / supply.rate,
        (1 + bot_reserve(outlook.streams, supply.bot_rate) - supply.bot_tokens) / supply.bot_rate,
        *(_free_in_s(window, reserve) for window in supply.windows),
        0.0,
    )


def _overflows(supply: Supply) -> bool:
    """Tell whether the bucket is full: what is not spent is lost."""
    return supply.tokens >= supply.burst and not supply.windows


def _interval_s(outlook: Outlook) -> float:
    """Return the time that should lie between the last call and the next in an even flow."""
    worth, supply, unit_s = _worth(round(outlook.lengths.sigma, 1)), outlook.supply, outlook.lengths.median_s
    since, reserve = outlook.since_call_s, outlook.reserve
    last = min((outlook.age_s - since) / unit_s, worth.oldest)
    density = worth.density(last, supply.tokens - reserve - supply.rate * since, supply.rate * unit_s)
    if outlook.streams > 1:
        share = (supply.bot_tokens - bot_reserve(outlook.streams, supply.bot_rate)) / outlook.streams
        density = min(density, worth.density(last, share, supply.bot_rate / outlook.streams * unit_s))
    before = worth.until(last)
    for window in supply.windows:
        kept = math.ceil(reserve)
        for place, free_s in enumerate((*window.free_in_s, window.span_s), start=1):
            if place > kept and free_s > 0:
                ahead = worth.until(last + (since + free_s) / unit_s) - before
                density = min(density, (place - kept) / max(ahead, LEAST))
    return (worth.age(before + 1 / density) - last) * unit_s


def _free_in_s(window: Places, reserve: float) -> float:
    kept = math.ceil(reserve)
    return window.free_in_s[kept] if kept < len(window.free_in_s) else window.span_s


class _Worth:
    """The worth of a reply's time before an age, both in medians, for a log-normal duration: a table."""

    def __init__(self, sigma: float) -> None:
        scores = [FIRST + STEP * i for i in range(round((LAST - FIRST) / STEP) + 1)]
        self.oldest = math.exp(OLDEST * sigma)
        self._ages = [0.0, *(math.exp(sigma * score) for score in scores)]
        self._roots = [1.0, *(math.sqrt(math.erfc((score + sigma) / math.sqrt(2)) / 2) for score in scores)]
        self._sums = [0.0]
        for i in range(1, len(self._ages)):
            mean = (self._roots[i - 1] + self._roots[i]) / 2
            self._sums.append(self._sums[-1] + mean * (self._ages[i] - self._ages[i - 1]))

    def until(self, age: float) -> float:
        """Return the worth of the time before this age."""
        return _between(age, self._ages, self._sums)

    def age(self, worth: float) -> float:
        """Return the age before which there is this worth."""
        return _between(worth, self._sums, self._ages)

    def density(self, last: float, tokens: float, rate: float) -> float:
        """Return the least of (tokens + rate * (t - last)) / (worth from last to t) over all ages t that permit a call.

        Its derivative changes sign once, so a binary search finds the entry of the table next to the minimum.
        """
        soonest = last + max(0.0, (1 - tokens) / rate)
        before = self.until(last)
        ages, sums, roots = self._ages, self._sums, self._roots

        def rising(i: int) -> bool:
            return rate * (sums[i] - before) >= (tokens + rate * (ages[i] - last)) * roots[i]

        first = bisect_right(ages, soonest)
        turn = bisect_left(range(len(ages)), True, lo=first, key=rising)
        ends = [soonest, *(ages[i] for i in (turn - 1, turn) if first <= i < len(ages))]
        return min((tokens + rate * (end - last)) / max(self.until(end) - before, LEAST) for end in ends)


def _between(x: float, xs: list[float], ys: list[float]) -> float:
    """Interpolate; beyond the last entry the last value holds."""
    i = bisect_right(xs, x)
    if i == len(xs):
        return ys[-1]
    share = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return ys[i - 1] + share * (ys[i] - ys[i - 1])


@cache
def _worth(sigma: float) -> _Worth:
    return _Worth(sigma)
