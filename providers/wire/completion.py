"""One completion, folded out of the JSON objects in which a service sends it; pure.

A service's protocol is a subclass: `take` reads an object and keeps in mind how the completion ended.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Enum, auto

from providers.base import Delta, Reasoning, Usage
from providers.errors import EmptyAnswer, Incomplete, Refused, ServiceFailed
from providers.surrogates import HalfCharacter
from providers.wire.thinking import Thinking


class End(Enum):
    """How a service says that a completion is over."""

    WHOLE = auto()
    TOO_LONG = auto()
    FILTERED = auto()
    FAILED = auto()


class Completion(ABC):
    """What has come of a completion.

    `began`: there was text. `finished`: nothing of interest but the token count can follow. `end`: how the service
    ended it, None as long as it has not said so; `reason` explains it in the service's words.
    """

    def __init__(self) -> None:
        self.began = False
        self.finished = False
        self.end: End | None = None
        self.reason = ""
        self.usage: Usage | None = None
        self._half = HalfCharacter()
        self._thinking = Thinking()

    @abstractmethod
    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take an object, an empty one for the end marker; return its deltas. Raises ProviderError if it tells one."""

    def text(self, text: object) -> list[Delta]:
        """Return the deltas in a piece of text: characters are made whole, tagged reasoning is taken out."""
        return self._noted(self._thinking.feed(self._half.feed(text))) if isinstance(text, str) else []

    def reasoning(self, text: object) -> list[Delta]:
        """Return the deltas in a piece of reasoning."""
        return [Reasoning(text)] if isinstance(text, str) and text else []

    def rest(self) -> list[Delta]:
        """Return the last deltas: the text that was held back and the token count."""
        deltas = self._noted([*self._thinking.feed(self._half.end()), *self._thinking.end()])
        return [*deltas, self.usage] if self.usage else deltas

    def check(self) -> None:
        """Raise what keeps the text from being a whole answer; called after `rest`."""
        if self.end is End.FAILED:
            raise ServiceFailed(self.reason, status=200)
        if self.end is End.FILTERED and not self.began:
            raise Refused(self.reason)
        if not self.began:
            raise EmptyAnswer(self.reason)
        if self.end is not End.WHOLE:
            raise Incomplete(self.reason or "the answer stopped without an end mark")

    def _noted(self, pieces: list[str | Reasoning]) -> list[Delta]:
        self.began = self.began or any(isinstance(piece, str) for piece in pieces)
        return list(pieces)


def count(value: object) -> int:
    """Return a number of tokens; 0 where the service names none."""
    return value if isinstance(value, int) else 0
