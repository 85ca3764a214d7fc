"""Memory: what was learned outlives the process: penalties in the database, calls and answers in the ledger's file."""

import logging

from bot.clock import Clock
from bot.delivery.budget.budget import Budget, Penalty
from bot.delivery.budget.ledger import Ledger
from bot.delivery.budget.noted import Recall
from bot.storage.telegram.peers import Peers

log = logging.getLogger(__name__)


class Memory:
    """Takes up what earlier processes knew, and stores what this one learns."""

    def __init__(
        self,
        budget: Budget,
        recall_streams: Recall,
        peers: Peers,
        ledger: Ledger,
        clock: Clock,
        *,
        unknown_until_s: float | None = None,
    ) -> None:
        self._budget = budget
        self._recall_streams = recall_streams
        self._peers = peers
        self._ledger = ledger
        self._clock = clock
        self._unknown_until_s = unknown_until_s  # so long ago a former owner may have called anything; None: it told

    async def recall(self) -> None:
        """Take up calls and refusals of earlier processes, at the start."""
        if self._unknown_until_s is not None:
            self._budget.doubt(self._clock.now() - self._unknown_until_s)
        learned = [Penalty(row.telegram_id, row.paused_until, row.rate) for row in await self._peers.learned()]
        for chat_id in self._budget.restore(learned, self._clock.now(), self._clock.wall()):
            log.warning(
                "a stored pause is longer than any, as by a clock that was wrong: asking at once chat=%s", chat_id
            )
        noted, now, wall = self._ledger.recall(), self._clock.now(), self._clock.wall()
        self._budget.recall(noted, now, wall)
        self._recall_streams(noted, now, wall)

    async def learn(self, chat_id: int) -> None:
        """Store what a refusal, or a call held back by the server, has taught of a chat."""
        for penalty in self._budget.penalties(chat_id, self._clock.now(), self._clock.wall()):
            await self._peers.learn(penalty.chat_id, paused_until=penalty.paused_until, rate=penalty.rate)
