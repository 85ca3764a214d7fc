"""Filters: what lets a command, or the press of a button, through to its handler.

They are coroutines: aiogram gives any other filter to a thread, and waits for it, for each update.
"""

import re

from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message, User

from bot.intake.message.mention import command


class Named(Filter):
    """Lets a command of one of these names through and gives the handler its name (`called`) and `args`."""

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)

    async def __call__(self, message: Message, me: User) -> bool | dict[str, object]:
        """Tell whether the message is such a command."""
        called = command(message, me)
        if called is None or called.name not in self._names:
            return False
        return {"called": called.name, "args": called.args}


class Begins(Filter):
    """Lets a press through whose data begins with one of these."""

    def __init__(self, *beginnings: str) -> None:
        self._beginnings = beginnings

    async def __call__(self, query: CallbackQuery) -> bool:
        """Tell whether the button is such a one."""
        return (query.data or "").startswith(self._beginnings)


class Matches(Filter):
    """Lets a press through whose whole data matches, and gives the handler the `match`."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    async def __call__(self, query: CallbackQuery) -> bool | dict[str, object]:
        """Tell whether the button is such a one."""
        match = self._pattern.fullmatch(query.data or "")
        return {"match": match} if match else False
