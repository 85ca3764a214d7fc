"""What a change of the bot's own membership means; pure."""

from aiogram.types import ChatMemberRestricted, ChatMemberUpdated
from aiogram.types.chat_member_union import ChatMemberUnion

PRESENT = ("creator", "administrator", "member")


def is_present(member: ChatMemberUnion) -> bool:
    """Tell whether a member is in the chat; in a private chat: has not blocked the bot."""
    return member.status in PRESENT or (isinstance(member, ChatMemberRestricted) and member.is_member)


def joined(change: ChatMemberUpdated) -> bool:
    """Tell whether the bot came in, rather than being promoted, restricted or removed."""
    return is_present(change.new_chat_member) and not is_present(change.old_chat_member)
