"""Posting: what the handlers return for an update is stored and posted with its batch."""

import json
from typing import Any, Protocol

from aiogram import BaseMiddleware
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, ChatMemberUpdated, ChosenInlineResult, Message, TelegramObject, Update, User
from aiogram.utils.formatting import TextMention

from bot.intake.batch import Asked, Batch, Changed, Denied, Entry, Limited, Outcome, Pending, Refused, chat_of
from bot.intake.denials import Denials
from bot.intake.message.mention import is_group
from bot.intake.middlewares.handler import Handler
from bot.intake.notice import Method, filled, letter, notice, thread_id, toast
from bot.settings import Settings
from bot.storage.overheard import Heard
from bot.storage.questions.taking import Hold
from bot.texts import Texts, texts

OF_PERSONS = (Message, CallbackQuery, ChatMemberUpdated, ChosenInlineResult)


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

    def __init__(self, seen: Ids, denials: Denials) -> None:
        self._seen = seen
        self._denials = denials

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> None:
        """Handle one update."""
        if not isinstance(event, Update):
            raise TypeError(f"not an update: {type(event).__name__}")
        for message in (event.message, event.edited_message):  # not of a press: that one may be the bot's lost part
            if message is not None and message.message_id:
                self._seen.met(message.chat.id, message.message_id)
        outcome = _outcome(self._as_news(event, await handler(event, data)), data["content"])
        if isinstance(outcome, Asked) and event.message:
            self._seen.stored(event.message.chat.id, event.message.message_id)
        if isinstance(outcome, Changed):
            data["batch"].apply(outcome.change)
        if outcome:
            data["batch"].entries.append(_entry(event, outcome, data["batch"], data["settings"]))

    def _as_news(self, update: Update, returned: object) -> object:
        """Return what a handler has returned, without a refusal that its person was told a moment ago."""
        message = update.message
        if message is None or message.from_user is None:
            return returned.method if isinstance(returned, Denied) else returned
        whose = message.chat.id, message.from_user.id
        if isinstance(returned, Denied):
            said = message.text or message.caption or ""
            is_news = not is_group(message) or self._denials.are_news(*whose, said, returned.method.text)
            return returned.method if is_news else None
        if returned:
            self._denials.forget(*whose)
        return returned


def _entry(update: Update, outcome: Outcome, batch: Batch, settings: Settings) -> Entry:
    """Return what an update came to, with what is said where its answer finds no room, or cannot be said unseen."""
    person = update.event.from_user if isinstance(update.event, OF_PERSONS) else None
    chat_id, by = chat_of(update), person.id if person else 0
    named = batch.names.get(by)
    place = update.message or (update.callback_query.message if update.callback_query else None)
    if not isinstance(place, Message) or chat_id is None:
        return Entry(update.update_id, outcome, chat_id, by, name=named)
    row = batch.chats.get((chat_id, thread_id(place) or 0))
    words = texts(row.language if row else None, settings.language, person.language_code if person else None)
    query = update.callback_query
    too_much = toast(query, words.too_much) if query else notice(place, words.too_much, reply=True)
    openly = _openly(place, person, words) if place.ephemeral_message_id is not None and person else None
    return Entry(update.update_id, outcome, chat_id, by, too_much, openly, named)


def _openly(place: Message, person: User, words: Texts) -> Method:
    """Tell a person, where others read it too, that an answer for nobody else did not get through: nothing of it."""
    name = TextMention(person.full_name, user=person)
    return letter(place.chat.id, filled(words.not_unseen, person=name)).model_copy(
        update={"message_thread_id": thread_id(place)}
    )


def _outcome(returned: object, content: dict[str, Any]) -> Outcome | None:
    if isinstance(returned, Asked | Changed | Refused | Limited | Heard):
        return returned
    if isinstance(returned, Pending):
        return Hold(returned.telegram_id, json.dumps(content))
    methods = returned if isinstance(returned, list | tuple) else [returned]
    return tuple(method for method in methods if isinstance(method, TelegramMethod)) or None
