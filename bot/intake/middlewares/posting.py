"""Posting: what the handlers return for an update is stored and posted with its batch."""

import json
from typing import Any, Protocol

from aiogram import BaseMiddleware
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update

from bot.intake.batch import Asked, Changed, Entry, Limited, Outcome, Pending, Refused, chat_of
from bot.intake.middlewares.handler import Handler
from bot.intake.notice import notice
from bot.settings import Settings
from bot.storage.overheard import Heard
from bot.storage.questions.taking import Hold
from bot.texts import texts


class Ids(Protocol):
    """Who remembers which message ids are in use."""

    def met(self, chat_id: int, message_id: int) -> None:
        """Note the id of a message that an update has shown."""

    def stored(self, chat_id: int, message_id: int) -> None:
        """Take word that one of them is stored elsewhere, as a question's."""


class PostReturned(BaseMiddleware):
    """Puts what the handlers return into the batch, to be stored and posted with it.

    Outermost: it also tells `seen` of every message of others, meant for the bot or not.
    """

    def __init__(self, seen: Ids) -> None:
        self._seen = seen

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> None:
        """Handle one update."""
        if not isinstance(event, Update):
            raise TypeError(f"not an update: {type(event).__name__}")
        for message in (event.message, event.edited_message):  # not of a press: that one may be the bot's lost part
            if message is not None and message.message_id:
                self._seen.met(message.chat.id, message.message_id)
        outcome = _outcome(await handler(event, data), data["content"])
        if isinstance(outcome, Asked) and event.message:
            self._seen.stored(event.message.chat.id, event.message.message_id)
        if isinstance(outcome, Changed):
            data["batch"].apply(outcome.change)
        if outcome:
            data["batch"].entries.append(_entry(event, outcome, data["settings"]))


def _entry(update: Update, outcome: Outcome, settings: Settings) -> Entry:
    """Return what an update came to; for a message, with what is said where its answer finds no room."""
    person = update.event.from_user if isinstance(update.event, Message | CallbackQuery | ChatMemberUpdated) else None
    too_much = None
    if update.message:
        words = texts(settings.language, person.language_code if person else None)
        too_much = notice(update.message, words.too_much, reply=True)
    return Entry(update.update_id, outcome, chat_of(update), person.id if person else 0, too_much)


def _outcome(returned: object, content: dict[str, Any]) -> Outcome | None:
    if isinstance(returned, Asked | Changed | Refused | Limited | Heard):
        return returned
    if isinstance(returned, Pending):
        return Hold(returned.telegram_id, json.dumps(content))
    methods = returned if isinstance(returned, list | tuple) else [returned]
    return tuple(method for method in methods if isinstance(method, TelegramMethod)) or None
