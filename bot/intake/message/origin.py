"""Origin: whose words a message holds; pure.

What the person who asks typed, or said into the messenger, is theirs. All else is foreign: what is forwarded, what
another bot made, what somebody else wrote that a message replies to, and files of every kind.
"""

from aiogram.types import ExternalReplyInfo, Message


def is_own(message: Message) -> bool:
    """Tell whether a message's author wrote it."""
    return message.forward_origin is None and message.via_bot is None


def is_by_same(replied: Message | ExternalReplyInfo | None, message: Message) -> bool:
    """Tell whether the author of a message wrote the one that it replies to as well.

    Behind a chat as the author, as behind an anonymous admin, may be anybody who has that right.
    """
    if not isinstance(replied, Message) or replied.sender_chat or message.sender_chat:
        return False
    author, other = message.from_user, replied.from_user
    return author is not None and other is not None and author.id == other.id and is_own(replied)
