"""Claim: a wish to call Telegram, waiting for a slot."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram.methods import TelegramMethod

from bot.delivery.agenda import Rank
from bot.delivery.budget import Priority
from bot.delivery.pace import Rhythm
from bot.delivery.refusal import Blame

Method = TelegramMethod[Any]  # invariant in its result, and every kind of method is claimed for
Make = Callable[[], Awaitable[Method | None]]
Landed = Callable[[object], Awaitable[None]]  # None where the call changed nothing


async def _ignore(_result: object) -> None:
    """Do nothing with a result."""


def always(method: Method) -> Make:
    """Return a `make` for a call that does not change while it waits."""

    async def make() -> Method:
        return method

    return make


@dataclass(slots=True, eq=False)
class Claim:
    """A wish to call; while it waits, its owner may make it more urgent and tells `Delivery.reconsider`.

    `make` returns the method when the slot is granted (None: there is nothing to say any more), `landed` takes its
    result before the chat's next call. Times are `Clock.now`: `begun_at` of the reply's first delta, `called_at` of the
    last call that showed text, `behind_since` of the oldest text that no call has shown. `spare`: calls that must be
    left to this chat besides the final one.
    """

    chat_id: int
    priority: Priority
    make: Make
    landed: Landed = _ignore
    begun_at: float = 0.0
    called_at: float = 0.0
    behind_since: float = 0.0
    rhythm: Rhythm = field(default_factory=Rhythm, repr=False)
    spare: int = 0
    since: float = 0.0
    not_before: float = 0.0
    settled_until: float = 0.0  # deltas before cannot make it due earlier
    tries: int = 0
    blame: Blame = field(default_factory=Blame, repr=False)
    number: int = 0
    gives_way: bool = False  # a notice, after others of its chat, while a final text waits there
    granted: "asyncio.Future[asyncio.Task[bool]] | None" = field(default=None, repr=False)

    def rank(self) -> Rank:
        """Order claims that may be granted: by priority; progress by the lag of its reader, the others by waiting."""
        if self.gives_way:
            return Priority.FINAL, math.inf
        return self.priority, self.behind_since if self.priority is Priority.PROGRESS else self.since
