"""A bot's updates that are not confirmed yet, and its one long poll."""

import asyncio
import json
import random as randomness
import sys
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from telegram_playground.process.clock import Clock
from telegram_playground.protocol.errors import ApiError, conflict
from telegram_playground.protocol.wire import Json
from telegram_playground.world.kinds import KINDS, KINDS_TO_ASK_FOR

MAX_PENDING, MAX_PENDING_BYTES = 100_000, 64 << 20  # of a bot; the oldest updates go
_UPDATE_BYTES = 300  # of an update beside its content
_KEPT_S = 86_400  # telegram-bot-api Client.cpp
_MAX_BYTES = 4 << 20  # of one answer
_MAX_TIMEOUT_S = 50
_REPEAT_S, _RUSH_S = 3.0, 0.5
_OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, slots=True)
class Update:
    """One update as it will be sent: its content is fixed when it arises."""

    update_id: int
    content: str  # JSON: the kind and what happened
    wall: float
    line: int  # the chat or user it belongs to: a webhook gets these in order
    tells_of: tuple[str, int] | None = None  # a person's message: the key of its chat, and its id

    @property
    def body(self) -> str:
        """The update as JSON."""
        return f'{{"update_id": {self.update_id}, {self.content[1:]}'


class Updates:
    """The queue. `update_id` rises by one; what is confirmed is gone."""

    def __init__(self, clock: Clock, first_id: int, *, max_bytes: int = MAX_PENDING_BYTES) -> None:
        self._clock = clock
        self._next_id = first_id
        self._queue: deque[Update] = deque()
        self._bytes, self._max_bytes = 0, max_bytes
        self._allowed: frozenset[str] | None = None
        self._last_sent = 0
        self._arrived = asyncio.Event()
        self._poller: asyncio.Future[None] | None = None
        self._asked = False
        self._last_poll: tuple[int, float] = (0, float("-inf"))
        self.on_taken: Callable[[str, int], None] | None = None  # is told of people's messages that the bot has taken

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def allowed(self) -> list[str] | None:
        """The kinds the bot asked for; None: the usual ones."""
        return None if self._allowed is None else sorted(self._allowed)

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Remember which kinds the bot wants, in any case; None keeps what was said before.

        Kinds that do not exist are passed over; none left means the usual ones.
        """
        if kinds is not None:
            self._allowed = KINDS & {kind.lower() for kind in kinds} or None

    def wanted(self, kind: str) -> bool:
        """Tell whether updates of a kind are made for this bot."""
        return kind not in KINDS_TO_ASK_FOR if self._allowed is None else kind in self._allowed

    def add(self, kind: str, content: Json, *, tells_of: tuple[str, int] | None = None) -> None:
        """Queue an update, unless the bot does not want its kind."""
        if not self.wanted(kind):
            return
        body = json.dumps({kind: content}, ensure_ascii=False)
        self._queue.append(Update(self._next_id, body, self._clock.wall(), _line(content), tells_of))
        self._next_id += 1
        self._bytes += _size(self._queue[-1])
        while len(self._queue) > MAX_PENDING or self._bytes > self._max_bytes:
            self._first()
        self._arrived.set()

    def clear(self) -> None:
        """Forget all that is pending, and that somebody has asked for it."""
        self._asked = False
        self._replace(())

    def kept(self) -> Json:
        """Return the queue, as it is kept over a restart."""
        queue = [[each.update_id, each.content, each.wall, each.line, each.tells_of] for each in self._queue]
        return {"next_id": self._next_id, "last_sent": self._last_sent, "allowed": self.allowed, "queue": queue}

    def put_back(self, kept: Json) -> None:
        """Take up the queue of a former server."""
        self._next_id, self._last_sent = kept["next_id"], kept["last_sent"]
        self._allowed = None if kept["allowed"] is None else frozenset(kept["allowed"])
        self._replace(
            Update(number, content, wall, line, (of[0], of[1]) if of else None)
            for number, content, wall, line, of in kept["queue"]
        )

    def leap(self, ids: int) -> None:
        """Pass over some ids, which may have been given to updates that are lost."""
        self._next_id += ids

    def waiting(self) -> list[Update]:
        """Return all that is pending, oldest first."""
        while self._queue and self._queue[0].wall < self._clock.wall() - _KEPT_S:
            self._first()
        return list(self._queue)

    def confirm(self, update: Update) -> None:
        """Take one update out of the queue."""
        if update in self._queue:
            self._queue.remove(update)
            self._bytes -= _size(update)
            self._taken(update)

    @property
    def is_polled(self) -> bool:
        """Whether somebody asks for updates just now, or has done so since they were cleared last."""
        return self._asked or (self._poller is not None and not self._poller.done())

    def asked(self) -> None:
        """Note that somebody asks for updates."""
        self._asked = True

    async def arrival(self) -> None:
        """Wait for the next update."""
        self._arrived.clear()
        await self._arrived.wait()

    def repeat(self) -> None:
        """Put every pending update in twice, as the same update."""
        self._replace(update for update in [*self._queue] for _ in range(2))

    def shuffle(self, random: randomness.Random) -> None:
        """Mix the updates of different chats that were not sent yet; those of one chat keep their order."""
        sent = [update for update in self._queue if update.update_id <= self._last_sent]
        fresh = [update for update in self._queue if update.update_id > self._last_sent]
        lines: dict[int, deque[Update]] = {}
        for update in fresh:
            lines.setdefault(update.line, deque()).append(update)
        order = [update.line for update in fresh]
        random.shuffle(order)
        mixed = (
            replace(lines[line].popleft(), update_id=old.update_id) for line, old in zip(order, fresh, strict=True)
        )
        self._queue = deque([*sent, *mixed])

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Update]:
        """Confirm what is below `offset` and return what follows, waiting for it up to `seconds`.

        Raises ApiError for the older one of two polls at a time.
        """
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(_OTHER_POLLER))
        self._confirm_below(offset)
        limit = min(max(limit, 1), 100)
        seconds, limit = self._slowed(offset, limit, min(max(seconds, 0), _MAX_TIMEOUT_S))
        poller: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poller = poller
        try:
            if not self._batch(limit) and seconds:
                await self._wait(poller, seconds)
        finally:
            if poller.done():
                poller.exception()
            else:
                poller.cancel()
        return self._batch(limit)

    def _first(self) -> Update:
        """Take the oldest update out."""
        update = self._queue.popleft()
        self._bytes -= _size(update)
        return update

    def _replace(self, updates: Iterable[Update]) -> None:
        self._queue = deque(updates)
        self._bytes = sum(map(_size, self._queue))

    async def _wait(self, poller: "asyncio.Future[None]", seconds: float) -> None:
        """Wait for an update, for the end of the time, or for another poller."""
        self._arrived.clear()
        arrival: asyncio.Future[object] = asyncio.ensure_future(self._arrived.wait())
        end: asyncio.Future[object] = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            either: set[asyncio.Future[Any]] = {arrival, end, poller}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()
            end.cancel()
            await asyncio.gather(arrival, end, return_exceptions=True)
        if poller.done():
            poller.result()

    def _confirm_below(self, offset: int) -> None:
        if offset < 0:
            while len(self._queue) > -offset:
                self._first()
        else:
            while self._queue and self._queue[0].update_id < offset:
                self._taken(self._first())

    def _taken(self, update: Update) -> None:
        if update.tells_of and self.on_taken:
            self.on_taken(*update.tells_of)

    def _slowed(self, offset: int, limit: int, seconds: float) -> tuple[float, int]:
        """Slow a poller that asks the same again and again; telegram-bot-api Client.cpp (do_get_updates)."""
        now = self._clock.now()
        last_offset, last_at = self._last_poll
        self._last_poll = (offset, now)
        if offset != last_offset:
            return seconds, limit
        if seconds < _REPEAT_S and now < last_at + _REPEAT_S:
            seconds = _REPEAT_S
        return seconds, 1 if now < last_at + _RUSH_S else limit

    def _batch(self, limit: int) -> list[Update]:
        batch: list[Update] = []
        size = 0
        for update in self.waiting()[:limit]:
            size += len(update.body)
            if batch and size > _MAX_BYTES:
                break
            batch.append(update)
            self._last_sent = max(self._last_sent, update.update_id)
        return batch


def webhook_is_active() -> ApiError:
    """Return the refusal of getUpdates where a webhook is set."""
    return conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


def _size(update: Update) -> int:
    return _UPDATE_BYTES + sys.getsizeof(update.content)


def _line(content: Json) -> int:
    place = content.get("chat") or content.get("message", {}).get("chat") or content.get("from") or {}
    return int(place.get("id", 0))
