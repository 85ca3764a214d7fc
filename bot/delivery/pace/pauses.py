"""How long it takes from the end of a reply to the first delta of the next one, as each chat's own past teaches."""

from bisect import bisect_right
from dataclasses import dataclass

PAUSES_S = (0.0, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0)  # the last stands for all that are longer
USUAL = (0.014, 0.021, 0.042, 0.049, 0.07, 0.084, 0.07, 0.65)  # believed of a chat of which nothing is known
START_WEIGHT = 3.0  # pauses that the first belief, or that of all chats, is worth to a chat
MOST_WEIGHT = 12.0  # pauses that the past is worth at most: a talk has its own pace


@dataclass(frozen=True, slots=True)
class Pauses:
    """How often a pause is about one of PAUSES_S; `weight` is the number of pauses behind it."""

    shares: tuple[float, ...] = USUAL
    weight: float = START_WEIGHT

    def after(self, pause_s: float) -> "Pauses":
        """Return what is believed after one pause more, which counts for the two of PAUSES_S that it lies between."""
        weight = self.weight + 1
        shares = [share * self.weight / weight for share in self.shares]
        upper = bisect_right(PAUSES_S, max(0.0, pause_s))
        if upper == len(PAUSES_S):
            shares[-1] += 1 / weight
        else:
            nearness = (max(0.0, pause_s) - PAUSES_S[upper - 1]) / (PAUSES_S[upper] - PAUSES_S[upper - 1])
            shares[upper - 1] += (1 - nearness) / weight
            shares[upper] += nearness / weight
        return Pauses(tuple(shares), min(weight, MOST_WEIGHT))
