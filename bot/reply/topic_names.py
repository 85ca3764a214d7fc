"""Topic names: gives a topic of a private chat that nobody named the title of its conversation.

What is to be named stands in the rows, so a kill forgets none; named twice it is called the same. A call each, when
nothing else needs the chat's budget.
"""

import asyncio
import logging

from aiogram.methods import EditForumTopic

from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError
from bot.delivery.wish import Wish, always
from bot.storage.conversations.topics import Topics, Unnamed
from bot.storage.signals import Signals

log = logging.getLogger(__name__)

MAX_NAME = 128  # characters, core.telegram.org/bots/api#editforumtopic


class Naming:
    """Makes a call for each, while `run` runs."""

    def __init__(self, delivery: Delivery, topics: Topics, signals: Signals) -> None:
        self._delivery = delivery
        self._topics = topics
        self._signals = signals
        self._under_way: set[int] = set()  # topics, by our own id

    async def run(self) -> None:
        """Name topics, for ever; those that a former process left too. Raises DatabaseDamaged."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._signals.titles.clear()
                for topic in await self._topics.unnamed():
                    if topic.chat_id not in self._under_way:
                        self._under_way.add(topic.chat_id)
                        group.create_task(self._name(topic))
                await self._signals.titles.wait()

    async def _name(self, topic: Unnamed) -> None:
        """Name one; a refusal, as of a server that does not know the method, is not asked about again."""
        name = topic.title[:MAX_NAME]
        call = EditForumTopic(chat_id=topic.telegram_id, message_thread_id=topic.thread_id, name=name)
        try:
            await self._delivery.call(Wish(topic.telegram_id, always(call)), Priority.IDLE)
        except DeliveryError as error:
            log.info("topic not named chat=%s topic=%s error=%s", topic.telegram_id, topic.thread_id, error)
        await self._topics.named(topic.chat_id, topic.title)
        self._under_way.discard(topic.chat_id)
        self._signals.titles.set()
