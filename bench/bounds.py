"""How small the visible lag can be: what a recorded reply shows, and the two bounds it is measured against.

Imports nothing of the bot. A reply's deltas come at known times; a call carries the newest text of the moment it is
made, which is visible half a round trip later. `Permits` says how soon the k-th call may be made; one more is always
kept for the final text.

    clairvoyant          the least mean lag of any sender, one that knows the whole reply in advance
    without foresight    the least expected mean lag of a sender that knows only how long replies last

Both are found by dynamic programming over (call, moment). `python -m bench.bounds FILE --rate 1 --tokens 5` prints them
for recorded replies, each a line of JSON: {"arrivals": [[seconds, characters so far], …], "shown": [[seconds,
characters visible], …]}.
"""

import argparse
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist, fmean

MOMENTS = 400  # at which a call of a recorded reply may be made, in the search for its bound
STEP_S, STEP_SHARE = 0.02, 0.005  # of the search without foresight: in seconds, and of the age
HORIZON_S = 200.0

Permits = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Trace:
    """One reply: (seconds, characters so far) as the deltas came, (seconds, characters) as they became visible."""

    arrivals: Sequence[tuple[float, int]]
    shown: Sequence[tuple[float, int]]

    @property
    def duration_s(self) -> float:
        """From the first delta to the last."""
        return self.arrivals[-1][0] - self.arrivals[0][0]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long replies last: log-normal."""

    median_s: float = 8.0
    sigma: float = 1.0

    def _weight(self, age_s: float) -> float:
        """Return E[1/D; D > age]."""
        normal = NormalDist(math.log(self.median_s) - self.sigma**2, self.sigma)
        scale = math.exp(self.sigma**2 / 2) / self.median_s
        return scale * (1 - normal.cdf(math.log(age_s))) if age_s else scale

    def zeroth(self, age_s: float) -> float:
        """Return the integral of the weight over the ages before `age_s`."""
        if not age_s:
            return 0.0
        return NormalDist(math.log(self.median_s), self.sigma).cdf(math.log(age_s)) + age_s * self._weight(age_s)

    def first(self, age_s: float) -> float:
        """Return the integral of age times weight over the ages before `age_s`."""
        if not age_s:
            return 0.0
        normal = NormalDist(math.log(self.median_s) + self.sigma**2, self.sigma)
        mean = self.median_s * math.exp(self.sigma**2 / 2)
        return mean * normal.cdf(math.log(age_s)) / 2 + age_s**2 * self._weight(age_s) / 2


def bucket(tokens: float, rate: float) -> Permits:
    """Permit what a token bucket does that holds `tokens` now, and keep one."""
    return lambda call: max(0.0, (call + 1 - tokens) / rate)


def window(calls: int, span_s: float, past_s: Sequence[float] = ()) -> Permits:
    """Permit what a sliding window does, with earlier calls at `past_s` ≤ 0, and keep one; never less than it does."""
    free_s = [0.0] * (calls - len(past_s)) + sorted(max(0.0, past + span_s) for past in past_s)

    def permitted(call: int) -> float:
        rounds, place = divmod(call, calls)
        return free_s[place] + rounds * span_s

    return permitted


def with_borders(permits: Permits, ages_s: Sequence[float]) -> Permits:
    """Permit what `permits` does, less one call after each of these ages: a message that is full then takes its own."""

    def permitted(call: int) -> float:
        taken = 0
        while taken < len(ages_s) and permits(call + taken) > ages_s[taken]:
            taken += 1
        return permits(call + taken)

    return permitted


def without_foresight(lengths: Lengths, permits: Permits, *, then_per_s: float) -> tuple[float, list[float]]:
    """Return the least expected mean lag in seconds, without the round trip, and the calls' ages that reach it.

    Nothing is learned while a text flows but that it flows, so the best sender keeps to a fixed list of ages. The first
    call is made as soon as it is permitted, because the first text must not wait. After the horizon it calls
    `then_per_s` times a second.
    """
    ages = _ages(permits)
    zeroth, first = [lengths.zeroth(age) for age in ages], [lengths.first(age) for age in ages]

    def lag(call: int, end: int) -> float:
        return first[end] - first[call] - ages[call] * (zeroth[end] - zeroth[call])

    opened = [first[i] if age == permits(1) else math.inf for i, age in enumerate(ages)]
    total, calls = _least(lag, opened, ages, permits)
    return total + (1 - zeroth[-1]) / (2 * then_per_s), calls


def clairvoyant(trace: Trace, permits: Permits, *, round_trip_s: float = 0.0) -> float:
    """Return the least mean lag in seconds that a sender could reach who knows this reply in advance.

    The calls may be made at any of some hundred moments and whenever a call more is permitted; between two of them
    nothing is lost that matters.
    """
    arrived = [at for at, _ in trace.arrivals]
    start, end, half = arrived[0], arrived[-1], round_trip_s / 2
    if end <= start:
        return 0.0
    grid = (
        {start + (end - start) * i / MOMENTS for i in range(MOMENTS)} if len(arrived) > MOMENTS else set(arrived[:-1])
    )
    calls = 1
    while start + permits(calls) < end:
        grid.add(start + permits(calls))
        calls += 1
    moments = sorted(grid)
    hidden = [arrived[i] if (i := bisect_right(arrived, moment)) < len(arrived) else end for moment in moments]
    ends = [*(min(moment + half, end) for moment in moments), end]

    def lag(call: int, until: int) -> float:
        return (_square(ends[until] - hidden[call]) - _square(ends[call] - hidden[call])) / 2

    first = [_square(ends[i] - start) / 2 if at >= start + permits(1) else math.inf for i, at in enumerate(moments)]
    total, _ = _least(lag, [*first, _square(end - start) / 2], [*moments, end], lambda call: start + permits(call))
    return total / (end - start)


def replay(trace: Trace, ages: Sequence[float], *, round_trip_s: float = 0.0) -> float:
    """Return the mean lag of a reply whose calls are made at these ages, each with the newest text."""
    start = trace.arrivals[0][0]
    arrived = [at for at, _ in trace.arrivals]
    calls = [start + age for age in ages if start + age < arrived[-1]]
    newest = [(at + round_trip_s / 2, trace.arrivals[bisect_right(arrived, at) - 1][1]) for at in calls]
    return mean_lag(Trace(trace.arrivals, newest))


def mean_lag(trace: Trace) -> float:
    """Return the age of the oldest character not on the screen, in seconds, in the mean from first delta to last."""
    arrived, sizes = [at for at, _ in trace.arrivals], [size for _, size in trace.arrivals]
    end = arrived[-1]
    total, since, oldest = 0.0, arrived[0], arrived[0]
    for at, visible in [*trace.shown, (math.inf, 0)]:
        until = min(max(at, since), end)
        total += (_square(until - oldest) - _square(since - oldest)) / 2
        since = until
        missing = bisect_right(sizes, visible)
        oldest = arrived[missing] if missing < len(arrived) else math.inf
    return total / (end - arrived[0]) if end > arrived[0] else 0.0


def _square(seconds: float) -> float:
    return seconds * seconds if seconds > 0 else 0.0


def _ages(permits: Permits) -> list[float]:
    """Return the ages at which a call may be made in the search without foresight: dense where replies are young."""
    ages = [0.0]
    while ages[-1] < HORIZON_S:
        ages.append(min(HORIZON_S, ages[-1] + max(STEP_S, ages[-1] * STEP_SHARE)))
    call = 1
    while permits(call) < HORIZON_S:
        ages.append(permits(call))
        call += 1
    return sorted(set(ages))


def _least(
    lag: Callable[[int, int], float], firsts: Sequence[float], moments: Sequence[float], permits: Permits
) -> tuple[float, list[float]]:
    """Return the least total lag until the last moment, and the calls' moments.

    `lag(i, j)`: what adds up from a call at moment i until one at moment j; `firsts`: what has added up until a first
    call at each moment, or until the end without any. The later a call, the later is the best one before it (quadrangle
    inequality), so each round divides and conquers.
    """
    last = len(moments) - 1
    costs = list(firsts[:last])
    best, best_call, best_round = firsts[last], -1, 0
    rounds: list[list[int]] = []
    while any(cost < math.inf for cost in costs):
        total, call = min((cost + lag(i, last), i) for i, cost in enumerate(costs) if cost < math.inf)
        if total < best:
            best, best_call, best_round = total, call, len(rounds)
        costs, former = _round(lag, costs, bisect_left(moments, permits(len(rounds) + 2)))
        rounds.append(former)
    calls: list[float] = []
    while best_call >= 0:
        calls.append(moments[best_call])
        best_round -= 1
        best_call = rounds[best_round][best_call] if best_round >= 0 else -1
    return best, calls[::-1]


def _round(lag: Callable[[int, int], float], costs: Sequence[float], first: int) -> tuple[list[float], list[int]]:
    """Return the least lag until each moment with one call more, made at that moment, and the call before it."""
    count = len(costs)
    more, former = [math.inf] * count, [-1] * count
    spans = [(first, count - 1, 0, count - 1)]
    while spans:
        low, high, least, most = spans.pop()
        if low > high:
            continue
        middle = (low + high) // 2
        candidates = (
            (costs[i] + lag(i, middle), i) for i in range(least, min(most, middle - 1) + 1) if costs[i] < math.inf
        )
        more[middle], former[middle] = min(candidates, default=(math.inf, -1))
        turn = former[middle]
        spans.append((low, middle - 1, least, most if turn < 0 else turn))
        spans.append((middle + 1, high, least if turn < 0 else turn, most))
    return more, former


def read(path: Path) -> list[Trace]:
    """Return the traces of a file."""
    rows = (json.loads(line) for line in path.read_text().splitlines() if line)
    return [
        Trace([(at, size) for at, size in row["arrivals"]], [(at, size) for at, size in row["shown"]]) for row in rows
    ]


def main() -> None:
    """Print the mean lag of recorded replies, and both bounds on it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("traces", type=Path)
    parser.add_argument("--rate", type=float, default=1.0, help="calls per second")
    parser.add_argument("--tokens", type=float, default=5.0, help="calls in the bucket at the first delta")
    parser.add_argument("--round-trip", type=float, default=0.08, help="seconds of a call")
    options = parser.parse_args()
    traces = read(options.traces)
    permits = bucket(options.tokens, options.rate)
    _, ages = without_foresight(Lengths(), permits, then_per_s=options.rate)
    lag = fmean(mean_lag(trace) for trace in traces)
    listed = fmean(replay(trace, ages, round_trip_s=options.round_trip) for trace in traces)
    foreseen = fmean(clairvoyant(trace, permits, round_trip_s=options.round_trip) for trace in traces)
    print(f"{len(traces)} replies: mean lag {lag:.3f} s")
    print(f"best without foresight {listed:.3f} s: ratio {lag / listed:.3f}")
    print(f"clairvoyant {foreseen:.3f} s: ratio {lag / foreseen:.3f}")


if __name__ == "__main__":
    main()
