"""Shares: how many of a group's calls the bot's notices may take, for one person and for all; what is beyond waits.

Notices go before the text of answers. People who ask for them without pause would take all the calls that a group has,
and others would read their answers late: what is left to answers is more than two thirds.
"""

import math

from bot.delivery.budget.bucket import Bucket
from bot.delivery.budget.supply import Supply
from bot.storage.ids import is_person

BURST = 5.0
RATE = 6 / 60  # per second, of the 20 calls a minute that a group has
PART = 0.3  # of a group's calls, for all its people together; after what one has taken at once there is one more
LEFT = 2.0  # calls that each notice beyond the shares has those after it leave to an answer that may be asked for
ALL, BEYOND = 0, -1  # no person has these ids
SWEEP = 1024  # persons and groups; beyond, those who have used nothing are forgotten


class Shares:
    """What each person, and all together, have left in each group; in a private chat there is nobody to share with."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, int], Bucket] = {}

    def ready_in(self, chat_id: int, now: float, person: int) -> float:
        """Return the seconds until a notice for a person is within both shares; `person` 0: nobody asked for it."""
        whose = (person, ALL) if person else ()
        buckets = [bucket for each in whose if (bucket := self._buckets.get((chat_id, each)))]
        return max((bucket.ready_in(1, now) for bucket in buckets), default=0.0)

    def left(self, chat_id: int, now: float) -> float:
        """Return how many calls a notice beyond the shares must leave, after those that were said of late."""
        beyond = self._buckets.get((chat_id, BEYOND))
        return LEFT * (beyond.burst - beyond.level(now)) if beyond else 0.0

    def had_at(self, chat_id: int, person: int) -> float:
        """Return when a person had the last notice within the shares, as far as that matters: others go first."""
        bucket = self._buckets.get((chat_id, person))
        return bucket.at if bucket else -math.inf

    def take(self, chat_id: int, now: float, person: int, supply: Supply) -> None:
        """Count a notice that is said now; one beyond a share counts apart. `supply` is the group's."""
        if not person or is_person(chat_id):
            return
        if len(self._buckets) >= SWEEP:
            self._buckets = {whose: bucket for whose, bucket in self._buckets.items() if not bucket.full(now)}
        burst, rate = max(BURST + 1, PART * supply.burst), PART * supply.rate
        of_all = self._buckets.setdefault((chat_id, ALL), Bucket(rate, burst, now))
        of_all.change_rate(rate, now)  # Telegram may have slowed the group down
        own = self._buckets.setdefault((chat_id, person), Bucket(RATE, BURST, now))
        if not (_take(own, now) and _take(of_all, now)):
            _take(self._buckets.setdefault((chat_id, BEYOND), Bucket(rate, supply.burst / LEFT, now)), now)


def _take(bucket: Bucket, now: float) -> bool:
    """Count a notice, unless nothing is left for it."""
    if bucket.ready_in(1, now):
        return False
    bucket.take()
    bucket.settle(now)
    return True
