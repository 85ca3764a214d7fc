"""Pressed: the filters that let the press of a button through.

They are coroutines: aiogram gives any other filter to a thread, and waits for it, for each update.
"""

import re

from aiogram.filters import Filter
from aiogram.types import CallbackQuery


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
