"""Confessed: what a process did at Telegram after this one had taken its bot over, made good.

It was stopped between its last look at the clock and the call, or the call took longer than its lease. So a part that
was opened anew meanwhile may stand twice, and an older text over a newer one. The message ids come by the database.
"""

import asyncio
import logging
from typing import Protocol

from aiogram.methods import DeleteMessage

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError
from bot.delivery.wish import Call, Wish
from bot.storage.answers.parts import Parts
from bot.storage.ownership.members import LateCall

log = logging.getLogger(__name__)

SEND = "send"  # begins the methods that make a message
LOOK_S = 2.0  # while a lost part is searched for in the chat
LATE_S = 12.0  # as if the edit had been made so long ago: `late.py` shows the part once more at once


class LateCalls(Protocol):
    """What is confessed of the bot, and not mended."""

    async def confessed(self) -> dict[int, LateCall]:
        """Return it by its keys, oldest first."""

    async def mended(self, key: int) -> None:
        """Forget one call."""


class Confessed:
    """Mends what is confessed, while `run` runs."""

    def __init__(
        self, delivery: Delivery, parts: Parts, late_calls: LateCalls, come: asyncio.Event, clock: Clock
    ) -> None:
        self._delivery = delivery
        self._parts = parts
        self._late_calls = late_calls
        self._come = come
        self._clock = clock
        self._under_way: set[int] = set()  # keys of late calls

    async def run(self) -> None:
        """Mend, for ever. Raises DatabaseDamaged, Fenced."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._come.clear()
                for key, call in (await self._late_calls.confessed()).items():
                    if key not in self._under_way:
                        self._under_way.add(key)
                        group.create_task(self._mend(key, call))
                await self._come.wait()

    async def _mend(self, key: int, call: LateCall) -> None:
        """Make one good, however long its chat has to wait."""
        if call.method.startswith(SEND):
            await self._sent(call)
        else:
            await self._parts.unanswered(call.chat_id, call.message_id, ago_s=LATE_S)
        await self._late_calls.mended(key)
        self._under_way.discard(key)
        what = call.method, call.chat_id, call.message_id
        log.info("late call of another process mended method=%s chat=%s message=%s", *what)

    async def _sent(self, call: LateCall) -> None:
        """Take a message away that shows nothing any more."""
        self._delivery.seen.note(call.chat_id, call.message_id)
        while (is_ours := await self._is_shown(call)) is None:
            await self._clock.sleep(LOOK_S)
        if not is_ours:
            await self._take_away(call)

    async def _is_shown(self, call: LateCall) -> bool | None:
        """Tell whether a message shows a part; None while a lost part is searched for, which it may be."""
        if await self._parts.shown(call.chat_id, call.message_id):
            return True
        return None if await self._parts.lost(call.chat_id) else False

    async def _take_away(self, call: LateCall) -> None:
        async def make() -> Call | None:
            if await self._is_shown(call):
                return None
            return Call(DeleteMessage(chat_id=call.chat_id, message_id=call.message_id))

        try:
            await self._delivery.call(Wish(call.chat_id, make), Priority.OPEN)
        except DeliveryError as error:
            log.info("late message not taken away chat=%s message=%s error=%s", call.chat_id, call.message_id, error)
