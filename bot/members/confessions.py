"""Confessions: what this process did at Telegram for a bot that it had lost, kept until the database has it."""

import logging
from collections.abc import Callable

from bot.members.figures import Figures
from bot.storage.ownership.members import LateCall, Members

log = logging.getLogger(__name__)


class Confessions:
    """Late calls that are not stored yet; `come` is called for each."""

    def __init__(self, members: Members, figures: Figures, come: Callable[[], None]) -> None:
        self._members = members
        self._figures = figures
        self._come = come
        self._calls: list[LateCall] = []

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: LateCall) -> None:
        """Keep one."""
        self._calls.append(call)
        self._come()

    async def store(self) -> None:
        """Tell who has the bots by now. Raises sqlalchemy.exc.DBAPIError, and keeps them then."""
        if calls := [*self._calls]:
            await self._members.confess(calls)
            del self._calls[: len(calls)]
            self._figures.confessed += len(calls)
            for each in calls:
                what = each.bot_id, each.method, each.chat_id, each.message_id
                log.warning("late call confessed bot=%s method=%s chat=%s message=%s", *what)
