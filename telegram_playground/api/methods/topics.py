"""Methods about topics of forums."""

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world import membership
from telegram_playground.world.chats import Chat, Topic
from telegram_playground.world.icons import topic_icons

_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)  # core.telegram.org/bots/api#createforumtopic
_MAX_NAME = 128
_NOT_MODIFIED = "TOPIC_NOT_MODIFIED"


async def create_forum_topic(context: Context, method: Values) -> Json:
    """Open a new topic."""
    chat = context.writable(method.chat_id)
    _manages_topics(context, chat)
    name = _name(method.name)
    color = method.icon_color if method.icon_color in _COLORS else _COLORS[0]
    if method.icon_color and method.icon_color not in _COLORS:
        raise bad_request("invalid icon color specified")
    topic = membership.add_topic(context.world, chat, name, by=context.bot.user)
    topic.icon = method.icon_custom_emoji_id or ""
    created: Json = {"message_thread_id": topic.thread_id, "name": topic.name, "icon_color": color}
    return created | ({"icon_custom_emoji_id": topic.icon} if topic.icon else {})


async def edit_forum_topic(context: Context, method: Values) -> bool:
    """Rename a topic, or give it another sign."""
    chat, topic = _topic(context, method)
    changed: Json = {}
    if method.name and method.name.strip() != topic.name:
        changed["name"] = topic.name = _name(method.name)
    if method.icon_custom_emoji_id is not None and method.icon_custom_emoji_id != topic.icon:
        changed["icon_custom_emoji_id"] = topic.icon = method.icon_custom_emoji_id
    if not changed:
        raise bad_request(_NOT_MODIFIED)
    context.world.post(chat, context.bot.user, {"forum_topic_edited": changed}, thread_id=topic.thread_id)
    context.world.tell_chat(chat)
    return True


async def close_forum_topic(context: Context, method: Values) -> bool:
    """Close a topic, or open it again."""
    chat, topic = _topic(context, method)
    closed = method.kind == "closeForumTopic"
    if topic.is_closed == closed:
        raise bad_request(_NOT_MODIFIED)
    membership.close_topic(context.world, chat, topic, by=context.bot.user, closed=closed)
    return True


async def delete_forum_topic(context: Context, method: Values) -> bool:
    """Take a topic and its messages away."""
    chat, topic = _topic(context, method)
    del chat.topics[topic.thread_id]
    for message in [message for message in chat.messages.values() if message.thread_id == topic.thread_id]:
        context.world.delete(message)
    context.world.tell_chat(chat)
    return True


async def edit_general(context: Context, method: Values) -> bool:
    """Rename the General topic."""
    chat = _forum(context, method)
    name = _name(method.name)
    if name == chat.general.name:
        raise bad_request(_NOT_MODIFIED)
    chat.general.name = name
    context.world.post(chat, context.bot.user, {"forum_topic_edited": {"name": name}})
    return True


async def close_general(context: Context, method: Values) -> bool:
    """Close the General topic, or open it again; one that is hidden is shown then."""
    chat = _forum(context, method)
    closed = method.kind == "closeGeneralForumTopic"
    if chat.general.is_closed == closed:
        raise bad_request(_NOT_MODIFIED)
    chat.general.is_closed = closed
    chat.general.is_hidden = chat.general.is_hidden and closed
    context.world.post(chat, context.bot.user, {f"forum_topic_{'closed' if closed else 'reopened'}": {}})
    return True


async def hide_general(context: Context, method: Values) -> bool:
    """Hide the General topic, which closes it, or show it again."""
    chat = _forum(context, method)
    hidden = method.kind == "hideGeneralForumTopic"
    if chat.general.is_hidden == hidden:
        raise bad_request(_NOT_MODIFIED)
    chat.general.is_hidden = hidden
    chat.general.is_closed = hidden or chat.general.is_closed
    context.world.post(chat, context.bot.user, {f"general_forum_topic_{'hidden' if hidden else 'unhidden'}": {}})
    return True


async def unpin_topic(context: Context, method: Values) -> bool:
    """Unpin all messages of a topic, or of the General one."""
    if method.kind == "unpinAllGeneralForumTopicMessages":
        chat, thread_id = _forum(context, method), None
    else:
        chat, topic = _topic(context, method)
        thread_id = topic.thread_id
    messages = chat.messages
    chat.pinned[:] = [pin for pin in chat.pinned if pin not in messages or messages[pin].thread_id != thread_id]
    context.world.tell_chat(chat)
    return True


async def icon_stickers(context: Context, method: Values) -> list[Json]:
    """Return the stickers that may be a topic's sign."""
    return topic_icons()


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _MAX_NAME:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    return name


def _topic(context: Context, method: Values) -> tuple[Chat, Topic]:
    chat = context.writable(method.chat_id)
    _manages_topics(context, chat)
    if method.message_thread_id not in chat.topics:
        raise bad_request("message thread not found")
    return chat, chat.topics[method.message_thread_id]


def _forum(context: Context, method: Values) -> Chat:
    chat = context.writable(method.chat_id)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    _manages_topics(context, chat)
    return chat


def _manages_topics(context: Context, chat: Chat) -> None:
    if chat.type == "private" and context.bot.has_topics_enabled:
        return
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    context.administers(chat, "can_manage_topics", "not enough rights to manage topics")


METHODS = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": close_forum_topic,
    "deleteForumTopic": delete_forum_topic,
    "editGeneralForumTopic": edit_general,
    "closeGeneralForumTopic": close_general,
    "reopenGeneralForumTopic": close_general,
    "hideGeneralForumTopic": hide_general,
    "unhideGeneralForumTopic": hide_general,
    "unpinAllForumTopicMessages": unpin_topic,
    "unpinAllGeneralForumTopicMessages": unpin_topic,
    "getForumTopicIconStickers": icon_stickers,
}
