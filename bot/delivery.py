"""Delivery: every call to Telegram that sends or edits goes through here, one at a time in a chat.

A caller claims a slot; when budgets and priorities grant it, the claim is asked for its method, so that the newest text
goes out and a refused call is made anew. What Telegram's refusals mean is decided here and nowhere else:

    DeliveryError        a call that cannot succeed
    ├── ChatGone         blocked, kicked, deleted: nothing more can be said there
    ├── Migrated         the group became a supergroup with another id
    ├── MessageGone      the message to edit is deleted or not ours
    ├── Unanswered       a send whose answer was lost: it may or may not have been carried out
    └── Rejected         any other refusal, in Telegram's words
"""

import asyncio
import logging
import math
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendChatAction, SendDocument, SendMessage, SendMessageDraft, TelegramMethod
from aiogram.types import Message
from aiohttp import ClientConnectorError
from aiohttp_socks import ProxyConnectionError

from bot.agenda import Agenda, Rank
from bot.budget import Budget, Priority, Supply
from bot.clock import Clock
from bot.lengths import LengthBook
from bot.pace import Outlook, Rhythm, bot_reserve, settled_s, wait_s
from bot.storage.parts import Parts, is_supergroup
from bot.storage.peers import Peers

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

CALL_TIMEOUT_S = 20
TYPING_TIMEOUT_S = 3
MAX_NOTICES = 3  # that wait in a chat
NOTICES_IN_A_ROW = 2  # then a final text of that chat goes first
IDLE_LEVEL = 4.0  # calls that a chat's budget must hold before an idle one is made
BACKOFF_S = (
    0.3,
    1.0,
    2.0,
    4.0,
)  # after calls without an answer; the last one repeats, so an outage's end is seen in 5 s
CLOSE_S = 8.0
SEEN = 500  # message ids remembered per counter

Method = TelegramMethod[Any]  # invariant in its result, and every kind of method goes through here
Make = Callable[[], Awaitable[Method | None]]
Landed = Callable[[object], Awaitable[None]]  # None where the call changed nothing


class DeliveryError(Exception):
    """A call to Telegram that cannot succeed."""


class ChatGone(DeliveryError):
    """Nothing can be sent to this chat any more."""


class Migrated(DeliveryError):
    """The chat goes on under `chat_id`."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"the chat is now {chat_id}")
        self.chat_id = chat_id


class MessageGone(DeliveryError):
    """The message cannot be edited: it is deleted, or not ours."""


class Unanswered(DeliveryError):
    """Whether the send was carried out is unknown."""


class Rejected(DeliveryError):
    """Telegram refused the call."""


async def _ignore(_result: object) -> None:
    """Do nothing with a result."""


@dataclass(slots=True, eq=False)
class Claim:
    """A wish to call; while it waits, its owner may make it more urgent and tells `Delivery.reconsider`.

    `make` returns the method when the slot is granted (None: there is nothing to say any more), `landed` takes its
    result before the chat's next call. Times are `Clock.now`: `begun_at` of the reply's first delta, `called_at` of the
    last call that showed text, `behind_since` of the oldest text that no call has shown. `spare`: calls that must be
    left to this chat besides the final one.
    """

    chat_id: int
    priority: Priority
    make: Make
    landed: Landed = _ignore
    begun_at: float = 0.0
    called_at: float = 0.0
    behind_since: float = 0.0
    rhythm: Rhythm = field(default_factory=Rhythm, repr=False)
    spare: int = 0
    since: float = 0.0
    not_before: float = 0.0
    settled_until: float = 0.0  # deltas before cannot make it due earlier
    tries: int = 0
    unanswered_at: float | None = None  # an edit of it ended without an answer and may land late
    number: int = 0
    gives_way: bool = False  # a notice, after others of its chat, while a final text waits there
    granted: "asyncio.Future[asyncio.Task[bool]] | None" = field(default=None, repr=False)

    def rank(self) -> Rank:
        """Order claims that may be granted: by priority; progress by the lag of its reader, the others by waiting."""
        if self.gives_way:
            return Priority.FINAL, math.inf
        return self.priority, self.behind_since if self.priority is Priority.PROGRESS else self.since


class Delivery:
    """Grants slots, carries calls out, and learns from refusals. `run` must be running."""

    def __init__(self, bot: Bot, budget: Budget, *, parts: Parts, peers: Peers, clock: Clock) -> None:
        self._bot = bot
        self._budget = budget
        self._parts = parts
        self._peers = peers
        self._clock = clock
        self._wake = asyncio.Event()
        self._agenda: Agenda[Claim] = Agenda(split_at=Priority.PROGRESS)
        self._waiting: defaultdict[int, list[Claim]] = defaultdict(list)
        self._lengths = LengthBook()
        self._busy: set[int] = set()  # chats with a call in flight
        self._in_flight: set[asyncio.Task[bool]] = set()
        self._aside: set[asyncio.Task[None]] = set()  # notices, chat actions, callback answers
        self._notices: defaultdict[int, list[Method]] = defaultdict(list)
        self._notice_run: dict[int, int] = {}
        self._streams: Counter[int] = Counter()  # replies that grow, by chat
        self._known: dict[int, int] = {}
        self._seen: defaultdict[int, deque[int]] = defaultdict(lambda: deque(maxlen=SEEN))
        self._has_drafts = True
        self._closed = False

    async def run(self) -> None:
        """Grant slots, for ever."""
        while True:
            self._wake.clear()
            wait = self._grant_all(self._clock.now())
            await self._clock.wait(self._wake, wait)

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
        if not claim.number or (delta and self._clock.now() < claim.settled_until):
            return
        self._agenda.put(claim, self._clock.now())
        self._wake.set()

    @contextmanager
    def streaming(self, chat_id: int) -> "Iterator[None]":
        """Count a reply that streams, as long as it does: budgets are shared by all of them."""
        self._streams[chat_id] += 1
        try:
            yield
        finally:
            self._streams[chat_id] -= 1
            if not self._streams[chat_id]:
                del self._streams[chat_id]

    def lasted(self, chat_id: int, seconds: float) -> None:
        """Learn how long an answer in this chat took from its first delta to its last."""
        self._lengths.note(chat_id, seconds)

    async def call(self, claim: Claim) -> None:
        """Wait for a slot and carry the claim's call out, again and again as long as that may help.

        A caller that is cancelled withdraws the claim; a call in flight goes on and lands. Raises DeliveryError.
        """
        claim.since = self._clock.now()
        again = True
        while again:
            claim.granted = asyncio.get_running_loop().create_future()
            waiting = self._waiting[claim.chat_id]
            waiting.append(claim)
            self._put(claim, self._clock.now())
            self._wake.set()
            try:
                task = await claim.granted
            finally:
                self._agenda.strike(claim)
                waiting.remove(claim)
                if not waiting:
                    self._waiting.pop(claim.chat_id, None)
            again = await asyncio.shield(task)

    def post(self, method: Method) -> None:
        """Send a notice or answer a callback query, without waiting; equal notices that wait are one."""
        chat_id = getattr(method, "chat_id", None)
        if not isinstance(chat_id, int):
            self._spawn(self._attempt(method, CALL_TIMEOUT_S))
            return
        waiting = self._notices[chat_id]
        if len(waiting) >= MAX_NOTICES or method in waiting:
            log.info("notice dropped chat=%s waiting=%s", chat_id, len(waiting))
            return
        waiting.append(method)
        self._spawn(self._notify(chat_id, method))

    def tidy(self, chat_id: int, method: Method) -> None:
        """Make a call some time when nothing else needs the chat's budget; not repeated, and forgotten in a crash."""

        async def make() -> Method:
            return method

        async def call() -> None:
            try:
                await self.call(Claim(chat_id, Priority.IDLE, make))
            except DeliveryError as error:
                log.info("not tidied chat=%s error=%s", chat_id, error)

        if not any(claim.priority is Priority.IDLE for claim in self._waiting.get(chat_id, ())):
            self._spawn(call())

    def typing(self, chat_id: int, thread_id: int) -> None:
        """Show that the bot is at work, if the budget of chat actions allows; not waited for."""
        if self._closed or self._budget.drafts.ready_in(chat_id, self._clock.now()):
            return
        action = SendChatAction(chat_id=chat_id, action="typing", message_thread_id=thread_id or None)
        self._spawn(self._attempt(action, TYPING_TIMEOUT_S))

    @property
    def has_drafts(self) -> bool:
        """Tell whether the server knows native drafts, as far as has been tried."""
        return self._has_drafts

    def draft_wait(self, claim: Claim) -> float:
        """Return the seconds until the next frame of a draft is worth a call; 0 = now."""
        now = self._clock.now()
        supply = self._budget.drafts.supply(claim.chat_id, now)
        outlook = self._outlook(claim, supply, now, streams=1, reserve=0)
        return max(wait_s(outlook), self._budget.drafts.ready_in(claim.chat_id, now))

    async def draft(self, method: SendMessageDraft) -> bool:
        """Send a draft; False if the server has none. A refused frame is skipped: the next one shows more."""
        chat_id = int(method.chat_id)
        self._budget.drafts.spend(chat_id, self._clock.now())
        error: TelegramAPIError | ClientDecodeError | None = None
        try:
            await self._bot(method, request_timeout=CALL_TIMEOUT_S)
        except (TelegramAPIError, ClientDecodeError) as caught:
            error = caught
        finally:
            self._budget.drafts.ended(chat_id, self._clock.now())
        if isinstance(error, TelegramRetryAfter):
            self._budget.drafts.refused(chat_id, error.retry_after, self._clock.now())
        elif error is not None and _is_outage(error):
            self._budget.drafts.refused(chat_id, BACKOFF_S[1], self._clock.now())
        elif error is not None and method.text:
            log.warning("no drafts, editing instead chat=%s error=%s", chat_id, error)
            self._has_drafts = self._has_drafts and not isinstance(error, TelegramNotFound)
            return False
        return True

    def saw(self, chat_id: int, message_id: int) -> None:
        """Note that a message id is in use, which tells where the search after a crash begins."""
        counter = _counter(chat_id)
        self._known[counter] = max(message_id, self._known.get(counter, 0))
        self._seen[counter].append(message_id)

    def known(self, chat_id: int) -> int:
        """Return the highest message id known on the counter that numbers a chat's messages."""
        return self._known.get(_counter(chat_id), 0)

    def seen(self, chat_id: int) -> set[int]:
        """Return the message ids lately seen on that counter."""
        return set(self._seen[_counter(chat_id)])

    def _grant_all(self, now: float) -> float | None:
        """Grant what may go now; return how long to wait for the next one (None: until something changes)."""
        while not self._closed:
            self._agenda.advance(now)
            wait = self._budget.bot_ready_in(1, now)
            claim = self._agenda.pop(behind=False) if wait <= 0 else None
            if claim is None and not self._agenda.has_ready(behind=False):
                wait = self._budget.bot_ready_in(1 + bot_reserve(self._streams.total()), now)
                claim = self._agenda.pop(behind=True) if wait <= 0 else None
            if claim is None:
                is_ready = self._agenda.has_ready(behind=False) or self._agenda.has_ready(behind=True)
                next_at = self._agenda.next_at()
                waits = [*([wait] if is_ready else []), *([next_at - now] if next_at is not None else [])]
                return max(0.0, min(waits)) if waits else None
            if (wait := self._wait_for(claim, now)) > 0:
                self._agenda.put(claim, now + wait)
            else:
                self._grant(claim, now)
        return None

    def _put(self, claim: Claim, now: float) -> None:
        """Have a claim looked at, unless its chat has a call in flight: then it is put down when that has landed."""
        others = self._waiting[claim.chat_id]
        claim.gives_way = (
            claim.priority is Priority.NOTICE
            and self._notice_run.get(claim.chat_id, 0) >= NOTICES_IN_A_ROW
            and any(other.priority is Priority.FINAL for other in others)
        )
        if claim.chat_id not in self._busy:
            self._agenda.put(claim, max(now, claim.not_before))

    def _wait_for(self, claim: Claim, now: float) -> float:
        """Return the seconds until a claim may be granted, by budget and pace; other claims apart."""
        wait = max(claim.not_before - now, self._budget.ready_in(claim.chat_id, claim.priority, now))
        if claim.priority < Priority.PROGRESS:
            return wait
        supply = self._budget.supply(claim.chat_id, now)
        if claim.priority is Priority.IDLE:
            return max(wait, (min(IDLE_LEVEL, supply.burst) - supply.tokens) / supply.rate)
        reserve = self._streams[claim.chat_id] + claim.spare
        outlook = self._outlook(claim, supply, now, streams=self._streams.total(), reserve=reserve)
        claim.settled_until = now + settled_s(outlook)
        return max(wait, wait_s(outlook))

    def _outlook(self, claim: Claim, supply: Supply, now: float, *, streams: int, reserve: float) -> Outlook:
        return Outlook(
            supply,
            age_s=now - claim.begun_at,
            since_call_s=now - claim.called_at,
            lag_s=now - claim.behind_since,
            streams=streams,
            reserve=reserve,
            lengths=self._lengths.of(claim.chat_id),
            rhythm=claim.rhythm,
            quiet_s=claim.rhythm.since(now),
        )

    def _grant(self, claim: Claim, now: float) -> None:
        self._budget.spend(claim.chat_id, claim.priority, now)
        self._busy.add(claim.chat_id)
        is_notice = claim.priority is Priority.NOTICE
        self._notice_run[claim.chat_id] = self._notice_run.get(claim.chat_id, 0) + 1 if is_notice else 0
        for other in self._waiting[claim.chat_id]:
            self._agenda.strike(other)
        task = asyncio.get_running_loop().create_task(self._carry_out(claim))
        self._in_flight.add(task)
        task.add_done_callback(self._landed)
        if claim.granted is not None:
            claim.granted.set_result(task)

    def _landed(self, task: asyncio.Task[bool]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved here too: the caller may be gone
        self._wake.set()

    async def _carry_out(self, claim: Claim) -> bool:
        """Carry out a granted claim; tell whether it has to be made again. Raises DeliveryError."""
        chat_id, method, result = claim.chat_id, None, None
        error: TelegramAPIError | ClientDecodeError | None = None
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
            if method is None or (error and await self._has_to_be_repeated(error, method, claim, started)):
                return error is not None
            claim.tries = 0
            if isinstance(result, Message):
                self.saw(chat_id, result.message_id)
            await claim.landed(result)
            return False
        finally:
            self._busy.discard(chat_id)
            for other in self._waiting.get(chat_id, ()):
                self._put(other, self._clock.now())
            self._wake.set()

    async def _has_to_be_repeated(
        self, error: TelegramAPIError | ClientDecodeError, method: Method, claim: Claim, started: float
    ) -> bool:
        """Judge a failed call: repeat it, or (False) take it as done. Raises DeliveryError."""
        chat_id, now = claim.chat_id, self._clock.now()
        if isinstance(error, TelegramRetryAfter):
            log.warning("flood chat=%s retry_after=%s method=%s", chat_id, error.retry_after, method.__api_method__)
            self._budget.refused(chat_id, error.retry_after, now)
            await self._learn(chat_id)
            return True
        if _is_outage(error):
            log.warning("no answer chat=%s method=%s error=%s", chat_id, method.__api_method__, type(error).__name__)
            claim.not_before = now + BACKOFF_S[min(claim.tries, len(BACKOFF_S) - 1)]
            claim.tries += 1
            if not _never_sent(error):
                if isinstance(method, SendMessage | SendDocument):
                    raise Unanswered(type(error).__name__) from error
                claim.unanswered_at = started
            return True
        if isinstance(error, TelegramAPIError):
            _judge(error)
        return False

    async def _learn(self, chat_id: int) -> None:
        """Store what a refusal, or a call held back by the server, has taught."""
        for penalty in self._budget.penalties(chat_id, self._clock.now(), self._clock.wall()):
            await self._peers.learn(penalty.chat_id, paused_until=penalty.paused_until, rate=penalty.rate)

    async def _notify(self, chat_id: int, method: Method) -> None:
        async def make() -> Method:
            return method

        async def landed(result: object) -> None:
            if isinstance(result, Message) and isinstance(method, SendMessage):
                await self._parts.noticed(chat_id, result.message_id)

        try:
            await self.call(Claim(chat_id, Priority.NOTICE, make, landed))
        except Migrated as error:
            self.post(method.model_copy(update={"chat_id": error.chat_id}))
        except DeliveryError as error:
            log.warning("notice lost chat=%s method=%s error=%s", chat_id, method.__api_method__, error)
        finally:
            waiting = self._notices[chat_id]
            waiting.remove(method)
            if not waiting:
                del self._notices[chat_id]

    async def _attempt(self, method: Method, timeout_s: int) -> None:
        """Make a call that takes no slot, once."""
        chat_id = method.chat_id if isinstance(method, SendChatAction) and isinstance(method.chat_id, int) else None
        if chat_id is not None:
            self._budget.drafts.spend(chat_id, self._clock.now())
        try:
            await self._bot(method, request_timeout=timeout_s)
        except (TelegramAPIError, ClientDecodeError) as error:
            log.info("call failed method=%s error=%s", method.__api_method__, type(error).__name__)
            if isinstance(error, TelegramRetryAfter) and chat_id is not None:
                self._budget.drafts.refused(chat_id, error.retry_after, self._clock.now())
        finally:
            if chat_id is not None:
                self._budget.drafts.ended(chat_id, self._clock.now())

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def _counter(chat_id: int) -> int:
    """Return which counter numbers a chat's messages: its own, or the one of all private chats and basic groups."""
    return chat_id if is_supergroup(chat_id) else 0


def _is_outage(error: TelegramAPIError | ClientDecodeError) -> bool:
    """Tell whether Telegram did not answer, or not as itself; aiogram takes a 413 for a network error."""
    outage = isinstance(error, TelegramNetworkError | TelegramServerError | ClientDecodeError)
    return outage and not isinstance(error, TelegramEntityTooLarge)


def _never_sent(error: Exception) -> bool:
    """Tell whether a network error says that no connection was made."""
    return isinstance(error.__cause__, ClientConnectorError | ProxyConnectionError)


def _judge(error: TelegramAPIError) -> None:
    """Raise what a refusal means, a DeliveryError; return where the call changed nothing because nothing differs.

    Telegram names most of these by their text alone (tdlib/telegram-bot-api, Client.cpp; td, MessagesManager.cpp).
    """
    if isinstance(error, TelegramMigrateToChat):
        raise Migrated(error.migrate_to_chat_id) from error
    text = error.message.lower()
    if "message is not modified" in text:
        return
    if isinstance(error, TelegramForbiddenError) or "chat not found" in text or "peer_id_invalid" in text:
        raise ChatGone(error.message) from error
    gone = ("message to edit not found", "message can't be edited", "message_id_invalid", "message to delete not found")
    if isinstance(error, TelegramBadRequest) and any(phrase in text for phrase in gone):
        raise MessageGone(error.message) from error
    raise Rejected(error.message) from error
