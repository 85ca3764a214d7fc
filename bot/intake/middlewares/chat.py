"""Chat: what people send comes to its handler with the conversation that it is in."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineQuery,
    Message,
    MessageGenerationStopped,
    TelegramObject,
    User,
)

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch
from bot.intake.elsewhere.offers import person_of
from bot.intake.freshness import Freshness
from bot.intake.middlewares.handler import Handler
from bot.intake.notice import thread_id
from bot.settings import AccessMode, Settings
from bot.storage.chats import Chats
from bot.storage.questions.elsewhere import Elsewhere
from bot.storage.tables import Rule
from bot.texts import texts


class LoadChat(BaseMiddleware):
    """Puts the conversation's row and the texts in its language in the data.

    `asked` is set when an admin of the bot can be written to from now on, and may have to be told who wants to come in.
    """

    def __init__(
        self,
        settings: Settings,
        chats: Chats,
        elsewhere: Elsewhere,
        freshness: Freshness,
        catalog: Catalog,
        asked: asyncio.Event,
    ) -> None:
        self._settings = settings
        self._chats = chats
        self._elsewhere = elsewhere
        self._freshness = freshness
        self._catalog = catalog
        self._asked = asked

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did."""
        if isinstance(event, ChatMemberUpdated):
            data["texts"] = texts(self._settings.language, event.from_user.language_code)
            return await handler(event, data)
        if person := person_of(data["event_update"]):
            return await self._from_elsewhere(handler, event, person, data)
        place = data["pressed"] if isinstance(event, CallbackQuery) else event
        if not isinstance(place, Message | MessageGenerationStopped):
            raise TypeError(f"not in a conversation: {type(event).__name__}")
        who = event.from_user if isinstance(event, Message | CallbackQuery) else None
        language = who.language_code if who else None
        telegram_id = place.chat.id
        thread = thread_id(place) if isinstance(place, Message) else place.message_thread_id
        await self._freshness.refresh(data["batch"])
        known, key = data["batch"].chats, (telegram_id, thread or 0)
        if key not in known:
            await self._begin(key, data["batch"])
        chat = known[key]
        if chat.gone_at is not None or chat.removed_at is not None:  # who writes is there
            await self._chats.set_gone(telegram_id, gone=False)
            chat.gone_at = None
            self._can_be_told([telegram_id], data["batch"])
        data.update(chat=chat, texts=texts(chat.language, self._settings.language, language))
        return await handler(event, data)

    async def _from_elsewhere(self, handler: Handler, event: TelegramObject, person: User, data: dict[str, Any]) -> Any:
        """Put in the row for what a person asks elsewhere; what is only typed needs none."""
        batch: Batch = data["batch"]
        if batch.is_about(person.id):
            await data["settle"]()
        await self._freshness.refresh(batch)
        private = batch.chats.get((person.id, 0))
        data["texts"] = texts(private.language if private else None, self._settings.language, person.language_code)
        if not isinstance(event, InlineQuery):
            data["chat"] = await self._elsewhere.chat(person.id, provider=self._catalog.default)
        return await handler(event, data)

    async def _begin(self, key: tuple[int, int], batch: Batch) -> None:
        """Have a conversation's row made, and with it those of others who write for the first time in this batch."""
        default = self._catalog.default
        new = {each for each in batch.private if (each, 0) not in batch.chats and self._may_write(each, batch)}
        if key[0] in new and not key[1]:
            batch.chats |= await self._chats.begin(sorted(new), provider=default)
            self._can_be_told(new, batch)
        else:
            batch.chats[key] = await self._chats.get(*key, provider=default)
            self._can_be_told(key[:1], batch)

    def _can_be_told(self, people: Iterable[int], batch: Batch) -> None:
        """Have admins among some people told of requests that came before they wrote: nothing could be sent to them."""
        if any(each in self._settings.admins or batch.rules.get(each) is Rule.OWNER for each in people):
            self._asked.set()

    def _may_write(self, person: int, batch: Batch) -> bool:
        rule = batch.rules.get(person)
        if self._settings.access is AccessMode.OPEN:
            return rule is not Rule.DENY
        return rule in (Rule.OWNER, Rule.ALLOW) or person in self._settings.listed
