"""Methods about invite links and those who ask to join."""

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world import membership
from telegram_playground.world.chats import Chat
from telegram_playground.world.invites import Invite
from telegram_playground.world.people import User

_MAX_NAME, _MAX_LIMIT, _MAX_INVITES = 32, 99_999, 1000
_MONTH_S, _MAX_PRICE = 2_592_000, 10_000  # core.telegram.org/bots/api#createchatsubscriptioninvitelink


async def export_link(context: Context, method: Values) -> str:
    """Make a new primary link of the bot; the old one is revoked."""
    chat = _chat(context, method)
    for invite in chat.invites.values():
        if invite.is_primary and invite.creator is context.bot.user:
            invite.is_revoked = True
    return _add(context, chat, is_primary=True).link


async def create_link(context: Context, method: Values) -> Json:
    """Make a link."""
    chat = _chat(context, method)
    _check(method)
    invite = _add(context, chat)
    _set(invite, method)
    return invite.json()


async def edit_link(context: Context, method: Values) -> Json:
    """Change a link of the bot."""
    invite = _invite(context, _chat(context, method), method)
    if invite.is_primary:
        raise bad_request("can't edit primary invite link")
    if invite.price:
        raise bad_request("INVITE_HASH_INVALID")
    _check(method)
    _set(invite, method)
    return invite.json()


async def create_subscription_link(context: Context, method: Values) -> Json:
    """Make a link by which people join a channel as long as they pay."""
    chat = _chat(context, method)
    if chat.type != "channel":
        raise bad_request("subscription invite links are available only for channels")
    _check_name(method)
    if method.subscription_period != _MONTH_S:
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if not 1 <= method.subscription_price <= _MAX_PRICE:
        raise bad_request("STARS_INVOICE_INVALID")
    invite = _add(context, chat)
    invite.name, invite.period, invite.price = method.name or "", method.subscription_period, method.subscription_price
    return invite.json()


async def edit_subscription_link(context: Context, method: Values) -> Json:
    """Give such a link another name."""
    invite = _invite(context, _chat(context, method), method)
    if not invite.price:
        raise bad_request("INVITE_HASH_INVALID")
    _check_name(method)
    invite.name = method.name or ""
    return invite.json()


async def revoke_link(context: Context, method: Values) -> Json:
    """Make a link useless; a primary one is replaced."""
    chat = _chat(context, method)
    invite = _invite(context, chat, method)
    invite.is_revoked = True
    if invite.is_primary:
        _add(context, chat, is_primary=True)
    return invite.json()


async def approve(context: Context, method: Values) -> bool:
    """Let somebody in who asked."""
    chat, user = _request(context, method)
    del chat.requests[user.id]
    membership.join(context.world, chat, user, by=user)
    return True


async def decline(context: Context, method: Values) -> bool:
    """Do not let somebody in who asked."""
    chat, user = _request(context, method)
    del chat.requests[user.id]
    return True


def _chat(context: Context, method: Values) -> Chat:
    chat = context.writable(method.chat_id)
    if chat.type == "private":
        raise bad_request("there are no invite links in private chats")
    context.administers(chat, "can_invite_users", "not enough rights to manage chat invite link")
    return chat


def _invite(context: Context, chat: Chat, method: Values) -> Invite:
    invite = chat.invites.get(method.invite_link)
    if invite is None or invite.creator is not context.bot.user:
        raise bad_request("INVITE_HASH_EXPIRED")
    if invite.is_revoked:
        raise bad_request("INVITE_HASH_EXPIRED")
    return invite


def _add(context: Context, chat: Chat, *, is_primary: bool = False) -> Invite:
    if len(chat.invites) >= _MAX_INVITES:
        raise bad_request("too many invite links")
    link = f"https://t.me/+{context.world.random.randrange(16**16):016x}"
    invite = chat.invites[link] = Invite(link, context.bot.user, is_primary=is_primary)
    return invite


def _check(method: Values) -> None:
    _check_name(method)
    if not 0 <= (method.member_limit or 0) <= _MAX_LIMIT:
        raise bad_request("invalid member limit specified")
    if method.creates_join_request and method.member_limit:
        raise bad_request("member limit can't be specified for links requiring administrator approval")


def _check_name(method: Values) -> None:
    if len(method.name or "") > _MAX_NAME:
        raise bad_request("invite link name is too long")


def _set(invite: Invite, method: Values) -> None:
    invite.name, invite.expires = method.name or "", max(method.expire_date or 0, 0)
    invite.limit, invite.by_request = method.member_limit or 0, bool(method.creates_join_request)


def _request(context: Context, method: Values) -> tuple[Chat, User]:
    chat, user = _chat(context, method), context.known_user(method.user_id)
    if chat.has(user.id):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if user.id not in chat.requests:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return chat, user


METHODS = {
    "exportChatInviteLink": export_link,
    "createChatInviteLink": create_link,
    "editChatInviteLink": edit_link,
    "createChatSubscriptionInviteLink": create_subscription_link,
    "editChatSubscriptionInviteLink": edit_subscription_link,
    "revokeChatInviteLink": revoke_link,
    "approveChatJoinRequest": approve,
    "declineChatJoinRequest": decline,
}
