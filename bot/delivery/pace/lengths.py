"""How long replies last, from first delta to last: what is believed of all, and what each chat's own past teaches."""

import math
from collections import OrderedDict
from dataclasses import dataclass

LEAST_S = 0.25  # a shorter reply counts as this long
LEAST_SIGMA, MOST_SIGMA = 0.4, 1.5
START_WEIGHT = 10.0  # replies that the first belief, or that of all chats, is worth to a chat
MOST_WEIGHT = 40.0  # replies that the past is worth at most, so that it is forgotten
CHATS = 2000


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


class LengthBook:
    """The belief for each chat; those that answered longest ago are forgotten."""

    def __init__(self) -> None:
        self._all = Lengths()
        self._chats: OrderedDict[int, Lengths] = OrderedDict()

    def of(self, chat_id: int) -> Lengths:
        """Return how long replies last in a chat."""
        return self._chats.get(chat_id, self._all)

    def note(self, chat_id: int, duration_s: float) -> None:
        """Learn from a reply that came to its end."""
        start = Lengths(self._all.median_s, self._all.sigma)
        self._chats[chat_id] = self._chats.get(chat_id, start).after(duration_s)
        self._chats.move_to_end(chat_id)
        self._all = self._all.after(duration_s)
        if len(self._chats) > CHATS:
            self._chats.popitem(last=False)
