"""Shares: how many of a group's calls one person may have the bot's notices take; what is beyond them waits.

Notices go before the text of answers. One person who asks for them without pause would take all the calls that a group
has, and others would read their answers late.
"""

from bot.delivery.budget.bucket import Bucket
from bot.storage.ids import is_person

BURST = 5.0
RATE = 6 / 60  # per second, of the 20 calls a minute that a group has
SWEEP = 1024  # persons; beyond, those who have used nothing are forgotten


class Shares:
    """What each person has left in each group; in a private chat there is nobody to share with."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, int], Bucket] = {}

    def ready_in(self, chat_id: int, now: float, person: int) -> float:
        """Return the seconds until a notice for a person is within the share; `person` 0: nobody asked for it."""
        bucket = self._buckets.get((chat_id, person))
        return bucket.ready_in(1, now) if bucket else 0.0

    def take(self, chat_id: int, now: float, person: int) -> None:
        """Count a notice that is said now, also one beyond the share that found room."""
        if not person or is_person(chat_id):
            return
        if len(self._buckets) >= SWEEP:
            self._buckets = {whose: bucket for whose, bucket in self._buckets.items() if not bucket.full(now)}
        bucket = self._buckets.setdefault((chat_id, person), Bucket(RATE, BURST, now))
        if not bucket.ready_in(1, now):
            bucket.take()
            bucket.settle(now)
