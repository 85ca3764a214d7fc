"""Fold: what a provider has streamed for an answer so far, folded to one text."""

from providers.base import Alive, Delta, Reasoning, Revised, Usage
from providers.surrogates import whole_characters
from providers.visible import is_visible


class Fold:
    """The text of an answer while it grows, and what came beside it.

    The text is cut at `limit` characters, which `full` tells. Lone surrogates, which no database and no wire takes,
    become U+FFFD; a pair that came in two deltas is one character.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._pieces: list[str] = []
        self._length = 0
        self._text: str | None = ""
        self._reasoning = ""
        self.usage: Usage | None = None

    def add(self, delta: Delta) -> bool:
        """Take a delta; tell whether the text changed."""
        match delta:
            case str():
                self._pieces.append(delta)
                self._length += len(delta)
            case Revised(text):
                self._pieces = [text]
                self._length = len(text)
            case Reasoning(text):
                if self.thinks and len(self._reasoning) < self._limit:
                    self._reasoning += text
                return False
            case Usage():
                self.usage = delta
                return False
            case Alive():
                return False
        self._text = None
        return True

    @property
    def thinks(self) -> bool:
        """Tell whether there is nothing of the answer yet: what is thought later is not shown above it."""
        return not is_visible(self.text)

    @property
    def thought(self) -> str:
        """What was thought before the answer began."""
        return whole_characters(self._reasoning)

    def thought_at_last(self, length: int) -> str:
        """Return the last characters of the thought, which may be long."""
        return whole_characters(self._reasoning[-length:])

    def begin(self) -> None:
        """Forget what was thought in an attempt that came to nothing."""
        if self.thinks:
            self._reasoning = ""

    @property
    def full(self) -> bool:
        """Tell whether the answer has reached its limit."""
        return self._length >= self._limit

    @property
    def text(self) -> str:
        """The text so far."""
        if self._text is None:
            joined = "".join(self._pieces)
            self._pieces = [joined]
            self._text = whole_characters(joined)[: self._limit]
        return self._text
