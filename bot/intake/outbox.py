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
        self._told: set[tuple[int, int]] = set()  # chats and persons that were told that they ask too much

    async def say(
        self,
        update_id: int,
        methods: Sequence[Method],
        *,
        chat_id: int | None = None,
        by: int = 0,
        too_much: SendMessage | None = None,
    ) -> None:
        """Take an update and post what is said about it; `chat_id`: where that was asked for, `by`: who asked.

        Where too much waits already, `too_much` is said once in place of all further answers, until there is room.
        Answers to presses and command menus are not kept: those expire in seconds, these are registered at each start.
        """
        if too_much is not None and chat_id is not None:
            methods = self._as_there_is_room(methods, chat_id, by, too_much)
        kept = [_packed(method) for method in methods if method.__api_method__ in KEPT]
        keys = iter(await self._updates.take(update_id, kept))
        for method in methods:
            is_asked = getattr(method, "chat_id", None) == chat_id
            key = next(keys) if method.__api_method__ in KEPT else None
            self._delivery.post(method, by=(by or chat_id or 0) if is_asked else 0, key=key)

    async def recall(self) -> None:
        """Post what a former process left, however old: somebody waits for it, or has to know it."""
        count = last = 0
        while waiting := await self._notices.waiting(last):
            for last, packed in waiting.items():
                try:
                    method = KEPT[packed.method].model_validate_json(packed.body)
                except (KeyError, ValidationError):
                    log.warning("notice cannot be read key=%s method=%s", last, packed.method)
                    await self._notices.drop(last)
                else:
                    self._delivery.post(method, key=last)
                    count += 1
        if count:
            log.info("notices posted again count=%s", count)

    def _as_there_is_room(
        self, methods: Sequence[Method], chat_id: int, by: int, too_much: SendMessage
    ) -> Sequence[Method]:
        """Return what is to be said where a person has asked, as far as it may wait."""
        asked = [method for method in methods if isinstance(method, SendMessage) and method.chat_id == chat_id]
        if not asked:
            return methods
        if self._delivery.has_room(chat_id, by):
            self._told.discard((chat_id, by))
            return methods
        log.info("too much asked at once chat=%s user=%s", chat_id, by)
        others = [method for method in methods if method not in asked]
        if (chat_id, by) in self._told:
            return others
        self._told.add((chat_id, by))
        return [*others, too_much]


def _packed(method: Method) -> Packed:
    return Packed(method.__api_method__, method.model_dump_json(exclude_unset=True))
