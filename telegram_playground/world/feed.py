"""What happens: the transcript of every chat, and the readers who are told of each change at once."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from telegram_playground.protocol.wire import Json
from telegram_playground.world.weight import weight

MAX_TRANSCRIPT_BYTES = 128 << 20  # of all chats together; the oldest entries go
MAX_SUBSCRIBERS = 50
_QUEUE = 2000  # changes a reader may lag behind
T = TypeVar("T")


@dataclass(slots=True)
class Transcript:
    """What the people of one chat saw, oldest first."""

    entries: deque[Json] = field(default_factory=deque)

    def since(self, time: float | None) -> list[Json]:
        """Return the entries after a time."""
        return [entry for entry in self.entries if time is None or entry["time"] > time]


class Subscriber:
    """One reader of all changes; `None` in its queue means that it was too slow."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Json | None] = asyncio.Queue()

    def put(self, change: Json) -> bool:
        """Queue a change; returns False for a reader that lags too far behind."""
        if self.queue.qsize() >= _QUEUE:
            self.queue.put_nowait(None)
            return False
        self.queue.put_nowait(change)
        return True


class Feed:
    """Passes changes on to transcripts, readers and those who wait for something."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._order: deque[tuple[Transcript, int]] = deque()
        self._bytes = 0
        self._waiters: dict[str, list[Callable[[], None]]] = {}
        self.changes = 0  # counted, so that it is seen that something has happened
        self.touched: set[str] = set()  # what `changed` was called for, until somebody takes it out
        # are told what a bot left undone: rule, bot, method, chat
        self.neglect: list[Callable[[str, int, str, str], None]] = []

    @property
    def watched(self) -> bool:
        """Whether anybody reads."""
        return bool(self._subscribers)

    def subscribe(self) -> Subscriber:
        """Return a new reader; raises ValueError where there are too many."""
        if len(self._subscribers) >= MAX_SUBSCRIBERS:
            raise ValueError("too many readers")
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a reader."""
        self._subscribers.discard(subscriber)

    def publish(self, change: Json) -> None:
        """Tell every reader."""
        self.changes += 1
        for subscriber in [*self._subscribers]:
            if not subscriber.put(change):
                self._subscribers.discard(subscriber)

    def neglected(self, rule: str, bot: int, method: str, chat: str) -> None:
        """Tell that a bot left something undone."""
        for listen in self.neglect:
            listen(rule, bot, method, chat)

    def record(self, transcript: Transcript, entry: Json) -> None:
        """Add to what people saw."""
        size = weight(entry)
        transcript.entries.append(entry)
        self._order.append((transcript, size))
        self._bytes += size
        while self._bytes > MAX_TRANSCRIPT_BYTES:
            oldest, gone = self._order.popleft()
            oldest.entries.popleft()
            self._bytes -= gone

    def forget(self) -> None:
        """Forget what people saw: their chats are gone."""
        self._order.clear()
        self._bytes = 0

    def changed(self, topic: str) -> None:
        """Let those who wait for `topic` look again."""
        self.changes += 1
        self.touched.add(topic)
        for look in [*self._waiters.get(topic, ())]:
            look()

    async def wait(self, topic: str, look: Callable[[], T | None]) -> T:
        """Return what `look` finds, now or after a later change of `topic`."""
        found = look()
        if found is not None:
            return found
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def again() -> None:
            found = look()
            if found is not None and not future.done():
                future.set_result(found)

        waiters = self._waiters.setdefault(topic, [])
        waiters.append(again)
        try:
            return await future
        finally:
            waiters.remove(again)
            if not waiters:
                self._waiters.pop(topic, None)
