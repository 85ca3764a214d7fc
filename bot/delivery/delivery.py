"""Delivery: every call to Telegram that sends or edits goes through here, one at a time in a chat.

A caller claims a slot; when budgets and priorities grant it, the claim is asked for its method, so that the newest text
goes out and a refused call is made anew.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    EditMessageReplyMarkup,
    EditMessageText,
    SendDocument,
    SendMessage,
)
from aiogram.types import Message

from bot.clock import Clock
from bot.delivery.aside import BACKOFF_S, CALL_TIMEOUT_S, Aside
from bot.delivery.budget import Budget, Priority
from bot.delivery.claim import Claim, Method, always
from bot.delivery.incidents import Incidents
from bot.delivery.postbox import Postbox
from bot.delivery.refusal import (
    DeliveryError,
    Failure,
    Unanswered,
    is_done,
    refusal,
    was_not_carried_out,
)
from bot.delivery.seen import Seen
from bot.delivery.server import Server
from bot.delivery.slots import Slots
from bot.delivery.tasks import Tasks
from bot.settings import ConfigurationError
from bot.storage.notices import Notices
from bot.storage.parts import Parts
from bot.storage.peers import Peers

log = logging.getLogger(__name__)

MAX_IDLE = 20  # idle calls that wait in a chat
CLOSE_S = 6.0  # an orderly stop takes 10 s at the most


class Delivery:
    """Grants slots, carries calls out, and learns from refusals. `run` must be running.

    `seen`: the message ids in use, those of sent messages among them. `aside`: the calls that take no slot.
    """

    def __init__(
        self, bot: Bot, budget: Budget, *, seen: Seen, parts: Parts, notices: Notices, peers: Peers, clock: Clock
    ) -> None:
        self.seen = seen
        self._bot = bot
        self._budget = budget
        self._outbox = notices
        self._peers = peers
        self._parts = parts
        self._clock = clock
        self._slots = Slots(budget, clock)
        self._server = Server(bot, clock)
        self._incidents = Incidents(clock)
        self._tasks = Tasks()
        self.aside = Aside(bot, budget, self._incidents, self._tasks, clock)
        self._passed = 0  # calls that Telegram has carried out
        self._in_flight: set[asyncio.Task[bool]] = set()
        self._postbox = Postbox(self.call, self._server, notices, clock)
        self._closed = False

    async def run(self) -> None:
        """Grant slots, for ever. Raises ConfigurationError where the token is revoked; calls wait for a good one."""
        while not self._server.denies_us:
            self._slots.changed.clear()
            now = self._clock.now()
            claim, wait = self._slots.next(now) if not self._closed else (None, None)
            if claim is None:
                await self._clock.wait(self._slots.changed, wait)
            elif claim.granted is not None and not claim.granted.done():  # else its caller is just withdrawing it
                self._grant(claim, claim.granted, now)
        raise ConfigurationError("BOT_TOKEN", f"{self._bot.id}:…", "a token that @BotFather has not revoked")

    async def close(self) -> None:
        """Grant nothing any more and wait until no call is in flight; a send cut off then is searched for later."""
        self._closed = True
        self._tasks.stop()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=CLOSE_S)
        left = list(self._in_flight)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, self._tasks.close(), return_exceptions=True)

    def reconsider(self, claim: Claim, *, delta: bool = False) -> None:
        """Look at a claim again, because it has changed or (`delta`) because new text has come for it."""
        self._slots.reconsider(claim, delta=delta)

    def streaming(self, chat_id: int) -> AbstractContextManager[None]:
        """Count a reply that streams, as long as it does: budgets are shared by all of them."""
        return self._slots.streaming(chat_id)

    def lasted(self, chat_id: int, seconds: float) -> None:
        """Learn how long an answer in this chat took from its first delta to its last."""
        self._slots.lasted(chat_id, seconds)

    async def call(self, claim: Claim) -> None:
        """Wait for a slot and carry the claim's call out, again and again as long as that may help.

        A caller that is cancelled withdraws the claim; a call in flight goes on and lands. Raises DeliveryError.
        """
        claim.since = self._clock.now()
        again = True
        while again:
            claim.granted = asyncio.get_running_loop().create_future()
            self._slots.enter(claim)
            try:
                task = await claim.granted
            finally:
                self._slots.leave(claim)
            again = await asyncio.shield(task)

    def post(self, method: Method, *, by: int = 0, key: int | None = None, last: bool = False) -> None:
        """Send a notice or answer a callback query, without waiting; a notice waits for ever if need be.

        `by`: the person whom it answers; 0 for what nobody in that chat asked for.
        `key`: it is taken out of the outbox as soon as Telegram has carried it out or refused it. A kill right between
        the two posts it twice. `last`: it leaves the bot's budget to all others, as what is said to a stranger.
        """
        chat_id = getattr(method, "chat_id", None)
        if not isinstance(chat_id, int):
            self._tasks.spawn(self.aside.answer(method))
            return
        is_new, outdated = self._postbox.put(chat_id, method, by=by, key=key, last=last)
        if is_new:
            self._tasks.spawn(self._postbox.work(chat_id, last=last))
        for each in outdated:
            self._tasks.spawn(self._outbox.drop(each))

    def has_room(self, chat_id: int, by: int, also: Sequence[int] = ()) -> bool:
        """Tell whether one notice more may wait in a chat in answer to a person; `also`: whom others answer soon."""
        return self._postbox.has_room(chat_id, by, also)

    def tidy(self, chat_id: int, method: Method) -> None:
        """Make a call some time when nothing else needs the chat's budget; forgotten in a crash, and beyond a few."""

        async def call() -> None:
            try:
                await self.call(Claim(chat_id, Priority.IDLE, always(method)))
            except DeliveryError as error:
                log.info("not tidied chat=%s error=%s", chat_id, error)

        idle = [claim for claim in self._slots.waiting(chat_id) if claim.priority is Priority.IDLE]
        if len(idle) < MAX_IDLE:
            self._tasks.spawn(call())

    def draft_wait(self, claim: Claim, *, is_first: bool = False) -> float:
        """Return the seconds until the next frame of a draft is worth a call, or the first one allowed; 0 = now."""
        return self._slots.draft_wait(claim, is_first=is_first)

    def _grant(self, claim: Claim, granted: "asyncio.Future[asyncio.Task[bool]]", now: float) -> None:
        self._slots.take(claim, now)
        task = asyncio.get_running_loop().create_task(self._carry_out(claim))
        self._in_flight.add(task)
        task.add_done_callback(self._landed)
        granted.set_result(task)

    def _landed(self, task: asyncio.Task[bool]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved here too: the caller may be gone

    async def _carry_out(self, claim: Claim) -> bool:
        """Carry out a granted claim; tell whether it has to be made again. Raises DeliveryError."""
        chat_id, method, result = claim.chat_id, None, None
        error: Failure | None = None
        started = self._clock.now()
        try:
            try:
                if method := await claim.make():
                    started = self._clock.now()
                    result = await self._bot(method, request_timeout=CALL_TIMEOUT_S)
            except (TelegramAPIError, ClientDecodeError) as caught:
                error = caught
            finally:
                now = self._clock.now()
                slow = self._budget.ended(chat_id, now - started, now, made=method is not None)
            if slow:
                await self._learn(chat_id)
            if method is None or (error and await self._has_to_be_repeated(error, method, claim)):
                return error is not None
            self._passed += 1
            claim.tries = 0
            claim.blame.clear()
            if isinstance(result, Message):
                self.seen.note(chat_id, result.message_id)
            await claim.landed(result)
            return False
        finally:
            self._slots.free(chat_id)

    async def _has_to_be_repeated(self, error: Failure, method: Method, claim: Claim) -> bool:
        """Judge a failed call: repeat it, or (False) take it as done. Raises DeliveryError."""
        chat_id, now = claim.chat_id, self._clock.now()
        if isinstance(error, TelegramRetryAfter):
            self._incidents.flood(error, chat_id)
            self._budget.refused(chat_id, error.retry_after, now)
            await self._learn(chat_id)
            return True
        if is_done(error):
            return False
        if refused := refusal(error):
            claim.tries = 0
            raise refused from error
        self._incidents.outage(error, method, chat_id)
        claim.not_before = now + BACKOFF_S[min(claim.tries, len(BACKOFF_S) - 1)]
        claim.tries += 1
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            await self._server.is_itself()
        is_itself = claim.blame.asks_for_proof(error, self._passed) and await self._server.is_itself()
        if blamed := claim.blame.add(error, self._passed, is_itself=is_itself):
            raise blamed from error
        if not was_not_carried_out(error):
            if isinstance(method, SendMessage | SendDocument):
                raise Unanswered(type(error).__name__) from error
            if isinstance(method, EditMessageText | EditMessageReplyMarkup) and method.message_id is not None:
                await self._parts.unanswered(chat_id, method.message_id)
        return True

    async def _learn(self, chat_id: int) -> None:
        """Store what a refusal, or a call held back by the server, has taught."""
        for penalty in self._budget.penalties(chat_id, self._clock.now(), self._clock.wall()):
            await self._peers.learn(penalty.chat_id, paused_until=penalty.paused_until, rate=penalty.rate)
