"""Lease: a process has a bot for some seconds, and says again and again that it lives.

    held ──its time is over──▶ in doubt ──the database says that nobody took it──▶ held
                                  └──────it says that another process may have it──▶ lost, for good

What is asked for while it is in doubt waits for that answer. What came back from outside meanwhile is kept: where the
lease turns out to be lost, it has to be confessed.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.storage.engine.faults import Fenced
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import Former, LateCall

LEASE_S = 5.0  # by the database's clock
MARGIN_S = 1.0  # that it ends earlier by our own clock
BEAT_S = 1.0  # after which it is prolonged


class Lease:
    """The right of this process to work for one bot, until a time of its own clock (`Clock.boot`)."""

    def __init__(
        self,
        fence: Fence,
        until: float,
        clock: Clock,
        *,
        confess: Callable[[LateCall], None],
        give_back: Callable[["Lease"], Awaitable[None]],
        former: Former | None = None,
    ) -> None:
        self.fence = fence
        self.former = former or Former()
        self.noted: Callable[[], bytes | None] = lambda: None  # what was called of late, for the next one
        self.is_busy: Callable[[], bool] = lambda: False  # something is under way, which would begin anew elsewhere
        self.late = asyncio.Event()  # somebody has confessed something about the bot
        self._until = until
        self._clock = clock
        self._confess = confess
        self._give_back = give_back
        self._in_doubt: list[LateCall] = []
        self._changed = asyncio.Event()
        self._is_lost = False
        self.is_given_back = False

    @property
    def is_lost(self) -> bool:
        """Whether another process may have the bot."""
        return self._is_lost

    def left_s(self) -> float:
        """Return for how many seconds it surely holds; 0 where it may not."""
        return 0.0 if self._is_lost else max(0.0, self._until - self._clock.boot())

    async def held(self) -> None:
        """Return when it surely holds. Raises Fenced where it is lost."""
        while not self.left_s():
            if self._is_lost:
                raise Fenced(self.fence.bot_id)
            self._changed.clear()
            await self._changed.wait()

    def answered(self, call: LateCall) -> None:
        """Take note of a call whose answer is there: it is confessed if the lease was lost before."""
        if self._is_lost:
            self._confess(call)
        elif not self.left_s():
            self._in_doubt.append(call)

    def prolong(self, until: float) -> None:
        """Hold it until then; nobody else had the bot meanwhile."""
        self._until = until
        self._in_doubt.clear()
        self._changed.set()

    def lose(self) -> None:
        """Hold it no more."""
        self._is_lost = True
        for call in self._in_doubt:
            self._confess(call)
        self._in_doubt.clear()
        self._changed.set()

    async def give_back(self) -> None:
        """Let another process have the bot at once: nothing more is done for it here."""
        if not self._is_lost:
            self.is_given_back = True
            self.lose()
            await self._give_back(self)
