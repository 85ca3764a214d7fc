"""How late an answer was on the screen, and the least that any sender could reach. Pure; times are seconds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import fmean

from telegram_playground.limits.flood_limits import Limits

LATE_S = 2.0  # after its last delta a complete answer is late
_KNOWN = 8  # characters by which the answer is found in what a bot shows


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: when each delta left the model, and when each frame stood on the screen.

    A delta and a frame are a time and the number of characters of the answer that were there by then.
    """

    asked: float
    deltas: Sequence[tuple[float, int]]
    frames: Sequence[tuple[float, int]]

    @property
    def is_complete(self) -> bool:
        """Whether all of it stood on the screen in the end."""
        return bool(self.frames) and bool(self.deltas) and self.frames[-1][1] >= self.deltas[-1][1]

    @property
    def lag_s(self) -> float:
        """The mean time from a delta to the frame that shows it; what never came counts up to the last frame."""
        end = max([self.deltas[-1][0], *(time for time, _ in self.frames)])
        shown = [next((at for at, there in self.frames if there >= length), end) for _, length in self.deltas]
        return fmean(max(0.0, at - time) for (time, _), at in zip(self.deltas, shown, strict=True))

    @property
    def first_s(self) -> float | None:
        """The time from the first delta to the first text."""
        first = next((time for time, there in self.frames if there), None)
        return None if first is None else max(0.0, first - self.deltas[0][0])

    @property
    def final_s(self) -> float | None:
        """The time from the last delta to the complete text; None: it never came."""
        last, length = self.deltas[-1]
        complete = next((time for time, there in self.frames if there >= length), None)
        return None if complete is None else max(0.0, complete - last)


def shown(text: str, answer: str) -> int:
    """Return how many characters of an answer a bot shows; what it puts before them does not count."""
    start = text.find(answer[:_KNOWN])
    if start < 0:
        return 0
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(text[start:], answer, strict=False))
    return sum(1 for _ in alike)


def least_lag_s(limits: Limits, *, chats: int, seconds: float, way_s: float) -> float:
    """Return the mean lag of the best sender: all calls that the limits allow for a reply, evenly spread.

    `seconds`: how long an answer grows; `way_s`: from the bot to the server. Above 30 chats they share the bot's calls.
    """
    if not limits.enabled:
        return way_s
    own = limits.private_burst + limits.private_per_s * seconds
    shared = (limits.bot_burst + limits.bot_per_s * seconds) / chats
    return seconds / (2 * max(1, math.floor(min(own, shared)))) + way_s
