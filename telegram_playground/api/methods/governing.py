"""Methods by which a bot governs a chat: who is in it, who may do what, its name and picture."""

from telegram_playground.api.context import Context
from telegram_playground.api.formats import check_photo
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.world import membership
from telegram_playground.world.chats import Chat
from telegram_playground.world.media import photo_sizes
from telegram_playground.world.members import ADMINS, PERMISSIONS, Member
from telegram_playground.world.membership import CHANNEL_RIGHTS, RIGHTS
from telegram_playground.world.people import User

_RESTRICT = "not enough rights to restrict/unrestrict chat member"
_MAX_TITLE, _MAX_CHAT_TITLE, _MAX_DESCRIPTION = 16, 128, 255  # core.telegram.org/bots/api
_MEDIA = ("audios", "documents", "photos", "videos", "video_notes", "voice_notes")
_SHORTEST_S, _LONGEST_S = 30, 366 * 86400  # less or more is for good; core.telegram.org/bots/api#banchatmember


async def ban_chat_member(context: Context, method: Values) -> bool:
    """Take somebody out of a chat, for a while or for good."""
    chat, user = _restrictable(context, method)
    until = _until(context, method.until_date)
    by = context.bot.user
    if chat.has(user.id):
        membership.leave(context.world, chat, user, by=by, until=until)
    else:
        membership.set_member(context.world, chat, Member(user, "kicked", until=until), by=by)
    return True  # revoke_messages takes the chat's messages from that person's sight, nothing from the chat


async def unban_chat_member(context: Context, method: Values) -> bool:
    """Let somebody come again; who is in the chat is taken out, unless only bans are meant."""
    chat, user = _restrictable(context, method)
    if chat.status(user.id) == "kicked":
        membership.set_member(context.world, chat, Member(user, "left"), by=context.bot.user)
    elif chat.has(user.id) and not method.only_if_banned:
        membership.leave(context.world, chat, user, by=context.bot.user, banned=False)
    return True


async def restrict_chat_member(context: Context, method: Values) -> bool:
    """Say what one member may do."""
    chat, user = _restrictable(context, method)
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    permissions = _permissions(method)
    tag = chat.members[user.id].tag if user.id in chat.members else ""
    member = Member(user, "member", tag=tag)
    if not all(permissions.values()):
        until = _until(context, method.until_date)
        member = Member(user, "restricted", tag=tag, permissions=permissions, until=until)
    membership.set_member(context.world, chat, member, by=context.bot.user)
    return True


async def promote_chat_member(context: Context, method: Values) -> bool:
    """Make somebody an administrator with some rights; with none, a member again."""
    chat, user = _group(context, method), context.known_user(method.user_id)
    context.administers(chat, "can_promote_members", "not enough rights")
    status = chat.status(user.id)
    if status == "creator":
        raise bad_request("can't remove chat owner")
    if not chat.has(user.id):
        raise bad_request("USER_NOT_PARTICIPANT")
    names = (*RIGHTS, *CHANNEL_RIGHTS, "is_anonymous")
    rights = {name: True for name in names if method.has(name) and getattr(method, name)}
    lacking = [name for name in rights if name != "is_anonymous" and not chat.may(context.bot.id, name)]
    if lacking:
        raise bad_request("RIGHT_FORBIDDEN")
    member = Member(user, "member")
    if rights:
        title = chat.members[user.id].title if status == "administrator" else ""
        member = Member(user, "administrator", title=title, rights={**rights, "can_manage_chat": True})
    membership.set_member(context.world, chat, member, by=context.bot.user)
    return True


async def set_custom_title(context: Context, method: Values) -> bool:
    """Give an administrator a title."""
    chat, user = _group(context, method), context.known_user(method.user_id)
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    context.administers(chat, "can_promote_members", "not enough rights")
    if chat.status(user.id) != "administrator":
        raise bad_request("user is not an administrator")
    if len(method.custom_title) > _MAX_TITLE:
        raise bad_request("ADMIN_RANK_INVALID")
    chat.members[user.id].title = method.custom_title.strip()
    context.world.tell_chat(chat)
    return True


async def set_member_tag(context: Context, method: Values) -> bool:
    """Give a member a tag, or take it away."""
    chat, user = _group(context, method), context.known_user(method.user_id)
    context.administers(chat, "can_manage_tags", "not enough rights to manage tags")
    if chat.status(user.id) not in ("member", "restricted"):
        raise bad_request("USER_NOT_PARTICIPANT")
    tag = (method.tag or "").strip()
    if len(tag) > _MAX_TITLE:
        raise bad_request("ADMIN_RANK_INVALID")
    chat.members[user.id].tag = tag
    context.world.tell_chat(chat)
    return True


async def set_chat_permissions(context: Context, method: Values) -> bool:
    """Say what members may do."""
    chat = _group(context, method)
    context.administers(chat, "can_restrict_members", "not enough rights to change chat permissions")
    if chat.type == "channel":
        raise bad_request("can't change channel permissions")
    permissions = _permissions(method)
    if permissions == {name: bool(chat.permissions.get(name)) for name in PERMISSIONS}:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.permissions = permissions
    context.world.tell_chat(chat)
    return True


async def set_chat_title(context: Context, method: Values) -> bool:
    """Give a chat another name."""
    chat = _changeable(context, method)
    title = " ".join(method.title.split())[:_MAX_CHAT_TITLE]
    if not title:
        raise bad_request("title can't be empty")
    if title != chat.title:
        chat.title = title
        context.world.post(chat, context.bot.user, {"new_chat_title": title})
        context.world.tell_chat(chat)
    return True


async def set_chat_description(context: Context, method: Values) -> bool:
    """Say what a chat is about."""
    chat = _changeable(context, method)
    description = (method.description or "").strip()[:_MAX_DESCRIPTION]
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    context.world.tell_chat(chat)
    return True


async def set_chat_photo(context: Context, method: Values) -> bool:
    """Give a chat a picture."""
    chat = _changeable(context, method)
    upload = context.uploads.get(method.photo.removeprefix("attach://"))
    if upload is None or not upload.data:
        raise bad_request("there is no photo in the request")
    check_photo(upload.data)
    chat.photo = context.add_file(upload, "photo")
    context.world.post(chat, context.bot.user, {"new_chat_photo": photo_sizes(chat.photo)})
    context.world.tell_chat(chat)
    return True


async def delete_chat_photo(context: Context, method: Values) -> bool:
    """Take a chat's picture away."""
    chat = _changeable(context, method)
    if chat.photo is None:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.photo = None
    context.world.post(chat, context.bot.user, {"delete_chat_photo": True})
    context.world.tell_chat(chat)
    return True


async def ban_sender_chat(context: Context, method: Values) -> bool:
    """Let a channel write in a chat no more, or again."""
    chat = _group(context, method)
    if chat.type == "group":
        raise bad_request("method is available only for supergroups and channels")
    sender = context.world.chats.get(str(method.sender_chat_id))
    if sender is None or sender.type != "channel":
        raise bad_request("invalid sender chat specified")
    context.administers(chat, "can_restrict_members", _RESTRICT)
    change = chat.banned_senders.discard if method.kind.startswith("unban") else chat.banned_senders.add
    change(sender.id)
    return True


async def set_sticker_set(context: Context, method: Values) -> bool:
    """Give a supergroup a set of stickers of its own, or take it away."""
    chat = _group(context, method)
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    context.administers(chat, "can_change_info", "not enough rights to change chat sticker set")
    name = method.sticker_set_name if method.kind == "setChatStickerSet" else ""
    if name and name.lower() not in context.world.sticker_sets:
        raise bad_request("STICKERSET_INVALID")
    chat.sticker_set = name
    return True


def _group(context: Context, method: Values) -> Chat:
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    return chat


def _changeable(context: Context, method: Values) -> Chat:
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("can't change a private chat")
    what = method.kind.removeprefix("setChat").removeprefix("deleteChat").lower()
    context.administers(chat, "can_change_info", f"not enough rights to change chat {what}")
    return chat


def _restrictable(context: Context, method: Values) -> tuple[Chat, User]:
    """Return a chat and one of whom the bot may say what they are there; raises ApiError."""
    chat, user = _group(context, method), context.known_user(method.user_id)
    status = chat.status(user.id)
    if user.id == context.bot.id:
        raise bad_request("can't restrict self")
    context.administers(chat, "can_restrict_members", _RESTRICT)
    if status == "creator":
        raise bad_request("can't remove chat owner")
    if status in ADMINS:
        raise bad_request("user is an administrator of the chat")
    return chat, user


def _until(context: Context, date: int | None) -> int:
    """Return when something ends; 0 where it is for good."""
    left = (date or 0) - context.world.clock.wall()
    return date or 0 if _SHORTEST_S <= left <= _LONGEST_S else 0


def _permissions(method: Values) -> dict[str, bool]:
    """Return all permissions; where they are not independent one implies others (core.telegram.org/bots/api)."""
    given = method.permissions
    permissions = {name: bool(getattr(given, name, None)) for name in PERMISSIONS}
    if not method.use_independent_chat_permissions:
        further = ("can_send_other_messages", "can_add_web_page_previews")
        media = [f"can_send_{kind}" for kind in _MEDIA]
        if any(permissions[name] for name in further):
            permissions |= dict.fromkeys(media, True)
        if any(permissions[name] for name in (*media, "can_send_polls")):
            permissions["can_send_messages"] = True
    for name in ("can_react_to_messages", "can_edit_tag"):
        if getattr(given, name, None) is None:
            permissions[name] = permissions["can_send_messages"]
    if given.can_manage_topics is None:
        permissions["can_manage_topics"] = permissions["can_pin_messages"]
    return permissions


METHODS = {
    "banChatMember": ban_chat_member,
    "unbanChatMember": unban_chat_member,
    "restrictChatMember": restrict_chat_member,
    "promoteChatMember": promote_chat_member,
    "setChatAdministratorCustomTitle": set_custom_title,
    "setChatMemberTag": set_member_tag,
    "setChatPermissions": set_chat_permissions,
    "setChatTitle": set_chat_title,
    "setChatDescription": set_chat_description,
    "setChatPhoto": set_chat_photo,
    "deleteChatPhoto": delete_chat_photo,
    "banChatSenderChat": ban_sender_chat,
    "unbanChatSenderChat": ban_sender_chat,
    "setChatStickerSet": set_sticker_set,
    "deleteChatStickerSet": set_sticker_set,
}
