"""Keyboard: whether a press can be of a button that stands where it says; pure.

Who speaks Telegram's own protocol can press what he likes under any message of the bot, and what is done for that may
change the message. So the message must have a button of that kind; not the very same, as its keyboard may have changed
while the press was on its way.
"""

import re

from aiogram.types import Message

KIND = re.compile(r"[a-z]*")  # the beginning of a button's data
# Menus that lead into each other, so that a quick second press may come from the one before.
FAMILIES = {
    **dict.fromkeys(("set", "provider", "model", "role"), "choices"),
    **dict.fromkeys(("talk", "talks", "export"), "talks"),
    **dict.fromkeys(("allow", "deny", "waiting"), "requests"),
}
# They name an answer, are guarded by who asked for it, and leave the message under which they stand to its reply.
OF_ANSWERS = frozenset({"stop", "retry", "show", "made", "sees", "file", "voice"})


def stands_under(message: Message, data: str) -> bool:
    """Tell whether a button with such data stands under a message, or can have stood there a moment ago."""
    kind = _kind(data)
    return kind in OF_ANSWERS or kind in map(_kind, _carried(message))


def is_under(message: Message, data: str) -> bool:
    """Tell whether exactly this button stands under a message."""
    return data in _carried(message)


def _carried(message: Message) -> list[str]:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    return [button.callback_data for row in rows for button in row if button.callback_data]


def _kind(data: str) -> str:
    found = KIND.match(data)
    kind = found[0] if found else ""
    return FAMILIES.get(kind, kind)
