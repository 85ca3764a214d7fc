"""One completion, folded out of the JSON objects in which a service sends it; pure.

A service's protocol is a subclass: `take` reads an object and keeps in mind how the completion ended.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto

from providers.base import Delta, Reasoning, Usage
from providers.blocks import MADE, Raw, ToolCall
from providers.errors import (
    BrokenOff,
    EmptyAnswer,
    Incomplete,
    LanguageUnknown,
    OnlyThought,
    ProviderError,
    Recited,
    Refused,
    ServiceFailed,
)
from providers.surrogates import HalfCharacter
from providers.visible import is_visible
from providers.wire.pictures import picture_in
from providers.wire.thinking import Thinking

MAX_COST = 10_000  # dollars of one answer; more is a mistake


class End(Enum):
    """How a service says that a completion is over; UNKNOWN: in a word that is not in its documentation."""

    WHOLE = auto()
    TOO_LONG = auto()
    FILTERED = auto()
    RECITED = auto()
    LANGUAGE = auto()
    BROKEN = auto()
    FAILED = auto()
    UNKNOWN = auto()


_REFUSALS = {End.FILTERED: Refused, End.RECITED: Recited, End.LANGUAGE: LanguageUnknown}


class Completion(ABC):
    """What has come of a completion.

    `began`: there was text that a person sees. `finished`: nothing of interest but the token count can follow.
    `end`: how the service ended it, None as long as it has not said so, in which `word`; `said` explains it in the
    service's words. `thought`: there was reasoning, shown or hidden. `asked`: provider and model, to whom what is kept
    of a message with calls is of use; `made` begins the id of a call that the service gives none.
    """

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        self.asked = asked
        self.made = made
        self.began = False
        self.finished = False
        self.end: End | None = None
        self.word = ""
        self.said = ""
        self.thought = False
        self.usage: Usage | None = None
        self._words: list[str] = []
        self._is_blank = False
        self._half = HalfCharacter()
        self._thinking = Thinking()

    @abstractmethod
    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take an object, an empty one for the end marker; return its deltas. Raises ProviderError if it tells one."""

    def text_alone(self, _item: Mapping[str, object]) -> str | None:
        """Return the text of an object of which `take` makes that `text` alone; None where it may make more of it."""
        return None

    def text(self, text: object) -> list[Delta]:
        """Return the deltas in a piece of text: characters are made whole, tagged reasoning is taken out."""
        if not isinstance(text, str):
            return []
        whole = self._half.feed(text)
        if self.began and self._thinking.is_over:
            self._words += [whole] if whole else []
            return [whole] if whole else []
        return self._noted(self._thinking.feed(whole))

    def picture(self, data: object, *, final: bool = True) -> list[Delta]:
        """Return the deltas in a picture, as base64 or a data: address; one that is broken is none."""
        media = picture_in(data, final=final)
        self.began = self.began or (media is not None and final)
        return [media] if media else []

    def reasoning(self, text: object) -> list[Delta]:
        """Return the deltas in a piece of reasoning."""
        return self._noted([Reasoning(text)] if isinstance(text, str) and text else [])

    def ended(self, ends: Mapping[str, End], word: str) -> None:
        """Note the service's word for the end; `ends` says what each of its words means."""
        self.end = ends.get(word, End.UNKNOWN)
        if self.end is End.UNKNOWN:
            self.said = word
        else:
            self.word = word

    def rest(self) -> list[Delta]:
        """Return the last deltas: the text that was held back and the token count."""
        deltas = self._noted([*self._thinking.feed(self._half.end()), *self._thinking.end()])
        if self.end is End.UNKNOWN and self.calls():
            self.end, self.said = End.WHOLE, ""  # servers have many words for it: the calls decide
        if self.end is End.WHOLE and (calls := self.calls()):
            deltas += [*calls, Raw(*self.asked, json.dumps(self.raw(), ensure_ascii=False))]
        return [*deltas, self.usage] if self.usage else deltas

    @property
    def words(self) -> str:
        """The text so far."""
        return "".join(self._words)

    def calls(self) -> list[ToolCall]:
        """Return the calls that the model wished for, of a completion that is whole."""
        return []

    def raw(self) -> object:
        """Return the message with the calls as its service has it."""
        return None

    def check(self) -> None:
        """Raise what keeps the text from being a whole answer; called after `rest`."""
        if not self.began:
            if self.end is End.WHOLE and self.calls():
                return
            raise self._nothing()
        if self.end is not End.WHOLE:
            causes = {End.TOO_LONG: "the limit of tokens was reached", None: "the answer stopped without an end mark"}
            raise Incomplete(causes.get(self.end, self.word or "the answer was cut"), said=self.said)

    def _nothing(self) -> ProviderError:
        """Return why there is no text."""
        if self.end in _REFUSALS:
            return _REFUSALS[self.end](self.word, said=self.said)
        match self.end:
            case End.FAILED:
                return ServiceFailed("unexpected answer", said=self.said, status=200)
            case End.UNKNOWN:
                return ServiceFailed("the answer ended before it began", said=self.said, status=200)
            case End.BROKEN:
                return BrokenOff(self.word, said=self.said)
            case End.TOO_LONG:
                return OnlyThought("the limit of tokens was reached before the first word", said=self.said)
        if self.thought:
            return OnlyThought("thoughts and no answer", said=self.said)
        return EmptyAnswer(self.word or "no text", said=self.said, is_blank=self._is_blank)

    def _noted(self, pieces: list[str | Reasoning]) -> list[Delta]:
        self.began = self.began or any(isinstance(piece, str) and is_visible(piece) for piece in pieces)
        self._is_blank = not self.began and (self._is_blank or any(isinstance(piece, str) for piece in pieces))
        self.thought = self.thought or any(isinstance(piece, Reasoning) for piece in pieces)
        self._words += [piece for piece in pieces if isinstance(piece, str)]
        return list(pieces)


def count(value: object) -> int:
    """Return a number of tokens; 0 where the service names none."""
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else 0


def dollars(value: object) -> Decimal | None:
    """Return what an answer cost as its service says it (OpenRouter, xAI through it); None where it says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COST:
        return None
    return round(Decimal(str(value)), 12)
