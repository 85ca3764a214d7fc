"""Streams: the replies that grow now, and how long those before them lasted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bot.delivery.pace.lengths import LengthBook, Lengths


class Streams:
    """Counts replies by chat, for budgets are shared by all of them."""

    def __init__(self) -> None:
        self._growing: Counter[int] = Counter()
        self._lengths = LengthBook()

    @contextmanager
    def streaming(self, chat_id: int) -> Iterator[None]:
        """Count a reply that streams, as long as it does."""
        self._growing[chat_id] += 1
        try:
            yield
        finally:
            self._growing[chat_id] -= 1
            if not self._growing[chat_id]:
                del self._growing[chat_id]

    def total(self) -> int:
        """Return how many grow in all chats."""
        return self._growing.total()

    def of(self, chat_id: int) -> int:
        """Return how many grow in a chat."""
        return self._growing[chat_id]

    def lasted(self, chat_id: int, seconds: float) -> None:
        """Learn how long an answer in this chat took from its first delta to its last."""
        self._lengths.note(chat_id, seconds)

    def lengths(self, chat_id: int) -> Lengths:
        """Return how long replies last in a chat."""
        return self._lengths.of(chat_id)
