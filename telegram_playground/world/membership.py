"""Who is in a chat: joining, leaving, blocking, administrators, topics, and the way from a group to a supergroup."""

from telegram_playground.wire import Json
from telegram_playground.world.chats import PRESENT, Chat, Member, Status, Topic
from telegram_playground.world.people import User
from telegram_playground.world.state import World

_RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)


def member_json(user: User, status: Status) -> Json:
    """Return a ChatMember."""
    member: Json = {"user": user.json(), "status": status}
    if status == "administrator":
        member |= {**dict.fromkeys(_RIGHTS, True), "can_be_edited": False, "is_anonymous": False}
    elif status == "creator":
        member["is_anonymous"] = False
    elif status == "kicked":
        member["until_date"] = 0
    return member


def set_status(world: World, chat: Chat, user: User, status: Status, *, by: User) -> None:
    """Change what an account is in a chat; the bots of the chat are told."""
    before = chat.status(user.id)
    if before == status:
        return
    chat.members[user.id] = Member(user, status)
    change = {
        "chat": chat.json(),
        "from": by.json(),
        "date": int(world.clock.wall()),
        "old_chat_member": member_json(user, before),
        "new_chat_member": member_json(user, status),
    }
    for bot in chat.bots.values():
        if bot.id == user.id:
            bot.updates.add("my_chat_member", change)
        elif chat.status(bot.id) == "administrator":
            bot.updates.add("chat_member", change)
    world.tell_chat(chat)
    world.feed.changed(chat.key)


def join(world: World, chat: Chat, user: User, *, by: User) -> None:
    """Add somebody to a group."""
    if chat.has(user.id):
        return
    bot = world.bots.get(user.id)
    if bot:
        chat.bots[bot.id] = bot
        bot.last_message_id = max(bot.last_message_id, 0 if chat.type == "supergroup" else chat.last_message_id)
    set_status(world, chat, user, "member", by=by)
    world.post(chat, by, {"new_chat_members": [user.json()]})


def leave(world: World, chat: Chat, user: User, *, by: User) -> None:
    """Take somebody out of a group: kicked, unless they leave by themselves."""
    if not chat.has(user.id):
        return
    world.post(chat, by, {"left_chat_member": user.json()})
    set_status(world, chat, user, "left" if by is user else "kicked", by=by)


def block(world: World, chat: Chat, *, blocked: bool) -> None:
    """Let the user of a private chat block the bot, or unblock it."""
    for bot in chat.bots.values():
        if chat.user:
            set_status(world, chat, bot.user, "kicked" if blocked else "member", by=chat.user)


def add_topic(world: World, chat: Chat, name: str, *, by: User) -> Topic:
    """Open a topic in a forum, or in a private chat with a bot that has topics; its id is that of its first message."""
    following = chat.last_message_id + 1 if chat.type == "supergroup" else _private_next(chat)
    topic = chat.topics[following] = Topic(following, name)
    world.post(chat, by, {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}}, thread_id=following)
    world.tell_chat(chat)
    return topic


def close_topic(world: World, chat: Chat, topic: Topic, *, by: User, closed: bool) -> None:
    """Close a topic, or open it again."""
    topic.is_closed = closed
    world.post(chat, by, {f"forum_topic_{'closed' if closed else 'reopened'}": {}}, thread_id=topic.thread_id)
    world.tell_chat(chat)


def migrate(world: World, chat: Chat) -> Chat:
    """Turn a basic group into a supergroup: another id, no messages; both chats say so."""
    new = world.add_group(chat.title, members=[], kind="supergroup")
    new.members = {user: Member(member.user, member.status) for user, member in chat.members.items()}
    new.bots = dict(chat.bots)
    creator = next((member.user for member in chat.members.values() if member.status in PRESENT), None)
    if creator:
        world.post(chat, creator, {"migrate_to_chat_id": new.id})
        world.post(new, creator, {"migrate_from_chat_id": chat.id})
    chat.migrated_to = new
    world.tell_chat(chat)
    world.tell_chat(new)
    return new


def _private_next(chat: Chat) -> int:
    return max((bot.last_message_id for bot in chat.bots.values()), default=chat.last_message_id) + 1
