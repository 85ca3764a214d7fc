"""Postman: where several processes share the bots, each takes the posts of all of them, and who has a bot is told.

    post ──▶ waiting ──Posts.keep──▶ 200 ─ ─ word ─ ─▶ who has the bot ──Fetch──▶ its rows

So a balancer before them may send each post to any of them. What waits is kept together, by one statement.
"""

import asyncio
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy.exc import DBAPIError

from bot.clock import Clock, Seldom
from bot.intake.updates.post import MAX_WAITING, MAX_WAITING_BYTES, MOST, Post, read_update, refused
from bot.storage.engine.faults import reason
from bot.storage.ownership.posts import Posted, Posts, PostsOfBot
from bot.tally import Tally

log = logging.getLogger(__name__)

LOOK_S = 10.0  # between two looks whether word still comes; meanwhile the member tells of what waits
FORGET_S = 3600.0  # between two looks for what nobody will fetch:
LEFT_S = 7 * 86_400.0  # a bot that nobody has had for so long was removed
KEEP_S = 10.0  # for the database to keep what waits


@dataclass(frozen=True, slots=True)
class _Waiting:
    posted: Posted
    size: int
    kept: asyncio.Future[bool]


class Postman:
    """Keeps what comes, and hears what came to other processes; `run` must be running."""

    def __init__(self, posts: Posts, clock: Clock) -> None:
        self.arrived: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)  # by bot: something waits for it
        self._posts = posts
        self._clock = clock
        self._seldom = Seldom(clock)
        self._letterboxes: dict[int, Letterbox] = {}
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._has_waiting = asyncio.Event()
        self._forget_at = clock.now() + FORGET_S  # after a week without any process each bot has to be taken first
        self._is_closed = False

    def letterbox(self, bot_id: int, secret: str) -> "Letterbox":
        """Return where posts of a bot come in, which Telegram sends with a secret."""
        box = self._letterboxes.setdefault(bot_id, Letterbox(self, bot_id))
        box.secret = secret
        return box

    async def run(self) -> None:
        """Keep and hear, for ever; at the end what waits is refused, and comes again."""
        look_at = self._clock.now()
        try:
            while True:
                self._has_waiting.clear()
                if self._clock.now() >= look_at:  # also where posts never cease
                    look_at = self._clock.now() + LOOK_S
                    await self._failure(self._look)  # of which the member tells
                if self._waiting:
                    await self._keep()
                else:
                    await self._clock.wait(self._has_waiting, look_at - self._clock.now())
        finally:
            self._is_closed = True
            for each in self._waiting:
                _settle(each, kept=False)

    async def _keep(self) -> None:
        some, self._waiting = self._waiting, []
        kept = False
        try:
            said = await self._failure(lambda: self._posts.keep([each.posted for each in some]))
            kept = said is None
            if said is not None and self._seldom.due("posts"):
                log.warning("updates are not kept, they come again error=%s", said)
        finally:
            for each in some:
                _settle(each, kept=kept)
        for bot_id in {each.posted.bot_id for each in some}:
            self.arrived[bot_id].set()

    def wake(self, bots: Iterable[int]) -> None:
        """Have what waits for some bots be fetched."""
        for bot_id in bots:
            self.arrived[bot_id].set()

    async def _look(self) -> None:
        self.wake(await self._posts.bots(lambda heard: self.arrived[heard].set()))
        if self._clock.now() >= self._forget_at:
            self._forget_at = self._clock.now() + FORGET_S
            if gone := await self._posts.forget(after_s=LEFT_S):
                log.info("updates of bots that nobody has any more are forgotten count=%s", gone)

    async def _failure(self, what: Callable[[], Awaitable[None]]) -> str | None:
        """Try something once; return what is said against it, None where the database has done it."""
        try:
            async with asyncio.timeout(KEEP_S):
                await what()
        except DBAPIError as error:
            return reason(error.orig)
        except OSError as error:  # TimeoutError is one
            return str(error) or type(error).__name__
        return None

    async def take(self, posted: Posted, size: int) -> HTTPStatus:
        """Have an update kept; return how its post is to be answered."""
        if self._is_closed:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if len(self._waiting) >= MAX_WAITING or self._bytes + size > MAX_WAITING_BYTES:
            return HTTPStatus.TOO_MANY_REQUESTS
        one = _Waiting(posted, size, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._has_waiting.set()
        self._bytes += size
        try:
            return HTTPStatus.OK if await one.kept else HTTPStatus.SERVICE_UNAVAILABLE
        finally:
            self._bytes -= size


class Letterbox:
    """Takes the posts of one bot, whoever has it; `posts`: how they were answered."""

    def __init__(self, postman: Postman, bot_id: int) -> None:
        self.secret = ""
        self.posts: Counter[int] = Counter()
        self._postman = postman
        self._bot_id = bot_id

    async def answer(self, post: Post) -> HTTPStatus:
        """Take a post; return how it is to be answered."""
        status = await self._answer(post)
        self.posts[status] += 1
        return status

    async def _answer(self, post: Post) -> HTTPStatus:
        if (status := refused(post, self.secret)) is not None:
            return status
        read = await read_update(post)
        if isinstance(read, HTTPStatus):
            return read
        return await self._postman.take(Posted(self._bot_id, read.id, json.dumps(read.raw)), read.size)


class Fetch:
    """Brings what was kept for a bot into its rows; `arrived`: something waits."""

    def __init__(self, posts: PostsOfBot, arrived: asyncio.Event, tally: Tally) -> None:
        self._posts = posts
        self._arrived = arrived
        self._tally = tally

    async def run(self, receive: Callable[..., Awaitable[None]]) -> None:
        """Do so, for ever. Raises what `receive` does, and Fenced."""
        while True:
            self._arrived.clear()
            await self.take(receive)
            await self._arrived.wait()

    async def take(self, receive: Callable[..., Awaitable[None]]) -> None:
        """Take all that is there; what was taken and not forgotten, by a kill, comes again and is known."""
        while rows := await self._posts.waiting(MOST):
            await receive(*map(json.loads, rows.values()))
            await self._posts.taken([*rows])
            self._tally.came("webhook", len(rows))
            if len(rows) < MOST:
                return


def _settle(one: _Waiting, *, kept: bool) -> None:
    if not one.kept.done():  # who posted it may have gone
        one.kept.set_result(kept)
