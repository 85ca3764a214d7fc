"""A text under construction: characters, and the spans of them that look different."""

import re
from dataclasses import dataclass, field

from aiogram.types import MessageEntity

from bot.reply.markdown.rendered import Rendered, to_units

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # Telegram makes each of them a space, tdlib misc.cpp clean_input_string
_DROPPED = re.compile("[\u2028-\u202e\u030a\u0333\u033f]")  # and takes these away
_STYLES = frozenset({"bold", "italic", "strikethrough", "spoiler"})


@dataclass(slots=True)
class Span:
    """A range of UTF-16 units; `argument` is the address of a link or the language of a code block."""

    kind: str
    start: int
    end: int = -1
    argument: str | None = None


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
        text = _DROPPED.sub("", _CONTROL.sub(" ", text))
        if not text:
            return
        if self.gap:
            for span in self.opened:
                if span.start == self.size:
                    span.start += len(self.gap)
            self.pieces.append(self.gap)
            self.size += len(self.gap)
            self.gap = ""
        self.pieces.append(text)
        self.size += len(to_units(text))

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

    def rendered(self) -> Rendered:
        """Return text and entities, not yet trimmed; they nest as core.telegram.org/bots/api#messageentity allows."""
        spans = sorted((span for span in self.spans if span.end > span.start), key=_order)
        return Rendered(self.text, tuple(_entity(span) for span in _allowed(spans)))


def _allowed(spans: list[Span]) -> list[Span]:
    """Cut styles around code; drop code in links, links in links and a kind within itself."""
    allowed: list[Span] = []
    around: list[Span] = []
    for span in spans:
        around = [outer for outer in around if outer.end > span.start]
        kinds = {outer.kind.removeprefix("expandable_") for outer in around}
        if span.kind in kinds or (span.kind == "code" and "text_link" in kinds):
            continue
        if span.kind in ("code", "pre"):
            for outer in around:
                if outer.kind in _STYLES:
                    allowed.append(Span(outer.kind, outer.start, span.start))
                    outer.start = span.end
        allowed.append(span)
        around.append(span)
    return sorted((span for span in allowed if span.end > span.start), key=_order)


def _order(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _entity(span: Span) -> MessageEntity:
    return MessageEntity(
        type=span.kind,
        offset=span.start,
        length=span.end - span.start,
        url=span.argument if span.kind == "text_link" else None,
        language=span.argument if span.kind == "pre" else None,
    )
