"""Print how near the bot's slots come to the best in long rows: `python -m bench.row_check [--seed 11]`, a minute.

Replies of drawn lengths, one after the other in one chat; the clock is simulated, calls take a round trip. Beside the
best that `row.py` finds for such gaps: how near it one stays that follows its list on the same replies.
"""

import argparse
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from statistics import fmean

from bench.bounds import Lengths, Trace, mean_lag
from bench.pace_simulation import ROUND_TRIP_S, Chat, Reply, Server, Simulation, bucket_of
from bench.row import Gaps, Row, in_a_row
from bench.rows import PLACES, dark
from bench.streams import steady
from bot.delivery.budget.budget import Limits

REPLIES, PER_S = 160, 60
LEAST_S, MOST_S = 0.3, 90.0  # of a reply
GAPS: dict[str, Gaps] = {
    "120 s": ((120.0, 1.0),),
    "15 s": ((15.0, 1.0),),
    "4 s": ((4.0, 1.0),),
    "1.7 s": ((1.7, 1.0),),
    "1 s, each tenth 120 s": ((1.0, 0.9), (120.0, 0.1)),
    "2 s, each fourth 60 s": ((2.0, 0.75), (60.0, 0.25)),
    "0": ((0.0, 1.0),),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.row_check", description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    seed: int = parser.parse_args().seed
    print("| gaps | private: best, policy | group: best, policy, longest dark |\n|---|---|---|")
    for name, distribution in GAPS.items():
        cells = []
        for _, chat_id in PLACES:
            rng, (rate, burst) = random.Random(seed), bucket_of(chat_id, Limits())
            lasting = [min(MOST_S, max(LEAST_S, rng.lognormvariate(math.log(8), 1))) for _ in range(REPLIES)]
            ages = [steady(PER_S)(rng, each) for each in lasting]
            gaps = rng.choices([gap_s for gap_s, _ in distribution], [share for _, share in distribution], k=REPLIES)
            best = listed(in_a_row(Lengths(), distribution, rate, burst), ages, gaps, rate=rate, burst=burst)
            chat = Chat(chat_id, [Reply(list(each)) for each in ages], pause_s=partial(next, iter(gaps)))
            Simulation([chat], Limits(), Server(Limits()), random.Random(seed)).run()
            ours = [reply.trace for reply in chat.done]
            lags = f"{fmean(map(mean_lag, best)):.3f}, {fmean(map(mean_lag, ours)):.3f}"
            cells.append(f"{lags}, {max(map(dark, ours)):.1f} s" if chat_id < 0 else lags)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def listed(
    row: Row, replies: Sequence[Sequence[float]], gaps: Sequence[float], *, rate: float, burst: float
) -> list[Trace]:
    """Return what a reader sees of replies, given by the ages of their deltas, where calls go as the best plan says."""
    level, now, traces = burst, 0.0, []
    for ages, gap_s in zip(replies, gaps, strict=True):
        calls = [*(age for age in row.plan(level) if age < ages[-1]), ages[-1]]
        shown = [(now + at + ROUND_TRIP_S / 2, bisect_right(ages, at)) for at in calls]
        traces.append(Trace([(now + age, i) for i, age in enumerate(ages, start=1)], shown))
        before = 0.0
        for at in calls:
            level, before = min(burst, level + rate * (at - before)) - 1, at
        level = min(burst, max(0.0, level) + rate * (gap_s + ROUND_TRIP_S))
        now += ages[-1] + gap_s + ROUND_TRIP_S
    return traces


if __name__ == "__main__":
    main()
