"""Waiting: one wish in the line for a slot."""

import math
from dataclasses import dataclass

from bot.delivery.priority import Priority
from bot.delivery.slots.agenda import Rank
from bot.delivery.wish import Wish

FIRST_S = 1.5  # by which the first text of a reply counts as further behind


@dataclass(slots=True, eq=False)
class Waiting:
    """A wish that waits. What is below `not_before` is written by the slots alone.

    `since`: when it was asked for, also if it was tried in between; `not_before`: it pauses until then (`Clock.now`).
    """

    wish: Wish
    asked: Priority
    since: float
    not_before: float = 0.0
    settled_until: float = 0.0  # deltas before cannot make it due earlier
    due_at: float = 0.0  # by the last look; then it waits for the bot's budget alone, and for those further behind
    gives_way: bool = False  # a notice, after others of its chat, while a final text waits there

    @property
    def chat_id(self) -> int:
        """Where it wants to call."""
        return self.wish.chat_id

    @property
    def priority(self) -> Priority:
        """How urgent it is: a text that has become whole meanwhile goes as a final one."""
        return Priority.FINAL if self.wish.progress.is_final else self.asked

    def rank(self) -> Rank:
        """Order those that may be granted: by priority; progress by the lag of its reader, the others by waiting."""
        if self.gives_way:
            return Priority.FINAL, math.inf
        if self.priority is not Priority.PROGRESS:
            return self.priority, self.since
        progress = self.wish.progress
        return self.priority, progress.behind_since - (0.0 if progress.has_shown else FIRST_S)
