"""Who is in a chat: joining, leaving, blocking, administrators, topics, and the way from a group to a supergroup."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, Topic
from telegram_playground.world.invites import Invite
from telegram_playground.world.members import ADMINS, PERMISSIONS, PRESENT, Member, Status
from telegram_playground.world.people import User
from telegram_playground.world.state import World

RIGHTS = (  # core.telegram.org/bots/api#chatadministratorrights
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
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
_IN_GROUPS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")


def rights_in(*, channel: bool) -> tuple[str, ...]:
    """Return the names of the rights that administrators of a channel, or of a group, can have."""
    if not channel:
        return RIGHTS
    return tuple(name for name in (*RIGHTS, *CHANNEL_RIGHTS) if name not in _IN_GROUPS)


def member_json(chat: Chat, user: User, member: Member | None = None) -> Json:
    """Return a ChatMember."""
    member = member or chat.members.get(user.id) or Member(user, "left")
    status = member.status
    shown: Json = {"user": user.json(), "status": status}
    if status == "administrator":
        shown |= {name: member.may(name) for name in rights_in(channel=chat.type == "channel")}
        shown |= {"can_be_edited": False, "is_anonymous": bool((member.rights or {}).get("is_anonymous"))}
    elif status == "creator":
        shown["is_anonymous"] = False
    elif status == "kicked":
        shown["until_date"] = member.until
    elif status == "restricted":
        shown |= {name: bool((member.permissions or {}).get(name)) for name in PERMISSIONS}
        shown |= {"is_member": True, "until_date": member.until}
    if member.title and status in ADMINS:
        shown["custom_title"] = member.title
    if member.tag and status in ("member", "restricted"):
        shown["tag"] = member.tag
    return shown


def set_status(world: World, chat: Chat, user: User, status: Status, *, by: User) -> None:
    """Change what an account is in a chat; the bots of the chat are told."""
    if chat.status(user.id) != status:
        set_member(world, chat, Member(user, status), by=by)


def set_member(world: World, chat: Chat, member: Member, *, by: User, invite: Invite | None = None) -> None:
    """Put another membership in the place of the present one; the bots of the chat are told."""
    user = member.user
    before = member_json(chat, user)
    chat.members[user.id] = member
    change: Json = {
        "chat": chat.json(),
        "from": by.json(),
        "date": int(world.clock.wall()),
        "old_chat_member": before,
        "new_chat_member": member_json(chat, user),
    }
    if invite:
        change["invite_link"] = invite.json()
    for bot in chat.bots.values():
        if bot.id == user.id:
            bot.updates.add("my_chat_member", change)
        elif chat.status(bot.id) == "administrator":
            bot.updates.add("chat_member", change)
    if member.until:
        world.tasks.start(lift(world, chat, member))
    world.tell_chat(chat)
    world.feed.changed(chat.key)


async def lift(world: World, chat: Chat, member: Member) -> None:
    """End a ban or a restriction when its time is over; nobody is told, as at Telegram."""
    await world.clock.sleep(max(member.until - world.clock.wall(), 0))
    if chat.members.get(member.user.id) is member:
        chat.members[member.user.id] = Member(member.user, "left" if member.status == "kicked" else "member")
        world.tell_chat(chat)


def join(world: World, chat: Chat, user: User, *, by: User, invite: Invite | None = None) -> None:
    """Add somebody to a group or channel."""
    if chat.has(user.id):
        return
    bot = world.bots.get(user.id)
    if bot:
        chat.bots[bot.id] = bot
        counted = chat.type in ("supergroup", "channel")
        bot.last_message_id = max(bot.last_message_id, 0 if counted else chat.last_message_id)
    set_member(world, chat, Member(user, "member"), by=by, invite=invite)
    if chat.type != "channel":
        world.post(chat, by, {"new_chat_members": [user.json()]})


def leave(world: World, chat: Chat, user: User, *, by: User, until: int = 0, banned: bool = True) -> None:
    """Take somebody out of a group or channel: kicked, unless they leave by themselves or may come again."""
    if not chat.has(user.id):
        return
    if chat.type != "channel":
        world.post(chat, by, {"left_chat_member": user.json()})
    status: Status = "left" if by is user or not banned else "kicked"
    set_member(world, chat, Member(user, status, until=until if status == "kicked" else 0), by=by)


def block(world: World, chat: Chat, *, blocked: bool) -> None:
    """Let the user of a private chat block the bot, or unblock it."""
    for bot in chat.bots.values():
        if chat.user:
            set_status(world, chat, bot.user, "kicked" if blocked else "member", by=chat.user)


def add_topic(world: World, chat: Chat, name: str, *, by: User, implicit: bool = False) -> Topic:
    """Open a topic in a forum, or in a private chat with a bot that has topics; its id is that of its first message."""
    following = chat.last_message_id + 1 if chat.type in ("supergroup", "channel") else _private_next(chat)
    topic = chat.topics[following] = Topic(following, name)
    created: Json = {"name": name, "icon_color": 0x6FB9F0}
    if implicit:
        created["is_name_implicit"] = True
    world.post(chat, by, {"forum_topic_created": created}, thread_id=following)
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
