"""Who sees a message, and which bots of a group are told of it; pure.

core.telegram.org/bots/features#privacy-mode; that a plain @mention is not delivered: telegraf#545, nanobot#449.
"""

from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.members import ADMINS
from telegram_playground.world.people import Bot, User

_SERVICE = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "group_chat_created",
        "supergroup_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "forum_topic_created",
        "forum_topic_closed",
        "forum_topic_reopened",
        "forum_topic_edited",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "new_chat_photo",
        "delete_chat_photo",
        "successful_payment",
        "refunded_payment",
        "web_app_data",
        "users_shared",
        "chat_shared",
    }
)


def sees(user: User, message: Message) -> bool:
    """Tell whether somebody in the chat sees a message: all do, but one that is to one account alone."""
    return message.to is None or user.id in (message.to.id, message.sender.id)


def hears(bot: Bot, message: Message) -> bool:
    """Tell whether a bot that is in the chat gets this message."""
    chat = message.chat
    if message.to is not None:
        return message.to.id == bot.id
    if chat.type == "channel":
        return chat.status(bot.id) in ADMINS and message.sender.id != bot.id
    if message.sender.id == bot.id or (message.sender.is_bot and not is_service(message)):
        return False
    if chat.type == "private" or is_service(message):
        return True
    if bot.can_read_all_group_messages or chat.status(bot.id) in ("administrator", "creator"):
        return True
    return _replies_to(bot, message) or _commands(bot, message) or message.extra.get("via_bot", {}).get("id") == bot.id


def is_service(message: Message) -> bool:
    """Tell whether a message is about the chat itself."""
    return not _SERVICE.isdisjoint(message.content)


def _replies_to(bot: Bot, message: Message) -> bool:
    replied = message.chat.messages.get(message.reply_to) if message.reply_to is not None else None
    return replied is not None and replied.sender.id == bot.id


def _commands(bot: Bot, message: Message) -> bool:
    """Tell whether there is a command for this bot: one that names it, or a bare one where no other bot wrote last."""
    text = message.content.get("text") or message.content.get("caption") or ""
    entities = message.content.get("entities") or message.content.get("caption_entities") or ()
    for entity in entities:
        if entity["type"] != "bot_command":
            continue
        _, named, name = _part(text, entity["offset"], entity["length"]).partition("@")
        if name.lower() == bot.user.username.lower() if named else _bare_command_is_for(bot, message.chat):
            return True
    return False


def _bare_command_is_for(bot: Bot, chat: Chat) -> bool:
    return chat.last_writer in (0, bot.id) or chat.last_writer not in chat.bots


def _part(text: str, offset: int, length: int) -> str:
    """Cut out of a text by UTF-16 code units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")
