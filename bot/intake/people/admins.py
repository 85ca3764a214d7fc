"""Admins: who administers a group, asked of Telegram beside intake; handlers read the stored rows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.exceptions import AiogramError
from aiogram.methods import TelegramMethod

from bot.clock import Clock
from bot.storage.people.access import Accesses

log = logging.getLogger(__name__)

ASK_S = 5.0  # who waits for an answer is told after that
AT_ONCE = 8


class GetRawAdministrators(TelegramMethod[list[Any]]):
    """getChatAdministrators without reading the rights, of which an older server does not know all."""

    __returning__ = list[Any]
    __api_method__ = "getChatAdministrators"

    chat_id: int


Ask = Callable[[GetRawAdministrators], Awaitable[list[Any]]]
Answered = Callable[[int | None], Awaitable[None]]


class Admins:
    """Looks up the administrators of groups. `run` must be running."""

    def __init__(self, ask: Ask, accesses: Accesses, clock: Clock) -> None:
        self._ask = ask
        self._accesses = accesses
        self._clock = clock
        self._wanted: asyncio.Queue[int] = asyncio.Queue()
        self._waiting: set[int] = set()  # in the queue, or asked about

    def want(self, telegram_id: int) -> None:
        """Look up a group soon; what was put aside for it is handled when that is done."""
        if telegram_id not in self._waiting:
            self._waiting.add(telegram_id)
            self._wanted.put_nowait(telegram_id)

    async def run(self, answered: Answered) -> None:
        """Look up what is wanted, for ever, and tell `answered` of each group. Raises DatabaseDamaged."""
        await answered(None)  # what a former process put aside
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._look_up(answered))

    async def _look_up(self, answered: Answered) -> None:
        while True:
            telegram_id = await self._wanted.get()
            await self.look_up(telegram_id)
            self._waiting.discard(telegram_id)  # not before: what is put aside meanwhile is taken up with the rest
            await answered(telegram_id)

    async def look_up(self, telegram_id: int) -> None:
        """Ask who administers a group and store it; where there is no answer, what was known stays."""
        try:
            async with asyncio.timeout(ASK_S):
                members = await self._ask(GetRawAdministrators(chat_id=telegram_id))
            ids = sorted({int(member["user"]["id"]) for member in members})
        except (AiogramError, LookupError, TypeError, ValueError, TimeoutError) as error:
            log.warning("administrators not known chat=%s error=%s", telegram_id, type(error).__name__)
            return
        await self._accesses.set_admins(telegram_id, ids)
