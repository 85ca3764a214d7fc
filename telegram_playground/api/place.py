"""Where in a chat a message goes: topic, replied message, quote."""

from dataclasses import dataclass

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import parse
from telegram_playground.text.spans import utf16_length
from telegram_playground.world.chats import Chat

_GENERAL_TOPIC = 1
_MAX_QUOTE = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    thread_id: int | None = None
    reply_to: int | None = None
    quote: Json | None = None


def placed(context: Context, chat: Chat, method: Values) -> Place:
    """Return the place that a send method asks for; raises ApiError where topic or replied message is missing."""
    thread_id = topic_of(chat, getattr(method, "message_thread_id", None))
    if thread_id and chat.topics[thread_id].is_closed and chat.status(context.bot.id) != "administrator":
        raise bad_request("TOPIC_CLOSED")
    reply = getattr(method, "reply_parameters", None)
    message_id = reply.message_id if reply else getattr(method, "reply_to_message_id", None)
    if not message_id:
        return Place(thread_id)
    elsewhere = reply is not None and reply.chat_id not in (None, chat.id, str(chat.id))
    replied = None if elsewhere else chat.told(message_id)
    if replied is None:
        lenient = getattr(reply or method, "allow_sending_without_reply", None)
        if lenient is True and not elsewhere:
            return Place(thread_id)
        raise bad_request("message to be replied not found")
    if thread_id is None:
        thread_id = replied.thread_id
    return Place(thread_id, replied.message_id, _quote(context, reply, replied.words()))


def topic_of(chat: Chat, thread_id: int | None) -> int | None:
    """Return the topic that a message_thread_id means; None outside of forums, where it is ignored."""
    has_topics = chat.is_forum or chat.topics or any(bot.has_topics_enabled for bot in chat.bots.values() if chat.user)
    if not thread_id or not has_topics:
        return None
    if (chat.is_forum and thread_id == _GENERAL_TOPIC) or thread_id not in chat.topics:
        raise bad_request("message thread not found")
    return thread_id


def _quote(context: Context, reply: Values | None, text: str) -> Json | None:
    if reply is None or not reply.quote:
        return None
    quote = context.settled(parse(reply.quote, reply.quote_parse_mode, reply.quote_entities))
    if utf16_length(quote.text) > _MAX_QUOTE or quote.text not in text:
        raise bad_request("QUOTE_TEXT_INVALID")
    position = utf16_length(text[: text.index(quote.text)])
    return {**quote.content(), "position": position, "is_manual": True}
