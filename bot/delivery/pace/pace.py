"""When is the next progress edit worth a call: pure; the derivation is in docs/delivery.md.

How long a reply will last is not known, only how long replies last. With D the duration, a second of lag at age t
weighs w(t) = E[1/D; D > t] in the mean lag, and calls are best spent in proportion to sqrt(w(t)). Let the *worth* of a
stretch of time be the integral of sqrt(w) over it: then the best calls are evenly spread over worth, as densely as the
tightest of all horizons permits: (calls permitted until t) / (worth between the last call and t).

But what is left of a bucket at the end is worth something to the next reply: its *price*, in seconds of lag. So no call
goes before the lag that it ends costs as much. The longer of the two intervals is kept, up to LONGEST_S. For the places
of a sliding window the price is what the replies until they are free again make of it (`demand`).

That is for a text that flows evenly. Deltas that come in bursts have better and worse moments: a call
just before a rest leaves nothing hidden for a while. It is worth as much as one at the end of the interval when the lag
and the rest that is expected before the next delta add up to the interval.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from bot.delivery.budget.bucket import Places
from bot.delivery.budget.supply import Supply
from bot.delivery.pace.demand import scarcity
from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import Pauses
from bot.delivery.pace.prices import Prices
from bot.delivery.pace.rhythm import Rhythm
from bot.delivery.pace.worth import LEAST, patience, worth

BOT_RESERVE = 1.0  # calls that progress leaves to notices, finals and openings of all chats,
STREAMS_PER_RESERVE = 20  # one more for each so many replies,
BOT_RESERVE_MOST = 5.0
LONGEST_S = 2.8  # that a reader waits for text that is there, as long as the budget permits;
SLOW_LONGEST_S = 3.6  # where calls come slower than one in three seconds, as in a group of 20 a minute
SOON = 0.02  # medians: a share of the bot's budget need not be a whole call, for others wait meanwhile
GENEROUS = 1.5  # shares of the bot's rate that a reply counts on: some of the others need less
NO_LINE = 1.5  # intervals that a first text waits until it is a line

NO_RHYTHM = Rhythm()
ANY_LENGTH = Lengths()
ANY_GAPS = Pauses()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known when the next progress edit of a reply is considered, in seconds and calls.

    `age_s` since the first delta; `since_call_s` since the grant of the last call that showed text; `lag_s` since the
    first delta that is not on the screen (at most `since_call_s`); `streams`: replies that grow in all chats;
    `reserve`: calls that must be left to this chat: one for each reply under way in it, and one more for a text that
    will soon need another part; `lengths` and `gaps`: how replies come here; `rhythm` and `quiet_s`: the gaps between
    this reply's deltas, and the time since the last one; `is_bare`: no line of it has come; `opens`: none of its
    messages stands, the call opens the first one.
    """

    supply: Supply
    age_s: float
    since_call_s: float
    lag_s: float
    streams: int = 1
    reserve: float = 1.0
    here: int = 1
    lengths: Lengths = ANY_LENGTH
    gaps: Pauses = ANY_GAPS
    prices: Prices | None = None
    rhythm: Rhythm = NO_RHYTHM
    quiet_s: float = 0.0
    is_bare: bool = False
    opens: bool = False


def waits(outlook: Outlook) -> tuple[float, float]:
    """Return the seconds from now until a progress edit should go if no delta comes before, and those for which deltas
    cannot bring that moment nearer; 0 = now.

    Ask again at that time, when a call of this chat has ended, and at every delta after the second; with many streams
    also now and then, because what others leave of the bot's budget changes. Finite; the reserves are left.
    """
    forced_s, interval_s = _forced_s(outlook), _interval_s(outlook)
    lag_s, quiet_s = outlook.lag_s, outlook.quiet_s
    if outlook.is_bare:
        return max(forced_s, NO_LINE * interval_s - lag_s), forced_s
    rests = outlook.rhythm.rests(quiet_s)
    starts = (start_s - quiet_s for start_s, gap_s in rests if lag_s + gap_s - quiet_s >= interval_s)
    due_s = max(forced_s, min(next(starts, math.inf), interval_s - lag_s))
    return due_s, max(forced_s, interval_s - outlook.rhythm.longest_s - lag_s)


def wait_s(outlook: Outlook) -> float:
    """Return the first of `waits`."""
    return waits(outlook)[0]


def settled_s(outlook: Outlook) -> float:
    """Return the second of `waits`."""
    return waits(outlook)[1]


def longest_s(rate: float) -> float:
    """Return how long a reader may wait for text that is there, where calls come at this rate per second."""
    return SLOW_LONGEST_S if rate * LONGEST_S < 1 else LONGEST_S


def bot_reserve(streams: int, rate: float) -> float:
    """Return how many of the bot's tokens progress must leave, with this many replies growing.

    At a low `rate` (calls per second, as many as the bucket holds) less, or there would be no progress at all.
    """
    return max(0.0, min(BOT_RESERVE_MOST, BOT_RESERVE + streams / STREAMS_PER_RESERVE, rate - 2))


def _forced_s(outlook: Outlook) -> float:
    """Return how long the budget and what must be left of it force us to wait.

    A call that opens a reply may take the last place of a window if the next one, for its end, is free before long.
    """
    supply, reserve, most_s = outlook.supply, _kept(outlook), longest_s(outlook.supply.rate)
    return max(
        (1 + reserve - supply.tokens) / supply.rate,
        (1 + bot_reserve(outlook.streams, supply.bot_rate) - supply.bot_tokens) / supply.bot_rate,
        *(
            max(window.ready_in(1 + reserve), window.ready_in(1 + outlook.reserve) - most_s)
            for window in supply.windows
        ),
        0.0,
    )


def _kept(outlook: Outlook) -> float:
    """Return how many calls must be left after this one: a reply that is not open takes two at its end anyway."""
    return max(0.0, outlook.reserve - outlook.opens)


def _overflows(supply: Supply) -> bool:
    """Tell whether the bucket is full: what is not spent is lost."""
    return supply.tokens >= supply.burst and not supply.windows


def _interval_s(outlook: Outlook) -> float:
    """Return the time that should lie between the last call and the next in an even flow."""
    supply = outlook.supply
    share_s = _of_density(outlook, _bot_density(outlook))
    if _overflows(supply):
        return share_s if not outlook.is_bare else max(share_s, _priced_s(outlook))
    least_s = max(share_s, _of_density(outlook, _density(outlook, outlook.reserve, 1 + outlook.opens)))
    if outlook.prices is None:
        return least_s
    most_s = longest_s(supply.rate)
    if supply.windows:
        return max(least_s, _scarce_s(outlook, most_s))
    spared = max(0.0, 2 - most_s * supply.rate) if supply.burst > 2 else 0.0
    spared_s = _of_density(outlook, _density(outlook, _kept(outlook) + spared)) if spared else least_s
    return max(least_s, min(max(_priced_s(outlook), spared_s), most_s))


def _of_density(outlook: Outlook, density: float) -> float:
    """Return the interval of so many calls per worth."""
    if density == math.inf:
        return 0.0
    table, unit_s = worth(round(outlook.lengths.sigma, 1)), outlook.lengths.median_s
    last = _last(outlook)
    return (table.age(table.until(last) + 1 / density) - last) * unit_s


def _last(outlook: Outlook) -> float:
    """Return the age of the last call, in medians."""
    oldest = worth(round(outlook.lengths.sigma, 1)).oldest
    return min((outlook.age_s - outlook.since_call_s) / outlook.lengths.median_s, oldest)


def _density(outlook: Outlook, reserve: float, first: int = 1) -> float:
    """Return the calls per worth that the chat's own budget permits on the tightest of all horizons.

    `first`: the first horizon is where the budget permits so many calls.
    """
    table, supply, unit_s = worth(round(outlook.lengths.sigma, 1)), outlook.supply, outlook.lengths.median_s
    since, here, last = outlook.since_call_s, outlook.here, _last(outlook)
    tokens, rate = (supply.tokens - reserve - supply.rate * since) / here, supply.rate / here * unit_s
    soonest = last + max(0.0, (first - tokens) / rate)
    density = table.density(last, tokens, rate, soonest=soonest)
    before = table.until(last)
    for window in supply.windows:
        kept = math.ceil(reserve)
        for place, free_s in enumerate((*window.free_in_s, window.span_s), start=1):
            if place >= kept + first and free_s > 0:
                ahead = table.until(last + (since + free_s) / unit_s) - before
                density = min(density, (place - kept) / here / max(ahead, LEAST))
    return density


def _bot_density(outlook: Outlook) -> float:
    """Return the calls per worth that a reply's share of the bot's budget permits; what would overflow is for all."""
    supply, streams, unit_s = outlook.supply, outlook.streams, outlook.lengths.median_s
    if streams <= 1:
        return math.inf
    share = (supply.bot_tokens - bot_reserve(streams, supply.bot_rate)) / streams
    last, soon = _last(outlook), outlook.since_call_s / unit_s
    table = worth(round(outlook.lengths.sigma, 1))
    return table.density(
        last, max(0.0, share), GENEROUS * supply.bot_rate / streams * unit_s, soonest=last + max(soon, SOON)
    )


def _priced_s(outlook: Outlook) -> float:
    """Return the interval whose lag costs as much as the call would be worth after this reply."""
    if outlook.prices is None:
        return 0.0
    supply, since_s, reserve, lengths = outlook.supply, outlook.since_call_s, outlook.reserve, outlook.lengths

    age_s = outlook.age_s - since_s
    level = round(supply.tokens - supply.rate * since_s - reserve, 3)
    price = _even_price(outlook.prices, level, supply.rate, round(age_s, 3), lengths)
    urgency = patience(round(lengths.sigma, 1)).urgency(age_s / lengths.median_s) / lengths.median_s
    return math.sqrt(2 * price / urgency)


@lru_cache(maxsize=4_096)
def _even_price(prices: Prices, level: float, rate: float, age_s: float, lengths: Lengths) -> float:
    """Return the price: the same from one call to the next, however often it is asked."""
    return prices.now(lambda in_s: level + rate * in_s, age_s, lengths)


def _scarce_s(outlook: Outlook, most_s: float) -> float:
    """Return the interval that leaves to the replies that may follow what they need of the windows' places.

    As a reply grows old its lag costs less, and a call comes later: but no later than in one of usual age.
    """
    kept, age_s, lengths = math.ceil(_kept(outlook)), outlook.age_s - outlook.since_call_s, outlook.lengths
    places = (_until(window, kept, outlook.since_call_s) for window in outlook.supply.windows)
    missing = outlook.here * max(scarcity(lengths, outlook.gaps, round(age_s, 1), each) for each in places)
    table, unit_s = patience(round(lengths.sigma, 1)), lengths.median_s
    usual_s = missing / math.sqrt(table.urgency(1.0) / unit_s)
    return min(missing / math.sqrt(table.urgency(age_s / unit_s) / unit_s), max(most_s, usual_s))


def _until(window: Places, kept: int, since_s: float) -> tuple[tuple[int, float], ...]:
    """Return how many calls may be made, less `kept`, until each place is free, in seconds from the last call on."""
    places = enumerate((*window.free_in_s, window.span_s), start=1)
    return tuple((place - kept, round(free_s + since_s, 1)) for place, free_s in places if place > kept and free_s > 0)
