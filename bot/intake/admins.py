"""Admins: who administers a group, asked of Telegram beside intake; handlers read the stored rows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.exceptions import AiogramError
from aiogram.methods import TelegramMethod

from bot.clock import Clock
from bot.storage.access import Accesses

log = logging.getLogger(__name__)

MAX_WANTED = 100
AGE_S = 60.0  # an answer counts for so long


class GetRawAdministrators(TelegramMethod[list[Any]]):
    """getChatAdministrators without reading the rights, of which an older server does not know all."""

    __returning__ = list[Any]
    __api_method__ = "getChatAdministrators"

    chat_id: int


Ask = Callable[[GetRawAdministrators], Awaitable[list[Any]]]


class Admins:
    """Looks up the administrators of groups. `run` must be running."""

    def __init__(self, ask: Ask, accesses: Accesses, clock: Clock) -> None:
        self._ask = ask
        self._accesses = accesses
        self._clock = clock
        self._wanted: asyncio.Queue[int] = asyncio.Queue(MAX_WANTED)
        self._asked_at: dict[int, float] = {}

    def want(self, telegram_id: int) -> None:
        """Look up a group soon, unless that was done within a minute."""
        now = self._clock.now()
        self._asked_at = {chat: at for chat, at in self._asked_at.items() if now - at < AGE_S}
        if telegram_id not in self._asked_at and not self._wanted.full():
            self._asked_at[telegram_id] = now
            self._wanted.put_nowait(telegram_id)

    async def run(self) -> None:
        """Look up what is wanted, for ever. Raises DatabaseDamaged."""
        while True:
            telegram_id = await self._wanted.get()
            try:
                members = await self._ask(GetRawAdministrators(chat_id=telegram_id))
                await self._accesses.set_admins(telegram_id, sorted({int(member["user"]["id"]) for member in members}))
            except (AiogramError, LookupError, TypeError, ValueError) as error:
                self._asked_at.pop(telegram_id, None)
                log.warning("administrators not known chat=%s error=%s", telegram_id, error)
