"""Seen: which message ids are in use, so that the search for a lost part knows where to begin and what to pass over."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping

from bot.clock import Clock
from bot.storage.answers.parts import Parts
from bot.storage.ids import is_supergroup

STORE_S = 0.3
LATELY = 500  # message ids remembered per counter,
MAX_COUNTERS = 1_000  # of those lately used


class Seen:
    """Message ids by the counter that numbers them; while `run` runs, those of others are stored."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._highest: dict[int, int] = {}
        self._lately: OrderedDict[int, deque[int]] = OrderedDict()  # the counter used last at the end
        self._unstored: dict[int, tuple[int, int]] = {}  # the newest id by counter, and its chat
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Store the newest ids, each a moment later: Telegram shows an update to one process only."""
        while True:
            await self._changed.wait()
            await self._clock.sleep(STORE_S)
            self._changed.clear()
            unstored, self._unstored = self._unstored, {}
            for chat_id, message_id in unstored.values():
                await self._parts.met(chat_id, message_id)

    def met(self, chat_id: int, message_id: int) -> None:
        """Note the id of a message that an update has shown."""
        if message_id > self.highest(chat_id):
            self._unstored[_counter(chat_id)] = (chat_id, message_id)
            self._changed.set()
        self.note(chat_id, message_id)

    def stored(self, chat_id: int, message_id: int) -> None:
        """Take word that one of them is stored elsewhere, as a question's."""
        if self._unstored.get(_counter(chat_id)) == (chat_id, message_id):
            del self._unstored[_counter(chat_id)]

    def note(self, chat_id: int, message_id: int) -> None:
        """Note the id of a message of ours, which is stored elsewhere."""
        counter = _counter(chat_id)
        self._highest[counter] = max(message_id, self.highest(chat_id))
        self._lately.setdefault(counter, deque(maxlen=LATELY)).append(message_id)
        self._lately.move_to_end(counter)
        if len(self._lately) > MAX_COUNTERS:
            self._lately.popitem(last=False)

    def recall(self, highest: Mapping[int, int]) -> None:
        """Take up the highest message ids by Telegram chat that earlier runs knew."""
        for chat_id, message_id in highest.items():
            self.note(chat_id, message_id)

    def highest(self, chat_id: int) -> int:
        """Return the highest id on the counter that numbers a chat's messages, 0 where none is known."""
        return self._highest.get(_counter(chat_id), 0)

    def lately(self, chat_id: int) -> set[int]:
        """Return the ids lately seen on that counter."""
        return set(self._lately.get(_counter(chat_id), ()))


def _counter(chat_id: int) -> int:
    """Return which counter numbers a chat's messages: its own, or the one of all private chats and basic groups."""
    return chat_id if is_supergroup(chat_id) else 0
