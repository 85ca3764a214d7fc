"""Draw what a reader sees in four answers in a row in a group, simulated: `python -m bench.row_plot FILE.svg`."""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from bench.bounds import Lengths, Trace, mean_lag
from bench.pace_simulation import ROUND_TRIP_S
from bench.plot import Curve, drawn
from bench.row import in_a_row
from bench.rows import each_second, ours_in_a_row
from bot.delivery.budget.budget import Limits

REPLIES, LASTS_S, PER_S, GAP_S = 4, 8.8, 60, 2.5
ON = ((GAP_S, 0.7), (120.0, 0.3))  # what the best sender knows: seven of ten answers are followed by another at once
GROUP = -1


def main() -> None:
    """Write the picture."""
    best = _listed()
    lines = (
        ("Deltagram", "#1a73e8", 2.5, "", ours_in_a_row(GROUP, REPLIES, GAP_S, LASTS_S)[0]),
        ("an edit each second", "#d93025", 1.5, "", each_second(GROUP, REPLIES, GAP_S, LASTS_S)[0]),
        ("best without foresight", "#188038", 1.5, "5 4", best),
    )
    curves = [
        Curve(f"{name}, mean lag {fmean(map(mean_lag, traces)):.2f} s", color, _seen(traces), width, dashes)
        for name, color, width, dashes, traces in lines
    ]
    end_s = REPLIES * (LASTS_S + GAP_S)
    Path(sys.argv[1]).write_text(
        drawn(curves, end_s, "Four answers in a row in a group, 2.5 s apart: text on the screen")
    )


def _arrivals(begun: float) -> list[float]:
    return [begun + i / PER_S for i in range(round(LASTS_S * PER_S))]


def _trace(arrivals: Sequence[float], shown: Sequence[tuple[float, int]]) -> Trace:
    return Trace([(at, i) for i, at in enumerate(arrivals, start=1)], shown)


def _listed() -> list[Trace]:
    """Call at the ages that dynamic programming finds."""
    limits = Limits()
    rate, burst = limits.group_rate / 60, limits.group_burst
    row, level, now, traces = in_a_row(Lengths(), ON, rate, burst), burst, 0.0, []
    for _ in range(REPLIES):
        arrivals = _arrivals(now)
        ages = [age for age in row.plan(level) if age < LASTS_S] + [LASTS_S]
        shown = [(now + age + ROUND_TRIP_S / 2, bisect_right(arrivals, now + age)) for age in ages]
        traces.append(_trace(arrivals, shown))
        level = min(burst, level + rate * (LASTS_S + GAP_S) - len(ages))
        now += LASTS_S + GAP_S
    return traces


def _seen(traces: Sequence[Trace]) -> list[tuple[float, float]]:
    """Return what can be read of each answer, from nothing on."""
    points = []
    for trace in traces:
        points.append((trace.arrivals[0][0], 0.0))
        points += [(at, visible / trace.arrivals[-1][1]) for at, visible in trace.shown]
    return points


if __name__ == "__main__":
    main()
