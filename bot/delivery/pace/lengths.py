"""How long replies last, from first delta to last."""

import math
from dataclasses import dataclass

LEAST_S = 0.25  # a shorter reply counts as this long
LEAST_SIGMA, MOST_SIGMA = 0.4, 1.5
START_WEIGHT = 10.0  # replies that the first belief, or that of all chats, is worth to a chat
MOST_WEIGHT = 40.0  # replies that the past is worth at most, so that it is forgotten


@dataclass(frozen=True, slots=True)
class Lengths:
    """A log-normal distribution of seconds; `weight` is the number of replies behind it."""

    median_s: float = 8.0
    sigma: float = 1.0
    weight: float = START_WEIGHT

    def after(self, duration_s: float) -> "Lengths":
        """Return what is believed after one reply more."""
        off = math.log(max(duration_s, LEAST_S) / self.median_s)
        weight = self.weight + 1
        variance = self.weight / weight * (self.sigma**2 + off**2 / weight)
        return Lengths(
            median_s=self.median_s * math.exp(off / weight),
            sigma=min(MOST_SIGMA, max(LEAST_SIGMA, math.sqrt(variance))),
            weight=min(weight, MOST_WEIGHT),
        )
