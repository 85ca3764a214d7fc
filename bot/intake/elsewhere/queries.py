"""Queries: what people have typed after the bot's name, until they choose it; in memory alone.

Where Telegram tells what was chosen (/setinlinefeedback at @BotFather), it tells the question too; else the button
under the message asks it, and only this knows its words.
"""

from collections import OrderedDict
from dataclasses import dataclass

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Typed:
    """A question, and who typed it."""

    user_id: int
    text: str


class Queries:
    """The last ones, by the id under which they were offered."""

    def __init__(self) -> None:
        self._typed: OrderedDict[str, Typed] = OrderedDict()

    def add(self, key: str, typed: Typed) -> None:
        """Remember one; the oldest is forgotten."""
        self._typed[key] = typed
        if len(self._typed) > MOST:
            self._typed.popitem(last=False)

    def get(self, key: str) -> Typed | None:
        """Return one, None where it is not known any more."""
        return self._typed.get(key)
