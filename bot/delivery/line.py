"""Line: the notices that wait in one chat, and which of them is said next."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.delivery.priority import Priority
from bot.delivery.wish import Method


@dataclass(slots=True, eq=False)
class Letter:
    """A notice that waits: `kind` and `key` find it in the outbox where `method` is not in memory.

    `by`: the person whom it answers, 0 where nobody there asked. `mark` tells equal ones, `edits` the message it edits.
    """

    kind: type[Method]
    key: int | None
    by: int
    mark: int
    edits: int | None
    priority: Priority = Priority.NOTICE
    method: Method | None = None
    is_unseen: bool = False  # by all but one person,
    until: float | None = None  # `Clock.now` after which it is not said any more,
    openly: Method | None = None  # and what all may read where that one cannot
    is_going: bool = False


@dataclass(slots=True)
class Line:
    """The letters of one chat: answers go before what nobody there asked for, each kind in its order.

    What only one person sees goes first: Telegram takes it for 15 s.
    """

    asked: deque[Letter] = field(default_factory=deque)
    unasked: deque[Letter] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self, ready_in: Callable[[int], float], had_at: Callable[[int], float]) -> tuple[Letter | None, float]:
        """Return what is said next and in how many seconds; None where nothing waits.

        `ready_in`: when a person's next one is within the shares. Of those that may go, or wait equally long, the one
        goes whose person had the last one longest ago (`had_at`).
        """
        waits = [(max(0.0, ready_in(letter.by)), letter) for letter in self.asked]
        if self.unasked and all(wait_s for wait_s, _ in waits):
            return self.unasked[0], 0.0
        if not waits:
            return None, 0.0
        wait_s, letter = min(waits, key=lambda each: (each[0], not each[1].is_unseen, had_at(each[1].by)))
        return letter, wait_s

    def remove(self, letter: Letter) -> None:
        """Take a letter out, unless a later edit of its message made it outdated meanwhile."""
        for letters in (self.asked, self.unasked):
            if letter in letters:
                letters.remove(letter)
