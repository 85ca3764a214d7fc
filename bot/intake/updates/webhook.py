"""Webhook: updates as Telegram sends them; each is answered with 200 when it is stored, and not before.

What waits is taken in together, as a batch of getUpdates is. Telegram sends the next update of a chat only after the
answer to the one before, so the order in a chat is kept; and what was not answered it sends again, for 24 hours.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from bot.clock import Clock
from bot.intake.updates.reading import update_id
from bot.tally import Tally

MAX_BYTES = 1 << 20  # of an update; Telegram's are some 100 KB at the most
MAX_WAITING = 500  # updates; Telegram has 100 under way at the most
MAX_WAITING_BYTES = 32 << 20  # and their bodies
READ_S = 10.0  # for the body to arrive
ANSWER_S = 25.0  # for the update to be stored; Telegram hangs up after 60
MOST = 100  # at once, as in a batch of getUpdates


class Post(Protocol):
    """What was posted, as far as it was read."""

    @property
    def secret(self) -> str:
        """What the header says."""

    @property
    def length(self) -> int | None:
        """How many bytes there are to come, as the header says."""

    async def read(self, limit: int) -> bytes | None:
        """Return the body, None where it is longer than `limit` bytes."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    raw: object
    size: int
    stored: asyncio.Future[bool]


class Webhook:
    """Takes posts at any time; `run` stores what they bring."""

    def __init__(self, bot_id: int, secret: str, tally: Tally, clock: Clock) -> None:
        self.bot_id = bot_id
        self._secret = secret.encode()
        self._tally = tally
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._bytes = 0  # of what waits, or is being read
        self._arrived = asyncio.Event()
        self._closed = False

    async def run(self, receive: Callable[..., Awaitable[None]]) -> None:
        """Store what comes, for ever. Raises what `receive` does; what waits then is refused, and comes again."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    batch = self._waiting[:MOST]
                    await receive(*(each.raw for each in batch))
                    del self._waiting[: len(batch)]
                    self._tally.updates["webhook"] += len(batch)
                    for each in batch:
                        _settle(each, stored=True)
        finally:
            self._closed = True
            for each in self._waiting:
                _settle(each, stored=False)
            self._waiting.clear()

    async def answer(self, post: Post) -> HTTPStatus:
        """Take a post; return how it is to be answered."""
        status = await self._answer(post)
        self._tally.posts[status] += 1
        return status

    async def _answer(self, post: Post) -> HTTPStatus:
        if not hmac.compare_digest(post.secret.encode("utf-8", "surrogateescape"), self._secret):
            return HTTPStatus.UNAUTHORIZED  # nothing of the body was read
        if post.length is not None and post.length > MAX_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        size = MAX_BYTES if post.length is None else post.length
        if self._closed:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if len(self._waiting) >= MAX_WAITING or self._bytes + size > MAX_WAITING_BYTES:
            return HTTPStatus.TOO_MANY_REQUESTS
        self._bytes += size
        try:
            return await self._take(post, size)
        finally:
            self._bytes -= size

    async def _take(self, post: Post, size: int) -> HTTPStatus:
        try:
            async with asyncio.timeout(READ_S):
                body = await post.read(MAX_BYTES)
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return HTTPStatus.BAD_REQUEST  # cut off on its way: it comes again
        if update_id(raw) is None:
            return HTTPStatus.BAD_REQUEST
        if self._closed:
            return HTTPStatus.SERVICE_UNAVAILABLE
        one = _Waiting(raw, size, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._arrived.set()
        try:
            async with asyncio.timeout(ANSWER_S):
                stored = await one.stored
        except TimeoutError:
            stored = False
        return HTTPStatus.OK if stored else HTTPStatus.SERVICE_UNAVAILABLE


def _settle(one: _Waiting, *, stored: bool) -> None:
    if not one.stored.done():  # who posted it may have gone
        one.stored.set_result(stored)
