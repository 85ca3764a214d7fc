"""Text as Telegram shows and stores it: characters, and entities counted in UTF-16 units."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aiogram.types import MessageEntity

from bot.reply.markdown.nesting import order
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


def clip(units: str, entities: Iterable[MessageEntity], start: int, end: int) -> Rendered:
    """Cut out `units[start:end]` with its share of `entities`, and trim it; what nobody could see becomes empty.

    Blanks at the end go; those at the beginning up to the first entity (tdlib MessageEntity.cpp, fix_formatted_text).
    """
    while end > start and units[end - 1] in " \n":
        end -= 1
    kept = [entity for entity in entities if entity.offset < end and entity.offset + entity.length > start]
    first = min((max(entity.offset, start) for entity in kept), default=end)
    while start < first and units[start] in " \n":
        start += 1
    text = from_units(units[start:end])
    if not is_visible(text):
        return Rendered("")
    clipped = [_clipped(entity, start, end) for entity in kept]
    return Rendered(text, tuple(sorted(clipped, key=_order)))


def _order(entity: MessageEntity) -> tuple[int, int, int]:
    return order(entity.type, entity.offset, entity.offset + entity.length)


def _clipped(entity: MessageEntity, start: int, end: int) -> MessageEntity:
    offset = max(entity.offset, start)
    length = min(entity.offset + entity.length, end) - offset
    return entity if start == 0 and length == entity.length else _copy(entity, offset - start, length)


def _copy(entity: MessageEntity, offset: int, length: int) -> MessageEntity:
    return MessageEntity(type=entity.type, offset=offset, length=length, url=entity.url, language=entity.language)


def _pairs(match: re.Match[str]) -> str:
    return "".join(map(_PAIRS.__getitem__, match[0]))
