"""Fold: what a provider has streamed for an answer so far, folded to one text."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from providers.base import Alive, Delta, Media, Reasoning, Revised, Usage
from providers.blocks import Block, Raw, Text, ToolCall
from providers.surrogates import whole_characters
from providers.visible import is_visible

MAX_PICTURES, MAX_BYTES = 8, 40_000_000  # of an answer; what comes after is left out


class Fold:
    """The text of an answer while it grows, and what came beside it.

    An answer with calls has rounds: `next_round` begins one, `begin` an attempt at it. The text is cut at `limit`
    characters, which `full` tells. Lone surrogates, which no database and no wire takes, become U+FFFD; a pair that
    came in two deltas is one character.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._pieces: list[str] = []
        self._length = 0
        self._text: str | None = ""
        self._before = ""  # the text of the rounds before this one
        self._reasoning = ""
        self._used: list[Usage] = []  # in those rounds
        self.round_usage: Usage | None = None
        self.calls: list[ToolCall] = []  # that this round ended in
        self._raw: list[Raw] = []
        self.pictures: list[Media] = []
        self.preview: Media | None = None

    def add(self, delta: Delta) -> bool:
        """Take a delta; tell whether the text changed."""
        match delta:
            case str():
                self._pieces.append(delta)
                self._length += len(delta)
            case Revised(text):
                self._pieces = [text]
                self._length = len(self._before) + len(text)
            case Reasoning(text):
                if self.thinks and len(self._reasoning) < self._limit:
                    self._reasoning += text
                return False
            case Usage():
                self.round_usage = delta
                return False
            case ToolCall(id_, name, arguments):
                self.calls.append(ToolCall(*map(whole_characters, (id_, name, arguments))))
                return False
            case Raw():
                self._raw.append(replace(delta, json=whole_characters(delta.json)))
                return False
            case Media():
                return self._picture(delta)
            case Alive():
                return False
        self._text = None
        return True

    def _picture(self, media: Media) -> bool:
        """Take a picture, or what there is of it; tell whether there is more to see."""
        if not media.final:
            self.preview = media
            return not self.pictures
        if len(self.pictures) == MAX_PICTURES or sum(len(each.data) for each in self.pictures) > MAX_BYTES:
            return False
        self.pictures.append(media)
        return True

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to be seen of an answer."""
        return not self.pictures and not is_visible(self.text)

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
        self.calls, self._raw = [], []

    def next_round(self) -> None:
        """Begin a further round, after calls: the text goes on in a paragraph of its own."""
        self._before = self.text
        self._length = len(self._before)
        self._pieces, self._text = [], None
        self._used += [self.round_usage] if self.round_usage else []
        self.round_usage = None
        self.calls, self._raw = [], []

    @property
    def said(self) -> Sequence[Block]:
        """This round as its message: what was said, the calls, and what the service must get back with them."""
        words: Sequence[Block] = [Text(self.round_text)] if is_visible(self.round_text) else []
        return [*words, *self.calls, *self._raw]

    @property
    def round_text(self) -> str:
        """The text of this round."""
        joined = "".join(self._pieces)
        self._pieces = [joined]
        return whole_characters(joined)

    @property
    def usage(self) -> Usage | None:
        """What the service counted in all rounds."""
        used = [*self._used, *([self.round_usage] if self.round_usage else [])]
        return reduce(_together, used) if used else None

    def use(self, usage: Usage) -> None:
        """Count what rounds took of which only the text is here."""
        self._used.append(usage)

    @property
    def full(self) -> bool:
        """Tell whether the answer has reached its limit."""
        return self._length >= self._limit

    @property
    def text(self) -> str:
        """The text so far."""
        if self._text is None:
            said = self.round_text
            gap = "\n\n" if self._before and said else ""
            self._text = f"{self._before}{gap}{said}"[: self._limit]
        return self._text


def _together(one: Usage, other: Usage) -> Usage:
    """Return what two rounds took; dollars where both told theirs: half of a sum would be believed to be all."""
    cost = None if one.cost is None or other.cost is None else one.cost + other.cost
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cached_tokens + other.cached_tokens,
        cost,
    )
