"""When is the next progress edit worth a call: pure, takes values; the derivation is in docs/delivery.md.

How long a reply will last is not known, only how long replies last. With D the duration, a second of lag at age t
weighs w(t) = E[1/D; D > t] in the mean lag, and calls are best spent in proportion to sqrt(w(t)). Let the *worth* of a
reply's first t seconds be the integral of sqrt(w): then the best calls are evenly spread over worth, as densely as the
tightest of all horizons permits: (calls permitted until t) / (worth between the last call and t).
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from dataclasses import dataclass
from functools import cache

from bot.bucket import Places
from bot.budget import Supply

MEDIAN_S = 8.0  # of a reply's duration where nothing is known
SIGMA = 1.0  # of its logarithm
STEP = 1 / 32  # of the logarithm of age over median, in the table of worth
FIRST, LAST = -6.0, 5.0
OLDEST = 50.0  # medians: what is older is treated as this old
BOT_RESERVE = 1.0  # calls that progress leaves to notices, finals and openings of all chats,
BOT_RESERVE_MOST = 5.0
STREAMS_PER_RESERVE = 20  # and one more for each so many replies


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known when the next progress edit of a reply is considered, in seconds and calls.

    `age_s` since the first delta; `since_call_s` since the grant of the last call that showed text; `lag_s` since the
    first delta that is not on the screen (at most `since_call_s`); `streams`: replies that grow in all chats;
    `reserve`: calls that must be left to this chat: one for each reply under way in it, and one more for a text that
    will soon need another part; `median_s`: how long replies last here.
    """

    supply: Supply
    age_s: float
    since_call_s: float
    lag_s: float
    rhythm: "Rhythm | None" = None
    since_delta_s: float = 0.0
    streams: int = 1
    reserve: float = 1.0
    median_s: float = MEDIAN_S


def wait_s(outlook: Outlook) -> float:
    """Return the seconds from now until the next progress edit should go; 0 = now. Finite, and the reserves stay.

    The answer is good until a call of this chat was granted or ended: further deltas do not change it. In a crowd ask
    again at the time given, because the bot's bucket is shared.
    """
    supply, reserve = outlook.supply, outlook.reserve
    bot_tokens = supply.bot_tokens - bot_reserve(outlook.streams)
    permitted_s = max(
        (1 + reserve - supply.tokens) / supply.rate,
        (1 - bot_tokens) / supply.bot_rate,
        *(_free_in_s(window, reserve) for window in supply.windows),
        0.0,
    )
    if supply.tokens >= supply.burst and not supply.windows:
        return permitted_s
    interval_s = _interval_s(outlook, bot_tokens / outlook.streams, supply.bot_rate / outlook.streams)
    worth_it = C * interval_s * interval_s
    if outlook.rhythm:
        return max(permitted_s, outlook.rhythm.x(outlook.lag_s, outlook.since_delta_s, worth_it))
    return max(permitted_s, interval_s - outlook.lag_s)
C = 1.0

class Rhythm:
    def __init__(self):
        self.gaps = []
        self.recent = deque()
    def add(self, gap):
        if len(self.recent) == 32:
            self.gaps.remove(self.recent.popleft())
        insort(self.gaps, gap)
        self.recent.append(gap)
    def x(self, lag, e, need):
        if lag*lag >= need: return 0.0
        n = len(self.gaps)
        i = bisect_right(self.gaps, e)
        total = sum(self.gaps[i:])
        at = e
        for k in range(i, n):
            m = total/(n-k)
            g = self.gaps[k]
            # in [at, g): rest = m - e'
            L = lag + at - e
            short = need - L*(L+2*(m-at))
            if short <= 0: return at - e
            r = m - at
            if short <= r*r:
                d = r - math.sqrt(r*r-short)
                if at + d <= g: return at + d - e
            total -= g
            at = max(at, g + 1e-3)
        return math.sqrt(need) - lag


def bot_reserve(streams: int) -> float:
    """Return how many of the bot's tokens progress must leave, with this many replies growing."""
    return min(BOT_RESERVE_MOST, BOT_RESERVE + streams / STREAMS_PER_RESERVE)


def _interval_s(outlook: Outlook, share: float, share_rate: float) -> float:
    """Return the time that should lie between the last call and the next while text flows without a pause."""
    worth = _worth(SIGMA)
    unit_s, supply = outlook.median_s, outlook.supply
    last = min((outlook.age_s - outlook.since_call_s) / unit_s, OLDEST)
    spent = supply.rate * outlook.since_call_s
    tightest = min(
        worth.tightest(last, supply.tokens - outlook.reserve - spent, supply.rate * unit_s),
        worth.tightest(last, share, share_rate * unit_s),
    )
    before = worth.until(last)
    for window in supply.windows:
        ends_s = (*window.free_in_s, window.span_s)
        for place, free_s in enumerate(ends_s, start=1):
            if place > outlook.reserve and free_s > 0:
                ahead = worth.until(last + (outlook.since_call_s + free_s) / unit_s) - before
                tightest = min(tightest, (place - math.ceil(outlook.reserve)) / ahead)
    return (worth.age(before + 1 / tightest) - last) * unit_s


def _free_in_s(window: Places, reserve: float) -> float:
    return window.free_in_s[min(math.ceil(reserve), len(window.free_in_s) - 1)]


class _Worth:
    """The integral of sqrt(w) over a reply's age, both in medians, for a log-normal duration; a table."""

    def __init__(self, sigma: float) -> None:
        count = round((LAST - FIRST) / STEP)
        self._ages = [0.0, *(math.exp(FIRST + STEP * i) for i in range(count + 1))]
        self._roots = [1.0] + [
            math.sqrt(math.erfc((math.log(age) / sigma + sigma) / math.sqrt(2)) / 2) for age in self._ages[1:]
        ]
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

    def tightest(self, last: float, tokens: float, rate: float) -> float:
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
        least = (tokens + rate * (soonest - last)) / (self.until(soonest) - before) if soonest > last else math.inf
        return min(
            least,
            *(
                (tokens + rate * (ages[i] - last)) / (sums[i] - before)
                for i in (turn - 1, turn)
                if first <= i < len(ages)
            ),
        )


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
