"""What a change of the bot's own membership means; pure."""

from typing import Any

from aiogram.types import ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUpdated
from aiogram.types.chat_member_union import ChatMemberUnion

PRESENT = ("creator", "administrator", "member")
RIGHTS = {
    status: {name for name, field in kind.model_fields.items() if field.is_required() and field.annotation is bool}
    for status, kind in (("administrator", ChatMemberAdministrator), ("restricted", ChatMemberRestricted))
}


def completed(raw: Any) -> Any:
    """Fill in the rights that an older server does not know in a raw update; aiogram reads none without them."""
    change = raw.get("my_chat_member") if isinstance(raw, dict) else None
    if not isinstance(change, dict):
        return raw
    filled = dict(change)
    for name in ("old_chat_member", "new_chat_member"):
        if isinstance(member := change.get(name), dict):
            filled[name] = {**dict.fromkeys(RIGHTS.get(str(member.get("status")), ()), False), **member}
    return {**raw, "my_chat_member": filled}


def is_present(member: ChatMemberUnion) -> bool:
    """Tell whether a member is in the chat; in a private chat: has not blocked the bot."""
    return member.status in PRESENT or (isinstance(member, ChatMemberRestricted) and member.is_member)


def joined(change: ChatMemberUpdated) -> bool:
    """Tell whether the bot came in, rather than being promoted, restricted or removed."""
    return is_present(change.new_chat_member) and not is_present(change.old_chat_member)
