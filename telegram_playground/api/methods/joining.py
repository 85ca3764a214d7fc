"""Methods about chats and their members."""

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world import membership
from telegram_playground.world.media import chat_photo
from telegram_playground.world.members import PERMISSIONS, PRESENT
from telegram_playground.world.membership import member_json


async def get_chat(context: Context, method: Values) -> Json:
    """Tell about a chat."""
    chat = context.chat(method.chat_id)
    info: Json = {
        **chat.json(),
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }
    names = [name for name in (chat.user.username if chat.user else chat.username,) if name]
    if names:
        info["active_usernames"] = names
    if chat.type in ("group", "supergroup"):
        info["permissions"] = {name: bool(chat.permissions.get(name)) for name in PERMISSIONS}
        info["join_to_send_messages"] = True
    if chat.type == "supergroup":
        info["has_visible_history"] = True
        info["can_set_sticker_set"] = chat.may(context.bot.id, "can_change_info")
        if chat.sticker_set:
            info["sticker_set_name"] = chat.sticker_set
    if chat.description:
        info["description"] = chat.description
    photo = next(reversed(chat.user.photos), None) if chat.user else chat.photo
    if photo:
        info["photo"] = chat_photo(photo)
    if chat.linked:
        info["linked_chat_id"] = chat.linked.id
    primary = next((invite for invite in chat.invites.values() if invite.is_primary and not invite.is_revoked), None)
    if primary and chat.may(context.bot.id, "can_invite_users"):
        info["invite_link"] = primary.link
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    if pinned:
        info["pinned_message"] = pinned.json(nested=True)
    return info


async def get_chat_member(context: Context, method: Values) -> Json:
    """Tell what a user is in a chat."""
    chat = context.writable(method.chat_id)
    if method.user_id <= 0:
        raise bad_request("invalid user_id specified")
    user = context.world.users.get(method.user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(chat, user)


async def get_chat_administrators(context: Context, method: Values) -> list[Json]:
    """Return the people who administer a group, and the bot itself if it does; other bots where they are asked for."""
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        member_json(chat, member.user)
        for member in chat.members.values()
        if member.status in ("creator", "administrator")
        and (not member.user.is_bot or member.user.id == context.bot.id or method.return_bots)
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


async def get_boosts(context: Context, method: Values) -> Json:
    """Return how a user boosts a chat; nobody boosts any here."""
    chat = context.writable(method.chat_id)
    if chat.type not in ("supergroup", "channel"):
        raise bad_request("method is available only for supergroups and channels")
    context.known_user(method.user_id)
    return {"boosts": []}


METHODS = {
    "getUserChatBoosts": get_boosts,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
}
