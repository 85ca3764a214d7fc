"""A text under construction: characters, and the spans of them that look different."""

import re
from dataclasses import dataclass, field

from bot.reply.markdown.nesting import Span, stored
from bot.reply.markdown.rendered import to_units

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # Telegram makes each of them a space, tdlib misc.cpp clean_input_string
_DROPPED = re.compile("[\u2028-\u202e\u030a\u0333\u033f]")  # and takes these away
_DIRECTIONS = re.compile(
    "[\u200e\u200f]+(?=[\u200e\u200f])"
)  # all but the last it replaces, replace_offending_characters


@dataclass(slots=True)
class Canvas:
    """Collects text and spans, which nest as they are opened and closed.

    `gap` is what parts the next text from the one before; it is written only if there is a next text.
    """

    gap: str = ""
    size: int = 0  # UTF-16 units
    pieces: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    opened: list[Span] = field(default_factory=list)

    def write(self, text: str) -> None:
        if not text.isprintable():
            text = _DROPPED.sub("", _CONTROL.sub(" ", text))
        elif not text.isascii():
            text = _DROPPED.sub("", text)
        if not text:
            return
        if self.gap:
            for span in reversed(self.opened):
                if span.start != self.size:
                    break
                span.start += len(self.gap)
            self.pieces.append(self.gap)
            self.size += len(self.gap)
            self.gap = ""
        self.pieces.append(text)
        self.size += len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

    def open(self, kind: str, argument: str | None = None) -> Span:
        span = Span(kind, self.size, argument=argument)
        self.opened.append(span)
        self.spans.append(span)
        return span

    def close(self) -> Span:
        span = self.opened.pop()
        span.end = self.size
        return span

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def units(self) -> str:
        """Return the text, one item per UTF-16 unit, not trimmed."""
        text = _DIRECTIONS.sub(lambda match: "\u200c" * len(match[0]), self.text)
        return to_units(text)

    def stored(self) -> list[Span]:
        """Return what looks different, as Telegram stores it."""
        return stored(self.spans)
