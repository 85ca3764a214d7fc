"""Rota: calls that were refused where nobody knows whose limits they meet take turns.

An inline message does not tell in which chat it stands. Those of several people may stand in one: each that waits its
own refusal out calls within the pauses of the others, which makes them longer. What was not refused is not held up.
"""

import math
from weakref import WeakSet

from bot.delivery.wish import Wish

TURN_S = 3.0  # between two calls: a group has 20 a minute, core.telegram.org/bots/faq


class Rota:
    """The wishes that were refused, and when the next of them may call (`Clock.now`)."""

    def __init__(self) -> None:
        self._refused: WeakSet[Wish] = WeakSet()
        self._next_at = -math.inf

    def ready_at(self, wish: Wish) -> float:
        """Return when a wish may call."""
        return self._next_at if wish in self._refused else -math.inf

    def take(self, wish: Wish, now: float) -> bool:
        """Begin the turn of a wish; False where it is another's."""
        if self.ready_at(wish) > now:
            return False
        if wish in self._refused:
            self._next_at = now + TURN_S
        return True

    def refused(self, wish: Wish, wait_s: float, now: float) -> None:
        """Have all that were refused wait as long as the server says to one of them."""
        self._refused.add(wish)
        self._next_at = max(self._next_at, now + wait_s)
