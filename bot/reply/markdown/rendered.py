"""Text as Telegram shows and stores it: characters, and entities counted in UTF-16 units."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aiogram.types import MessageEntity

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_INVISIBLE = re.compile(  # a text of nothing else is refused, tdlib misc.cpp strip_empty_characters
    "[ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]*"
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and its entities, sorted by offset, outer before inner; equal values look equal on the screen."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


def to_units(text: str) -> str:
    """Return `text` with each character beyond U+FFFF written as its two surrogates: one item per UTF-16 unit."""
    return text if text.isascii() else _ASTRAL.sub(_pair, text)


def from_units(units: str) -> str:
    """Undo `to_units`; half a pair becomes U+FFFD."""
    return units if units.isascii() else units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def trimmed(text: str, entities: tuple[MessageEntity, ...]) -> Rendered:
    """Trim a whole text as Telegram's server does; a text of nothing visible becomes empty."""
    if text == text.strip(" \n") and not _INVISIBLE.fullmatch(text):
        return Rendered(text, entities)
    units = to_units(text)
    return clip(units, entities, 0, len(units))


def clip(units: str, entities: Iterable[MessageEntity], start: int, end: int) -> Rendered:
    """Cut out `units[start:end]` with its share of `entities`, and trim it.

    Blanks at the end go; those at the beginning up to the first entity (tdlib MessageEntity.cpp, fix_formatted_text).
    """
    while end > start and units[end - 1] in " \n":
        end -= 1
    kept = [entity for entity in entities if entity.offset < end and entity.offset + entity.length > start]
    first = min((max(entity.offset, start) for entity in kept), default=end)
    while start < first and units[start] in " \n":
        start += 1
    text = from_units(units[start:end])
    if _INVISIBLE.fullmatch(text):
        return Rendered("")
    return Rendered(text, tuple(_clipped(entity, start, end) for entity in kept))


def _clipped(entity: MessageEntity, start: int, end: int) -> MessageEntity:
    offset = max(entity.offset, start)
    length = min(entity.offset + entity.length, end) - offset
    return entity if start == 0 and length == entity.length else _copy(entity, offset - start, length)


def _copy(entity: MessageEntity, offset: int, length: int) -> MessageEntity:
    return MessageEntity(type=entity.type, offset=offset, length=length, url=entity.url, language=entity.language)


def _pair(match: re.Match[str]) -> str:
    code = ord(match[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))
