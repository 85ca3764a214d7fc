"""Webhook: updates as Telegram sends them; each is answered with 200 when it is stored, and not before.

    post ──▶ waiting ──inbox.keep──▶ 200, kept ──receive──▶ rows

What waits is kept together, and so is what is kept put into the rows. Telegram sends the next update of a chat only
after the answer to the one before, so the order in a chat is kept; and what was not answered it sends again, for 24
hours.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from bot.clock import Clock, Seldom
from bot.intake.updates.inbox import Inbox
from bot.intake.updates.post import MAX_BYTES, MAX_WAITING, MAX_WAITING_BYTES, MOST, Post, read_update, refused
from bot.tally import Tally

log = logging.getLogger(__name__)

MAX_KEPT = 5_000  # updates that are kept, and not in the rows yet; their bodies are MAX_WAITING_BYTES too
ANSWER_S = 25.0  # for the update to be stored; Telegram hangs up after 60


@dataclass(frozen=True, slots=True)
class _Waiting:
    raw: object
    size: int
    stored: asyncio.Future[bool]


class Webhook:
    """Takes posts at any time; `run` stores what they bring."""

    def __init__(self, bot_id: int, secret: str, inbox: Inbox, tally: Tally, clock: Clock) -> None:
        self.bot_id = bot_id
        self._secret = secret
        self._inbox = inbox
        self._tally = tally
        self._seldom = Seldom(clock)
        self._waiting: list[_Waiting] = []
        self._keeping: list[_Waiting] = []  # on the way to the disk
        self._bytes = 0  # of what waits, or is being read
        self._kept: list[_Waiting] = []
        self._kept_bytes = 0
        self._has_kept = asyncio.Event()
        self._opened = False  # nothing is kept before the inbox was recalled
        self._closed = False

    async def run(self, receive: Callable[..., Awaitable[None]]) -> None:
        """Take what comes, for ever. Raises what `receive` does; what waits then is refused, and comes again."""
        self._opened = True
        self._keep()
        try:
            await self._hand_on(receive)
        finally:
            self._closed = True
            for each in (*self._keeping, *self._waiting):
                _settle(each, stored=False)
            self._waiting.clear()

    def _keep(self) -> None:
        """Keep all that has come, unless something is being kept: then that follows.

        No task does this: each step of one would wait for a round of the event loop, and the post with it.
        """
        if not self._waiting or not self._opened or self._closed:
            return
        if not self._keeping:
            self._keeping, self._waiting = self._waiting, []
            self._inbox.keep([each.raw for each in self._keeping]).add_done_callback(self._end)

    def _end(self, kept: asyncio.Future[None]) -> None:
        batch, self._keeping = self._keeping, []
        error = kept.exception()
        if error is None:
            self._take_over(batch)
        elif self._seldom.due("inbox"):
            log.warning("updates are not kept, they come again error=%s", getattr(error, "strerror", error))
        for each in batch:
            _settle(each, stored=error is None)
        self._keep()

    def _take_over(self, batch: list[_Waiting]) -> None:
        """Have some put into the rows, one after the other."""
        self._kept += batch
        self._kept_bytes += sum(each.size for each in batch)
        self._has_kept.set()

    async def _hand_on(self, receive: Callable[..., Awaitable[None]]) -> None:
        """Have what was kept put into the rows, for ever."""
        while True:
            await self._has_kept.wait()
            self._has_kept.clear()
            while batch := self._kept[:MOST]:
                await receive(*(each.raw for each in batch))
                self._tally.came("webhook", len(batch))
                del self._kept[: len(batch)]
                self._kept_bytes -= sum(each.size for each in batch)
                self._inbox.taken(len(batch))

    async def answer(self, post: Post) -> HTTPStatus:
        """Take a post; return how it is to be answered."""
        status = await self._answer(post)
        self._tally.posts[status] += 1
        return status

    async def _answer(self, post: Post) -> HTTPStatus:
        if (status := refused(post, self._secret)) is not None:
            return status
        size = MAX_BYTES if post.length is None else post.length
        if self._closed:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if len(self._kept) >= MAX_KEPT or self._kept_bytes > MAX_WAITING_BYTES:
            return HTTPStatus.TOO_MANY_REQUESTS
        if len(self._waiting) + len(self._keeping) >= MAX_WAITING or self._bytes + size > MAX_WAITING_BYTES:
            return HTTPStatus.TOO_MANY_REQUESTS
        self._bytes += size
        try:
            return await self._take(post)
        finally:
            self._bytes -= size

    async def _take(self, post: Post) -> HTTPStatus:
        read = await read_update(post)
        if isinstance(read, HTTPStatus):
            return read
        if self._closed:
            return HTTPStatus.SERVICE_UNAVAILABLE
        one = _Waiting(read.raw, read.size, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._keep()
        try:
            async with asyncio.timeout(ANSWER_S):
                stored = await one.stored
        except TimeoutError:
            stored = False
        return HTTPStatus.OK if stored else HTTPStatus.SERVICE_UNAVAILABLE


def _settle(one: _Waiting, *, stored: bool) -> None:
    if not one.stored.done():  # who posted it may have gone
        one.stored.set_result(stored)
