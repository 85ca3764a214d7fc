"""Delivery: every call to Telegram that sends or edits goes through here, one at a time in a chat.

A caller claims a slot; when budgets and priorities grant it, the claim is asked for its method, so that the newest text
goes out and a refused call is made anew.
"""

import asyncio
import logging
from collections.abc import Awaitable
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
    SendChatAction,
    SendDocument,
    SendMessage,
    SendMessageDraft,
)
from aiogram.types import Message

from bot.clock import Clock, Seldom
from bot.delivery.allowance import LONGEST_S
from bot.delivery.budget import Budget, Priority
from bot.delivery.claim import Claim, Method
from bot.delivery.postbox import Postbox
from bot.delivery.refusal import (
    DeliveryError,
    Failure,
    Unanswered,
    is_done,
    is_outage,
    lacks_method,
    refusal,
    was_not_carried_out,
)
from bot.delivery.seen import Seen
from bot.delivery.server import Server
from bot.delivery.slots import Slots
from bot.settings import ConfigurationError
from bot.storage.notices import Notices
from bot.storage.parts import Parts
from bot.storage.peers import Peers

log = logging.getLogger(__name__)

CALL_TIMEOUT_S = 20
TYPING_TIMEOUT_S = 3
ANSWER_S = 10.0  # a press of a button is answered so late at the most: the answer expires in seconds
BACKOFF_S = (0.3, 1.0, 2.0, 4.0)  # after calls without an answer; the last one repeats: an outage's end is seen in 5 s
MAX_IDLE = 20  # idle calls that wait in a chat
MAX_WORDS = 100  # of a server, in the log
CLOSE_S = 6.0  # an orderly stop takes 10 s at the most


class Delivery:
    """Grants slots, carries calls out, and learns from refusals. `run` must be running.

    `seen`: the message ids in use, those of sent messages among them.
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
        self._seldom = Seldom(clock)
        self._passed = 0  # calls that Telegram has carried out
        self._in_flight: set[asyncio.Task[bool]] = set()
        self._aside: set[asyncio.Task[None]] = set()  # notices, chat actions, callback answers
        self._postbox = Postbox(self.call, self._server, notices, clock)
        self._has_drafts = True
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
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=CLOSE_S)
        left = [*self._in_flight, *self._aside]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

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

    def post(self, method: Method, *, by: int = 0, key: int | None = None) -> None:
        """Send a notice or answer a callback query, without waiting; a notice waits for ever if need be.

        `by`: the person whom it answers, where he asked; 0 for what nobody in that chat asked for.
        `key`: it is taken out of the outbox as soon as Telegram has carried it out or refused it. A kill right between
        the two posts it twice.
        """
        chat_id = getattr(method, "chat_id", None)
        if not isinstance(chat_id, int):
            self._spawn(self._answer(method))
            return
        is_new, outdated = self._postbox.put(chat_id, method, by=by, key=key)
        if is_new:
            self._spawn(self._postbox.work(chat_id))
        for each in outdated:
            self._spawn(self._outbox.drop(each))

    def has_room(self, chat_id: int, by: int) -> bool:
        """Tell whether one notice more may wait in a chat in answer to a person."""
        return self._postbox.has_room(chat_id, by)

    def tidy(self, chat_id: int, method: Method) -> None:
        """Make a call some time when nothing else needs the chat's budget; forgotten in a crash, and beyond a few."""

        async def make() -> Method:
            return method

        async def call() -> None:
            try:
                await self.call(Claim(chat_id, Priority.IDLE, make))
            except DeliveryError as error:
                log.info("not tidied chat=%s error=%s", chat_id, error)

        idle = [claim for claim in self._slots.waiting(chat_id) if claim.priority is Priority.IDLE]
        if len(idle) < MAX_IDLE:
            self._spawn(call())

    def typing(self, chat_id: int, thread_id: int) -> None:
        """Show that the bot is at work, if the budget of chat actions allows; not waited for."""
        now = self._clock.now()
        if self._closed or self._budget.drafts.ready_in(chat_id, now) or self._budget.paused_in(chat_id, now):
            return
        action = SendChatAction(chat_id=chat_id, action="typing", message_thread_id=thread_id or None)
        self._spawn(self._attempt(action, TYPING_TIMEOUT_S))

    @property
    def has_drafts(self) -> bool:
        """Tell whether the server knows native drafts, as far as has been tried."""
        return self._has_drafts

    def draft_wait(self, claim: Claim, *, is_first: bool = False) -> float:
        """Return the seconds until the next frame of a draft is worth a call, or the first one allowed; 0 = now."""
        return self._slots.draft_wait(claim, is_first=is_first)

    async def draft(self, method: SendMessageDraft) -> bool:
        """Send a draft; False if the server has none. A refused frame is skipped: the next one shows more."""
        chat_id = int(method.chat_id)
        if self._budget.drafts.ready_in(chat_id, self._clock.now()):
            return True
        self._budget.drafts.spend(chat_id, self._clock.now())
        error: Failure | None = None
        try:
            await self._bot(method, request_timeout=CALL_TIMEOUT_S)
        except (TelegramAPIError, ClientDecodeError) as caught:
            error = caught
        finally:
            self._budget.drafts.ended(chat_id, self._clock.now())
        if isinstance(error, TelegramRetryAfter):
            _tell_flood(error, chat_id)
            self._budget.drafts.refused(chat_id, error.retry_after, self._clock.now())
        elif error is not None and is_outage(error):
            self._tell(error, method, chat_id)
            self._budget.drafts.refused(chat_id, BACKOFF_S[1], self._clock.now())
        elif error is not None and method.text:
            log.info("no drafts, editing instead chat=%s error=%s", chat_id, error)
            self._has_drafts = self._has_drafts and not lacks_method(error)
            return False
        return True

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
            _tell_flood(error, chat_id)
            self._budget.refused(chat_id, error.retry_after, now)
            await self._learn(chat_id)
            return True
        if is_done(error):
            return False
        if refused := refusal(error):
            claim.tries = 0
            raise refused from error
        self._tell(error, method, chat_id)
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

    def _tell(self, error: Failure, method: Method, chat_id: int | None) -> None:
        """Log an outage as a chat meets it, once a minute."""
        if self._seldom.due(chat_id):
            name, kind = method.__api_method__, type(error).__name__
            words = error.message[:MAX_WORDS] if isinstance(error, TelegramAPIError) else ""
            log.warning("no answer chat=%s method=%s error=%s, trying again: %s", chat_id, name, kind, words)

    async def _learn(self, chat_id: int) -> None:
        """Store what a refusal, or a call held back by the server, has taught."""
        for penalty in self._budget.penalties(chat_id, self._clock.now(), self._clock.wall()):
            await self._peers.learn(penalty.chat_id, paused_until=penalty.paused_until, rate=penalty.rate)

    async def _answer(self, method: Method) -> None:
        """Make a call that takes no slot, as long as somebody waits for it."""
        until, tries = self._clock.now() + ANSWER_S, 0
        while True:
            try:
                await self._bot(method, request_timeout=CALL_TIMEOUT_S)
                return
            except (TelegramAPIError, ClientDecodeError) as error:
                pause_s: float = BACKOFF_S[min(tries, len(BACKOFF_S) - 1)]
                if isinstance(error, TelegramRetryAfter):
                    pause_s = min(error.retry_after, LONGEST_S)
                elif not is_outage(error):
                    return
                if self._clock.now() + pause_s > until:
                    self._tell(error, method, None)
                    return
            await self._clock.sleep(pause_s)
            tries += 1

    async def _attempt(self, method: Method, timeout_s: int) -> None:
        """Make a call that takes no slot, once."""
        chat_id = method.chat_id if isinstance(method, SendChatAction) and isinstance(method.chat_id, int) else None
        if chat_id is not None:
            self._budget.drafts.spend(chat_id, self._clock.now())
        try:
            await self._bot(method, request_timeout=timeout_s)
        except (TelegramAPIError, ClientDecodeError) as error:
            if self._seldom.due((method.__api_method__, chat_id)):
                log.info("call failed method=%s error=%s", method.__api_method__, type(error).__name__)
            if isinstance(error, TelegramRetryAfter) and chat_id is not None:
                _tell_flood(error, chat_id)
                self._budget.drafts.refused(chat_id, error.retry_after, self._clock.now())
        finally:
            if chat_id is not None:
                self._budget.drafts.ended(chat_id, self._clock.now())

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._aside.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._aside.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("call aside broke", exc_info=error)


def _tell_flood(error: TelegramRetryAfter, chat_id: int) -> None:
    """Log for how long a chat is refused, and when it is asked about if that is before."""
    asked = "" if error.retry_after <= LONGEST_S else f" asking again in {LONGEST_S:.0f} s"
    name = error.method.__api_method__
    log.warning("flood chat=%s retry_after=%s method=%s%s", chat_id, error.retry_after, name, asked)
