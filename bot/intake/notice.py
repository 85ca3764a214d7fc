"""Notices: the bot's own short texts as methods to be sent, edited or shown above a button; pure."""

from collections.abc import Sequence
from string import Formatter
from typing import Any, Protocol

from aiogram.methods import (
    AnswerCallbackQuery,
    EditEphemeralMessageText,
    EditMessageText,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, MessageEntity, ReplyParameters
from aiogram.utils.formatting import Code, Text

from bot.intake.message.mention import is_group
from bot.texts import Texts
from bot.texts.plural import Counting

MAX_FIELD = 100  # UTF-16 units; a notice with what a person wrote must fit into one message
MAX_MISTAKE = 1_000  # UTF-16 units, of what the operator wrote
MAX_TOAST = 200  # characters, core.telegram.org/bots/api#answercallbackquery

Method = TelegramMethod[Any]


class Post(Protocol):
    """What takes methods and sends them: Delivery, as far as intake knows it."""

    def post(
        self,
        method: Method,
        *,
        by: int = 0,
        key: int | None = None,
        last: bool = False,
        openly: Method | None = None,
    ) -> None:
        """Call a method some time, without waiting for it; `by`: whom it answers, 0 where nobody there asked for it.

        `key`: where it stands in the outbox until it is carried out. `last`: all others go first, as for strangers.
        `openly`: what is said where only one person was to see it, and cannot.
        """

    def has_room(self, chat_id: int, by: int, also: Sequence[int] = ()) -> bool:
        """Tell whether one notice more may wait in a chat in answer to a person; `also`: whom others answer soon."""


def filled(template: str, **fields: object) -> Text:
    """Fill a template; what is filled in is shown as code: a tap copies an id, and no name becomes a link or a mention.

    It is cut to `MAX_FIELD`; a field that is a `Text` stays as it is, and so does a number that words change with.
    """
    nodes: list[Text | str] = []
    parsed = list(Formatter().parse(template))
    counted = {field for _, field, forms, _ in parsed if forms}
    for literal, field, forms, _ in parsed:
        nodes.append(literal)
        if field is None:
            continue
        value = fields[field]
        if isinstance(template, Counting) and field in counted:
            if not isinstance(value, int):
                raise TypeError(f"not a number: {field}")
            nodes.append(format(template.counted(value), forms or ""))
        else:
            nodes.append(value if isinstance(value, Text) else Code(clipped(str(value), MAX_FIELD)))
    return Text(*nodes)


def misread(mistake: str, texts: Texts) -> Text:
    """Say that the configuration was not read anew, what is wrong in it, and what to do."""
    return filled(texts.misread, mistake=Text(Code(clipped(mistake, MAX_MISTAKE))))


def clipped(text: str, limit_utf16: int) -> str:
    """Cut a text to `limit_utf16` units at the most, with … at the end where something is missing."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * limit_utf16:
        return text
    return units[: 2 * (limit_utf16 - 1)].decode("utf-16-le", errors="ignore") + "…"


def thread_id(message: Message) -> int | None:
    """Return the topic that a message stands in; a reply in a plain group has a thread id too, and is in none."""
    return message.message_thread_id if message.is_topic_message else None


def notice(
    message: Message,
    text: Text | str,
    keyboard: InlineKeyboardMarkup | None = None,
    *,
    reply: bool = False,
    to: int | None = None,
) -> SendMessage:
    """Say something where a message stands; as a reply to it in a group, or where `reply` says so.

    `to`: another message there that it replies to, as far as that is still there. What only one person in a group sees
    is answered in kind: as a reply within 15 s, core.telegram.org/bots/api#ephemeral-messages.
    """
    content, entities = _rendered(text)
    if message.ephemeral_message_id is not None:
        return SendMessage(
            chat_id=message.chat.id,
            message_thread_id=thread_id(message),
            text=content,
            entities=entities,
            reply_markup=keyboard,
            reply_parameters=ReplyParameters(ephemeral_message_id=message.ephemeral_message_id),
        )
    replied = to if to is not None else message.message_id if reply or is_group(message) else None
    return SendMessage(
        chat_id=message.chat.id,
        message_thread_id=thread_id(message),
        text=content,
        entities=entities,
        reply_markup=keyboard,
        reply_parameters=ReplyParameters(message_id=replied, allow_sending_without_reply=True)
        if replied is not None
        else None,
    )


def letter(telegram_id: int, text: Text | str, keyboard: InlineKeyboardMarkup | None = None) -> SendMessage:
    """Say something in a chat where nobody asked."""
    content, entities = _rendered(text)
    return SendMessage(chat_id=telegram_id, text=content, entities=entities, reply_markup=keyboard)


def edit(
    message: Message, text: Text | str, keyboard: InlineKeyboardMarkup | None = None
) -> EditMessageText | EditEphemeralMessageText:
    """Say something else in one of the bot's messages, also in one that only one person in a group sees."""
    content, entities = _rendered(text)
    if message.ephemeral_message_id is not None and message.receiver_user is not None:
        return EditEphemeralMessageText(
            chat_id=message.chat.id,
            receiver_user_id=message.receiver_user.id,
            ephemeral_message_id=message.ephemeral_message_id,
            text=content,
            entities=entities,
            reply_markup=keyboard,
        )
    return EditMessageText(
        chat_id=message.chat.id,
        message_id=message.message_id,
        text=content,
        entities=entities,
        reply_markup=keyboard,
    )


def toast(query: CallbackQuery, text: str | None = None) -> AnswerCallbackQuery:
    """Answer the press of a button, with or without words."""
    return AnswerCallbackQuery(callback_query_id=query.id, text=text and text[:MAX_TOAST])


def _rendered(text: Text | str) -> tuple[str, list[MessageEntity] | None]:
    content, entities = Text(text).render()
    return content, entities or None
