"""Methods about chats, their members and topics."""

from telegram_playground.api.context import Context
from telegram_playground.errors import bad_request
from telegram_playground.values import Values
from telegram_playground.wire import Json
from telegram_playground.world import membership
from telegram_playground.world.chats import PRESENT, Chat, Topic
from telegram_playground.world.membership import member_json


async def get_chat(context: Context, method: Values) -> Json:
    """Tell about a chat."""
    chat = context.chat(method.chat_id)
    info: Json = {
        **chat.json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    if chat.type != "private":
        info["permissions"] = {"can_send_messages": True}
    if chat.description:
        info["description"] = chat.description
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    if pinned:
        info["pinned_message"] = pinned.json(nested=True)
    return info


async def get_chat_member(context: Context, method: Values) -> Json:
    """Tell what a user is in a chat."""
    chat = context.writable(method.chat_id)
    user = context.world.users.get(method.user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(user, chat.status(user.id))


async def get_chat_administrators(context: Context, method: Values) -> list[Json]:
    """Return the people who administer a group, and the bot itself if it does."""
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member_json(member.user, member.status)
        for member in chat.members.values()
        if member.status in ("creator", "administrator")
        and (not member.user.is_bot or member.user.id == context.bot.id)
    ]


async def get_chat_member_count(context: Context, method: Values) -> int:
    """Return how many are in a chat."""
    chat = context.writable(method.chat_id)
    return sum(member.status in PRESENT for member in chat.members.values())


async def leave_chat(context: Context, method: Values) -> bool:
    """Leave a group."""
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    membership.leave(context.world, chat, context.bot.user, by=context.bot.user)
    return True


async def create_forum_topic(context: Context, method: Values) -> Json:
    """Open a new topic."""
    chat = context.writable(method.chat_id)
    _manages_topics(context, chat)
    topic = membership.add_topic(context.world, chat, method.name, by=context.bot.user)
    return {"message_thread_id": topic.thread_id, "name": topic.name, "icon_color": 0x6FB9F0}


async def edit_forum_topic(context: Context, method: Values) -> bool:
    """Rename a topic."""
    chat, topic = _topic(context, method.chat_id, method.message_thread_id)
    if method.name:
        topic.name = method.name
        content = {"forum_topic_edited": {"name": method.name}}
        context.world.post(chat, context.bot.user, content, thread_id=topic.thread_id)
        context.world.tell_chat(chat)
    return True


async def close_forum_topic(context: Context, method: Values) -> bool:
    """Close a topic."""
    chat, topic = _topic(context, method.chat_id, method.message_thread_id)
    membership.close_topic(context.world, chat, topic, by=context.bot.user, closed=True)
    return True


async def reopen_forum_topic(context: Context, method: Values) -> bool:
    """Open a closed topic again."""
    chat, topic = _topic(context, method.chat_id, method.message_thread_id)
    membership.close_topic(context.world, chat, topic, by=context.bot.user, closed=False)
    return True


async def delete_forum_topic(context: Context, method: Values) -> bool:
    """Take a topic and its messages away."""
    chat, topic = _topic(context, method.chat_id, method.message_thread_id)
    del chat.topics[topic.thread_id]
    for message in [message for message in chat.messages.values() if message.thread_id == topic.thread_id]:
        context.world.delete(message)
    context.world.tell_chat(chat)
    return True


def _topic(context: Context, chat_id: int | str, thread_id: int) -> tuple[Chat, Topic]:
    chat = context.writable(chat_id)
    _manages_topics(context, chat)
    if thread_id not in chat.topics:
        raise bad_request("message thread not found")
    return chat, chat.topics[thread_id]


def _manages_topics(context: Context, chat: Chat) -> None:
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.status(context.bot.id) not in ("administrator", "creator"):
        raise bad_request("not enough rights to manage topics")


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
