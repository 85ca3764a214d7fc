"""Courier: takes one call to Telegram and judges what comes back."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    AnswerGuestQuery,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAudio,
    SendDocument,
    SendMessage,
    SendPhoto,
    SendVoice,
)
from aiogram.types import Message

from bot.clock import Clock
from bot.delivery.backoff import CALL_TIMEOUT_S
from bot.delivery.budget.allowance import LONGEST_S
from bot.delivery.budget.budget import Budget
from bot.delivery.budget.memory import Memory
from bot.delivery.refusal import DeliveryError, Failure, Unanswered, is_done, refusal, was_not_carried_out
from bot.delivery.rota import Rota
from bot.delivery.seen import Seen
from bot.delivery.server.incidents import Incidents
from bot.delivery.server.server import Server
from bot.delivery.trial import Trial
from bot.delivery.wish import Call, Method, Wish
from bot.storage.answers.parts import Parts

SENDS = (
    SendMessage,
    SendDocument,
    SendPhoto,
    SendVoice,
    SendAudio,
    AnswerGuestQuery,
)  # what parts and orders are sent by


@dataclass(frozen=True, slots=True)
class Again:
    """The call has to be made anew."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The call cannot succeed."""

    call: Call
    error: DeliveryError


Outcome = Again | Lost | None  # None: the call was carried out, or there was nothing to say


class Courier:
    """Carries out what was granted, charges the budget for it, and learns from refusals."""

    def __init__(
        self,
        bot: Bot,
        budget: Budget,
        *,
        memory: Memory,
        seen: Seen,
        parts: Parts,
        server: Server,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._budget = budget
        self._memory = memory
        self._seen = seen
        self._parts = parts
        self._server = server
        self._incidents = incidents
        self._clock = clock
        self._rota = Rota()
        self._passed = 0  # calls that Telegram has carried out
        self._trials: WeakKeyDictionary[Wish, Trial] = WeakKeyDictionary()  # of wishes that have failed

    def not_before(self, wish: Wish) -> float:
        """Return when a wish may be tried, after what has come of it so far (`Clock.now`)."""
        tried = self._trials[wish].not_before if wish in self._trials else 0.0
        return max(tried, self._rota.ready_at(wish))

    async def carry_out(self, wish: Wish) -> Outcome:
        """Make the call of a wish that was granted a slot."""
        chat_id, call, result = wish.chat_id, None, None
        error: Failure | None = None
        started = self._clock.now()
        if not self._rota.take(wish, started):
            self._budget.ended(chat_id, 0.0, started, made=False)
            return Again()
        try:
            if call := await wish.make():
                started = self._clock.now()
                result = await self._bot(call.method, request_timeout=CALL_TIMEOUT_S)
        except (TelegramAPIError, ClientDecodeError) as caught:
            error = caught
        finally:
            now = self._clock.now()
            slow = self._budget.ended(chat_id, now - started, now, made=call is not None)
        if slow:
            await self._memory.learn(chat_id)
        if call is None:
            return None
        if error and (outcome := await self._judge(error, wish, call)):
            return outcome
        self._passed += 1
        if wish in self._trials:
            self._trials[wish].passed()
        if isinstance(result, Message) and result.message_id:  # 0: only one person sees it
            self._seen.note(chat_id, result.message_id)
        await call.landed(result)
        return None

    async def _judge(self, error: Failure, wish: Wish, call: Call) -> Again | Lost | None:
        """Say what a failed call comes to, None where it is as good as carried out."""
        if isinstance(error, TelegramRetryAfter):
            self._incidents.flood(error, wish.chat_id)
            now = self._clock.now()
            self._budget.refused(wish.chat_id, error.retry_after, now)
            if getattr(call.method, "inline_message_id", None) is not None:
                self._rota.refused(wish, min(error.retry_after, LONGEST_S), now)
            await self._memory.learn(wish.chat_id)
            return Again()
        if is_done(error):
            return None
        trial = self._trials.setdefault(wish, Trial())
        lost = refusal(error)
        if lost:
            trial.refused()
        else:
            lost = await self._doubt(error, wish.chat_id, call.method, trial)
        if lost is None:
            return Again()
        lost.__cause__ = error
        return Lost(call, lost)

    async def _doubt(self, error: Failure, chat_id: int, method: Method, trial: Trial) -> DeliveryError | None:
        """Judge a call that nobody has carried out or refused: None where it is to be repeated."""
        self._incidents.outage(error, method, chat_id)
        trial.failed(self._clock.now())
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            await self._server.is_itself()
        is_itself = trial.asks_for_proof(error, self._passed) and await self._server.is_itself()
        if refused := trial.blame(error, self._passed, is_itself=is_itself):
            return refused
        if not was_not_carried_out(error):
            if isinstance(method, SENDS):
                return Unanswered(type(error).__name__)
            if isinstance(method, EditMessageText | EditMessageReplyMarkup) and method.message_id is not None:
                await self._parts.unanswered(chat_id, method.message_id)
        return None
