"""Signals: what wakes those that look at the rows."""

import asyncio
from dataclasses import dataclass, field

Spent = tuple[int, int]  # a message, by Telegram's ids of its chat and of itself


@dataclass(frozen=True, slots=True)
class Signals:
    """One event for each reader; whoever is woken clears it before he looks."""

    work: asyncio.Event = field(default_factory=asyncio.Event)  # there may be something to answer, or to show
    stops: asyncio.Event = field(default_factory=asyncio.Event)  # some answers are to be stopped
    wishes: asyncio.Event = field(default_factory=asyncio.Event)  # a reply wants an answer that is made
    late: asyncio.Event = field(default_factory=asyncio.Event)  # an edit of a part has had no answer
    strays: asyncio.Event = field(default_factory=asyncio.Event)  # there are new strays
    orders: asyncio.Event = field(default_factory=asyncio.Event)  # somebody wants more of an answer than its text
    spent: asyncio.Queue[Spent | None] = field(default_factory=asyncio.Queue)  # one without buttons to be, or some
    decisions: dict[int, asyncio.Event] = field(default_factory=dict)  # by call: whether it may be made is known
    titles: asyncio.Event = field(default_factory=asyncio.Event)  # a conversation may be called otherwise
    along: asyncio.Event = field(default_factory=asyncio.Event)  # a group has chosen whether the bot reads along
    deleted: asyncio.Event = field(default_factory=asyncio.Event)  # there are conversations whose rows may go

    def decided(self, call_id: int) -> None:
        """Wake who waits for leave to make a call."""
        if event := self.decisions.get(call_id):
            event.set()
