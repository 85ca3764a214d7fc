"""Tails: which messages of a group may be the rest of one that the client cut, though nothing in them says so."""

from aiogram.types import Message

from bot.clock import Clock
from bot.intake.message.mention import Author, is_group
from bot.storage.telegram.pieces import FULL, LATE_S


class Tails:
    """Remembers the last full message of each group; what a former process took is asked of the rows."""

    def __init__(self, clock: Clock) -> None:
        self._since = clock.wall()
        self._full: dict[int, tuple[int, int]] = {}  # message and author, by chat

    def is_one(self, message: Message, author: Author) -> bool:
        """Tell whether a message may be the rest of another."""
        if not is_group(message) or message.text is None:
            return False
        last = self._full.get(message.chat.id)
        if last is None:
            return message.date.timestamp() <= self._since + LATE_S
        return last == (message.message_id - 1, author.id)

    def note(self, message: Message, author: Author) -> None:
        """Take word of a message that is meant for the bot, or may be the rest of one."""
        text = message.text or message.caption or ""
        if is_group(message) and len(text.encode("utf-16-le")) >= 2 * FULL:
            self._full[message.chat.id] = message.message_id, author.id
