"""The Bot API server, asked who we are where a failed call leaves open whether it is itself, or knows us at all."""

import asyncio
import math

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetMe

from bot.clock import Clock
from bot.delivery.refusal import lacks_method
from bot.settings import ConfigurationError

ASK_S = 3
FRESH_S = 1.0  # so long an answer counts
DENIALS = 3  # in a row: a gateway too may say once that it knows nobody


class Server:
    """Asks getMe, which every server has and which costs no budget; calls that fail together share one answer."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._asking = asyncio.Lock()
        self._asked_at = -math.inf
        self._answered = False
        self._denials = 0

    @property
    def denial(self) -> ConfigurationError | None:
        """Return the error where the token is revoked: getMe has said so again and again."""
        if self._denials < DENIALS:
            return None
        return ConfigurationError("BOT_TOKEN", f"{self._bot.id}:…", "a token that @BotFather has not revoked")

    async def is_itself(self) -> bool:
        """Tell whether getMe is answered now."""
        async with self._asking:
            if self._clock.now() >= self._asked_at + FRESH_S:
                self._answered = await self._ask()
                self._asked_at = self._clock.now()
            return self._answered

    async def _ask(self) -> bool:
        try:
            await self._bot(GetMe(), request_timeout=ASK_S)
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            self._denials += not lacks_method(error)
            return False
        except (TelegramAPIError, ClientDecodeError):
            self._denials = 0
            return False
        self._denials = 0
        return True
