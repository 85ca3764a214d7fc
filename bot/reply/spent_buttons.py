"""Spent buttons: those under answers that are no longer the last of their chat are taken away.

Which messages those are is stored with what made them so: a kill forgets none. A chat's go one after the other, when
nothing else needs its budget.
"""

import asyncio
import logging

from aiogram.methods import EditMessageReplyMarkup

from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError
from bot.delivery.wish import Wish, always
from bot.storage.answers.parts import Parts
from bot.storage.signals import Signals, Spent

log = logging.getLogger(__name__)


class SpentButtons:
    """Makes a call for each, while `run` runs."""

    def __init__(self, delivery: Delivery, parts: Parts, signals: Signals) -> None:
        self._delivery = delivery
        self._parts = parts
        self._signals = signals
        self._under_way: set[int] = set()  # chats

    async def run(self) -> None:
        """Take buttons away, for ever; those that a former process left too. Raises DatabaseDamaged."""
        spent: Spent | None = None
        async with asyncio.TaskGroup() as group:
            while True:
                first = [spent] if spent else dict(reversed(await self._parts.spent())).items()
                for telegram_id, message_id in first:
                    if telegram_id not in self._under_way:
                        self._under_way.add(telegram_id)
                        group.create_task(self._strip(telegram_id, message_id))
                spent = await self._signals.spent.get()

    async def _strip(self, telegram_id: int, message_id: int) -> None:
        """Take the buttons of one message away, and have the next one of its chat looked for."""
        without = EditMessageReplyMarkup(chat_id=telegram_id, message_id=message_id)
        try:
            await self._delivery.call(Wish(telegram_id, always(without)), Priority.IDLE)
        except DeliveryError as error:
            log.info("buttons not taken away chat=%s message=%s error=%s", telegram_id, message_id, error)
        has_more = await self._parts.stripped(telegram_id, message_id)
        self._under_way.discard(telegram_id)
        if has_more:
            self._signals.spent.put_nowait(None)
