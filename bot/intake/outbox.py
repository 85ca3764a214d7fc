"""Outbox: what is said about an update is stored before it is sent, and sent again after a crash.

At least once: who is killed right between Telegram's answer and taking the notice out says it twice.
"""

import logging
from collections.abc import Sequence

from aiogram.methods import DeleteMessage, EditMessageText, SendMessage
from pydantic import ValidationError

from bot.intake.notice import Method, Post
from bot.storage.notices import Notices, Packed
from bot.storage.updates import Updates

log = logging.getLogger(__name__)

KEPT = {method.__api_method__: method for method in (SendMessage, EditMessageText, DeleteMessage)}


class Outbox:
    """Posts what is said about updates."""

    def __init__(self, delivery: Post, updates: Updates, notices: Notices) -> None:
        self._delivery = delivery
        self._updates = updates
        self._notices = notices

    async def say(self, update_id: int, methods: Sequence[Method], *, chat_id: int | None = None) -> None:
        """Take an update and post what is said about it; `chat_id`: where that was asked for.

        Answers to presses and command menus are not kept: those expire in seconds, these are registered at each start.
        """
        kept = [_packed(method) for method in methods if method.__api_method__ in KEPT]
        keys = iter(await self._updates.take(update_id, kept))
        for method in methods:
            place = getattr(method, "chat_id", None)
            key = next(keys) if method.__api_method__ in KEPT else None
            self._delivery.post(method, unasked=place is not None and place != chat_id, key=key)

    async def recall(self) -> None:
        """Post what a former process left."""
        waiting = await self._notices.waiting()
        if waiting:
            log.info("notices posted again count=%s", len(waiting))
        for key, packed in waiting.items():
            try:
                method = KEPT[packed.method].model_validate_json(packed.body)
            except (KeyError, ValidationError):
                log.warning("notice cannot be read key=%s method=%s", key, packed.method)
                await self._notices.drop(key)
            else:
                self._delivery.post(method, unasked=True, key=key)


def _packed(method: Method) -> Packed:
    return Packed(method.__api_method__, method.model_dump_json(exclude_unset=True))
