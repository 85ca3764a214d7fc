"""Intake: updates in, as Telegram's long polling delivers them; stored first, then acknowledged."""

import logging
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.dispatcher.middlewares.user_context import UserContextMiddleware
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe, TelegramMethod
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.clock import Clock, Seldom
from bot.intake.membership import completed
from bot.intake.notice import Method, letter, toast
from bot.intake.outbox import Outbox
from bot.settings import ConfigurationError, Settings
from bot.storage.faults import DatabaseDamaged
from bot.texts import texts

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member", "stopped_message_generation"]
POLL_S = 5  # a connection that died silently is noticed so much later, and an outage is to be over 5 s after its end
GRACE_S = 4  # for the answer to come back
PAUSES_S = (0.3, 0.6, 1.0)  # between failures; the last one repeats
PATIENT_EVERY = 20  # one probe in so many may take as long as it likes, for lines that are slower than GRACE_S
PATIENT_S = 30
DENIALS = 2  # of getMe in a row: then the token is revoked, and no gateway has said so by chance
LONGEST_S = 3600.0  # a longer pause is asked about once an hour
EMPTY_S = 0.5  # between answers without news, contract: at most twice a second


class GetRawUpdates(TelegramMethod[list[Any]]):
    """getUpdates without reading the updates: one that cannot be read must not hold up the others."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class Intake:
    """Asks for updates and hands each one to the handlers, in order."""

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._seldom = Seldom(clock)
        self._offset: int | None = None

    async def take_waiting(self) -> None:
        """Take in what came while the bot was down, without waiting for more; called before any reply runs.

        Raises ConfigurationError where Telegram does not know the token, DatabaseDamaged.
        """
        await self._take(0)

    async def poll(self) -> None:
        """Take updates in, for ever. Raises as `take_waiting`."""
        while True:
            asked_at = self._clock.now()
            if not await self._take(POLL_S):
                await self._clock.sleep(EMPTY_S - (self._clock.now() - asked_at))

    async def receive(self, raw: object) -> None:
        """Handle one update until it is stored, however long that takes. Raises DatabaseDamaged."""
        try:
            update = Update.model_validate(completed(raw), context={"bot": self._bot})
            log.debug("update id=%s kind=%s", update.update_id, update.event_type)
        except UpdateTypeLookupError:
            return  # of a kind that is newer than aiogram
        except ValidationError as error:
            where = [".".join(str(step) for step in problem["loc"]) for problem in error.errors()[:3]]
            log.warning("update cannot be read id=%s problems=%s", _update_id(raw), where)
            return
        await self._handle(update)

    async def _take(self, poll_s: int) -> bool:
        """Ask for updates until Telegram answers and handle them; tell whether there were new ones.

        The offset of the next call acknowledges what was stored in this one.
        """
        failures = denials = 0
        while True:
            grace = PATIENT_S if failures % PATIENT_EVERY == PATIENT_EVERY - 1 else GRACE_S
            method = GetRawUpdates(offset=self._offset, timeout=poll_s, allowed_updates=ALLOWED_UPDATES)
            try:
                if failures:  # a long poll would leave us in the dark for longer
                    await self._bot(GetMe(), request_timeout=grace)
                batch = await self._bot(method, request_timeout=poll_s + grace)
                break
            except (AiogramError, OSError) as error:
                denials = denials + 1 if _denies_us(error) else 0
                if denials >= DENIALS:
                    token = f"{self._bot.token[:3]}…"
                    raise ConfigurationError("BOT_TOKEN", token, "a token that @BotFather has not revoked") from error
                self._tell(error)
                await self._clock.sleep(_pause(error, failures))
                failures += 1
        if failures:
            log.info("telegram answers again failures=%s", failures)
        for raw in batch:
            await self.receive(raw)
        before = self._offset
        if ids := [update_id for raw in batch if (update_id := _update_id(raw)) is not None]:
            self._offset = max(ids) + 1
        return self._offset != before

    async def _handle(self, update: Update) -> None:
        """Give an update to the handlers; a bug in one of them is told in the chat, and the update counts as taken."""
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except DatabaseDamaged:
            raise
        except Exception:
            log.exception("handler bug update=%s", update.update_id)
            chat_id = update.message.chat.id if update.message else None
            await self._outbox.say(update.update_id, self._apology(update), chat_id=chat_id)

    def _apology(self, update: Update) -> list[Method]:
        context = UserContextMiddleware.resolve_event_context(update)
        words = texts(self._settings.language, context.user.language_code if context.user else None)
        if update.callback_query:
            return [toast(update.callback_query, words.internal)]
        return [letter(update.message.chat.id, words.internal)] if update.message else []

    def _tell(self, error: Exception) -> None:
        """Log why no updates come, once a minute, and what to do."""
        if not self._seldom.due(type(error).__name__):
            return
        if isinstance(error, TelegramConflictError):
            log.error("another program asks for this bot's updates: stop it, or get a new token error=%s", error)
        elif isinstance(error, TelegramNotFound):
            log.error("this is no Bot API server, look at TELEGRAM_API_URL error=%s", error)
        else:
            log.warning("telegram does not answer, trying again error=%s", error)


def _denies_us(error: Exception) -> bool:
    """Tell whether getMe says that there is no such bot; of other calls a gateway may say so, and be wrong."""
    return isinstance(error, TelegramUnauthorizedError | TelegramNotFound) and isinstance(error.method, GetMe)


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, TelegramRetryAfter):
        return float(min(error.retry_after, LONGEST_S))
    if isinstance(error, TelegramConflictError):
        return PAUSES_S[-1]
    return PAUSES_S[min(failures, len(PAUSES_S) - 1)]


def _update_id(raw: object) -> int | None:
    found = raw.get("update_id") if isinstance(raw, dict) else None
    return found if isinstance(found, int) else None
