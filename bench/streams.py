"""How deltas may come: the ages at which a reply of about a given duration gets them."""

import math
import random
from collections.abc import Callable
from statistics import NormalDist

from bench.bounds import Lengths

Stream = Callable[[random.Random, float], list[float]]  # from a random source and a duration in seconds


def steady(per_s: float) -> Stream:
    """Stream at an even rate."""
    return lambda rng, duration_s: [i / per_s for i in range(max(2, round(duration_s * per_s)))]


def bursts(size: int, every_s: float) -> Stream:
    """Stream in bursts, as where a proxy buffers."""

    def stream(rng: random.Random, duration_s: float) -> list[float]:
        starts = [0.0]
        while starts[-1] < duration_s:
            starts.append(starts[-1] + every_s * rng.uniform(0.5, 1.5))
        return [start + 0.002 * i for start in starts for i in range(size)]

    return stream


def paused(per_s: float, run_s: float, pause_s: float) -> Stream:
    """Stream evenly, with long pauses now and then, as where a model uses tools."""

    def stream(rng: random.Random, duration_s: float) -> list[float]:
        at, ages, pause_at = 0.0, [0.0], rng.expovariate(1 / run_s)
        while at < duration_s:
            at += 1 / per_s
            if at > pause_at:
                at += rng.expovariate(1 / pause_s)
                pause_at = at + rng.expovariate(1 / run_s)
            ages.append(at)
        return ages

    return stream


def one_delta(rng: random.Random, duration_s: float) -> list[float]:
    """Send the whole reply at once."""
    return [0.0]


STREAMS: dict[str, Stream] = {
    "20/s": steady(20),
    "60/s": steady(60),
    "200/s": steady(200),
    "1000/s": steady(1000),
    "one in 2 s": bursts(1, 2.0),
    "12 each 0.4 s": bursts(12, 0.4),
    "30 each 2 s": bursts(30, 2.0),
    "60/s, pauses": paused(60, 4, 4),
    "one delta": one_delta,
}


def durations(rng: random.Random, replies: int, lengths: Lengths) -> list[float]:
    """Draw how long replies last, as evenly as the distribution permits."""
    normal = NormalDist(math.log(lengths.median_s), lengths.sigma)
    drawn = [math.exp(normal.inv_cdf((i + 0.5) / replies)) for i in range(replies)]
    rng.shuffle(drawn)
    return drawn
