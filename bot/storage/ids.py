"""What Telegram's ids tell by themselves: persons, groups and supergroups are numbered in one space.

Nobody else looks at the sign of an id (core.telegram.org/api/bots/ids).
"""

from sqlalchemy import ColumnElement

SUPERGROUPS = -1_000_000_000_000  # and channels have ids below
NOWHERE = 0  # in place of a chat's id: where an inline message stands is not told
ELSEWHERE = -1  # the topic of the row for what a person asks in chats that are not the bot's


def is_person(telegram_id: int) -> bool:
    """Tell whether an id is a person's, and so their private chat's."""
    return telegram_id > 0


def are_persons(telegram_ids: ColumnElement[int]) -> ColumnElement[bool]:
    """Tell the same of a column of ids."""
    return telegram_ids > 0


def is_supergroup(telegram_id: int) -> bool:
    """Tell whether a chat numbers its messages by itself; private chats and basic groups share one counter."""
    return telegram_id < SUPERGROUPS
