"""Poll: updates come by Telegram's long polling; what is acknowledged is stored before."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteWebhook, GetMe, TelegramMethod

from bot.clock import Clock, Seldom
from bot.intake.updates.reading import update_id
from bot.settings import ConfigurationError
from bot.tally import Tally

log = logging.getLogger(__name__)

ALLOWED_UPDATES = [
    *("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"),
    *("inline_query", "chosen_inline_result", "guest_message"),
]
POLL_S = 5  # a connection that died silently is noticed so much later, and an outage is to be over 5 s after its end
AT_ONCE = 100  # updates that Telegram gives, core.telegram.org/bots/api#getupdates
WAITING_S = 5.0  # so long what came while the bot was down is taken in before the first reply
GRACE_S = 4  # for the answer to come back
PAUSES_S = (0.3, 0.6, 1.0)  # between failures; the last one repeats
PATIENT_EVERY = 20  # one probe in so many may take as long as it likes, for lines that are slower than GRACE_S
PATIENT_S = 30
DENIALS = 3  # of getMe in a row: then the token is revoked, and no gateway has said so by chance
LONGEST_S = 3600.0  # a longer pause is asked about once an hour
EMPTY_S = 0.5  # between answers without news, contract: at most twice a second

Receive = Callable[..., Awaitable[None]]  # handles some updates, and returns when they are stored


class GetRawUpdates(TelegramMethod[Any]):
    """getUpdates without reading the updates: one that cannot be read must not hold up the others."""

    __returning__ = Any
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class NoUpdates(Exception):
    """What came as updates is no list of them."""


class Poll:
    """Asks for updates, and has them handled in their order."""

    def __init__(self, bot: Bot, tally: Tally, clock: Clock) -> None:
        self._bot = bot
        self._tally = tally
        self._clock = clock
        self._seldom = Seldom(clock)
        self._offset: int | None = None

    async def take_waiting(self, receive: Receive) -> None:
        """Take in what came while the bot was down, without waiting for more; called before any reply runs.

        Where more waits than Telegram gives at once, the rest too, up to a limit: what is not seen has ids that a send
        without an answer is looked for among. Raises ConfigurationError where Telegram does not know the token,
        DatabaseDamaged.
        """
        begun = self._clock.now()
        while await self._take(0, receive) >= AT_ONCE and self._clock.now() - begun < WAITING_S:
            pass

    async def run(self, receive: Receive) -> None:
        """Take updates in, for ever. Raises as `take_waiting`."""
        while True:
            asked_at = self._clock.now()
            if not await self._take(POLL_S, receive):
                await self._clock.sleep(EMPTY_S - (self._clock.now() - asked_at))

    async def _take(self, poll_s: int, receive: Receive) -> int:
        """Ask for updates until Telegram answers and handle them; return how many came, 0 if there was no new one.

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
                if not isinstance(batch, list):
                    raise NoUpdates(f"no list of updates but {type(batch).__name__}")
                break
            except (AiogramError, OSError, NoUpdates) as error:
                denials = denials + 1 if _denies_us(error) else 0
                if denials >= DENIALS:
                    token = f"{self._bot.token[:3]}…"
                    raise ConfigurationError("BOT_TOKEN", token, "a token that @BotFather has not revoked") from error
                if _is_hooked(error):
                    await self._unhook()
                else:
                    self._tell(error)
                await self._clock.sleep(_pause(error, failures))
                failures += 1
        if failures:
            log.info("telegram answers again failures=%s", failures)
        await receive(*batch)
        self._tally.came("polling", len(batch))
        before = self._offset
        if ids := [known for raw in batch if (known := update_id(raw)) is not None]:
            self._offset = max(ids) + 1
        return len(batch) if self._offset != before else 0

    async def _unhook(self) -> None:
        """Remove a webhook that somebody has set while we poll; what waits there comes to us."""
        self._tally.hooked_at = self._clock.now()
        if self._seldom.due("hooked"):
            log.warning("somebody has set a webhook for this bot, it is removed: to use one, set WEBHOOK_URL")
        try:
            await self._bot(DeleteWebhook(drop_pending_updates=False), request_timeout=GRACE_S)
        except (AiogramError, OSError) as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Log why no updates come, once a minute, and what to do."""
        if not self._seldom.due(type(error).__name__):
            return
        if isinstance(error, TelegramConflictError):
            log.error("another program asks for this bot's updates: stop it, or get a new token error=%s", error)
        elif isinstance(error, TelegramNotFound):
            log.error("this is no Bot API server, look at TELEGRAM_API_URL error=%s", error)
        elif isinstance(error, TelegramUnauthorizedError):
            log.warning("telegram does not know the token, asking again error=%s", error)
        else:
            log.warning("telegram does not answer, trying again error=%s", " ".join(str(error).split()))


def _denies_us(error: Exception) -> bool:
    """Tell whether getMe says that there is no such bot; of other calls a gateway may say so, and be wrong."""
    return isinstance(error, TelegramUnauthorizedError | TelegramNotFound) and isinstance(error.method, GetMe)


def _is_hooked(error: Exception) -> bool:
    """Tell whether updates go to a webhook, and not to another program that polls."""
    return isinstance(error, TelegramConflictError) and "webhook" in error.message.casefold()


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, TelegramRetryAfter):
        return float(min(error.retry_after, LONGEST_S))
    if isinstance(error, TelegramConflictError):
        return PAUSES_S[-1]
    return PAUSES_S[min(failures, len(PAUSES_S) - 1)]
