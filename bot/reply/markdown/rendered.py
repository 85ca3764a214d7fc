"""Text as Telegram shows and stores it: characters, and entities counted in UTF-16 units."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from aiogram.types import MessageEntity

from bot.reply.markdown.nesting import Span, order
from providers.visible import is_visible

_ASTRAL = re.compile("[\U00010000-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and its entities, sorted by offset, outer before inner; equal values look equal on the screen."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


class _Pairs(dict[str, str]):
    """The two surrogates of each character beyond U+FFFF that was asked for."""

    def __missing__(self, character: str) -> str:
        high, low = divmod(ord(character) - 0x10000, 0x400)
        pair = chr(0xD800 + high) + chr(0xDC00 + low)
        if len(self) < 4096:
            self[character] = pair
        return pair


_PAIRS = _Pairs()


def to_units(text: str) -> str:
    """Return `text` with each character beyond U+FFFF written as its two surrogates: one item per UTF-16 unit."""
    return text if text.isascii() else _ASTRAL.sub(_pairs, text)


def from_units(units: str) -> str:
    """Undo `to_units`; half a pair becomes U+FFFD."""
    return units if units.isascii() else units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def spans(rendered: Rendered) -> list[Span]:
    """Return what `clip` made entities of."""
    return [
        Span(entity.type, entity.offset, entity.offset + entity.length, entity.url or entity.language)
        for entity in rendered.entities
    ]


def clip(units: str, spans: Iterable[Span], start: int, end: int) -> Rendered:
    """Cut out `units[start:end]` with its share of `spans`, and trim it; what nobody could see becomes empty.

    Blanks at the end go; those at the beginning up to the first span (tdlib MessageEntity.cpp, fix_formatted_text).
    """
    while end > start and units[end - 1] in " \n":
        end -= 1
    kept = [span for span in spans if span.start < end and span.end > start]
    first = min((max(span.start, start) for span in kept), default=end)
    while start < first and units[start] in " \n":
        start += 1
    text = from_units(units[start:end])
    if not is_visible(text):
        return Rendered("")
    clipped = [Span(span.kind, max(span.start, start), min(span.end, end), span.argument) for span in kept]
    clipped.sort(key=_order)
    return Rendered(
        text, tuple(_entity(each.kind, each.start - start, each.end - each.start, each.argument) for each in clipped)
    )


def _order(span: Span) -> tuple[int, int, int]:
    return order(span.kind, span.start, span.end)


@lru_cache(maxsize=8192)  # a part is cut again with each frame, and to make one takes long
def _entity(kind: str, offset: int, length: int, argument: str | None) -> MessageEntity:
    return MessageEntity(
        type=kind,
        offset=offset,
        length=length,
        url=argument if kind == "text_link" else None,
        language=argument if kind == "pre" else None,
    )


def _pairs(match: re.Match[str]) -> str:
    return "".join(map(_PAIRS.__getitem__, match[0]))
