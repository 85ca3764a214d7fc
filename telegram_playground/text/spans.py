"""Formatted text: a string and the spans of it that are formatted.

Inside the server a span counts Python characters; at the edge it is a MessageEntity, which counts UTF-16 code units
(core.telegram.org/api/entities).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.wire import Json

# Kinds that are cut where they cross, and joined where they touch; tdlib MessageEntity.cpp, is_splittable_entity.
SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
_RANK = {"expandable_blockquote": 0, "blockquote": 0, "pre": 10, "code": 20, "text_link": 49, "text_mention": 49}
_RANK |= {kind: rank for rank, kind in enumerate(SPLITTABLE, 90)} | {"custom_emoji": 99}  # get_type_priority
_FOUND = 50
_GIVEN = frozenset({*_RANK, "date_time"})
# What is found in each text anew, so that a bot gives it in vain; telegram-bot-api Client.cpp, get_text_entity_type
_FOUND_ANEW = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (not included) of a text, and what is special about them."""

    kind: str
    start: int
    end: int
    extra: Json = field(default_factory=dict)

    def moved(self, start: int, end: int) -> "Span":
        """Return the same formatting elsewhere."""
        return replace(self, start=start, end=end)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text and its entities as the Bot API shows them."""

    text: str
    entities: list[Json]

    def content(self, *, text: str = "text", entities: str = "entities") -> Json:
        """Return the message's fields under their names."""
        content: Json = {}
        if self.text:
            content[text] = self.text
        if self.entities:
            content[entities] = self.entities
        return content


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 code units."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def ordered(spans: Iterable[Span]) -> list[Span]:
    """Return the spans as Telegram lists them: by start, the longest first, then by kind."""
    return sorted(spans, key=lambda span: (span.start, -span.end, _RANK.get(span.kind, _FOUND)))


def to_entities(text: str, spans: Iterable[Span]) -> list[Json]:
    """Turn spans into entities."""
    units = _units(text)
    entities = []
    for span in ordered(spans):
        start, end = (units[span.start], units[span.end]) if units else (span.start, span.end)
        entities.append({"offset": start, "length": end - start, "type": span.kind, **span.extra})
    return entities


def from_entities(text: str, entities: Sequence[Any]) -> list[Span]:
    """Turn entities (of the Bot API's attributes) into spans.

    Raises ApiError for one of an unknown type, that ends after the text, or begins or ends inside a character.
    """
    for entity in entities:
        if entity.type not in _GIVEN and entity.type not in _FOUND_ANEW:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
    entities = [entity for entity in entities if entity.type in _GIVEN]
    units = _units(text)
    index = {unit: character for character, unit in enumerate(units)} if units else None
    size = units[-1] if units else len(text)
    spans = []
    for entity in entities:
        start, end = entity.offset, entity.offset + entity.length
        if start < 0:
            raise bad_request(f"receive an entity with incorrect offset {start}")
        if entity.length < 0:
            raise bad_request(f"receive an entity with incorrect length {entity.length}")
        if start > size or end > size:
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if index is not None:
            if start not in index:
                raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {start}")
            if end not in index:
                raise bad_request(f"entity ends in a middle of a UTF-16 symbol at byte offset {end}")
            start, end = index[start], index[end]
        spans.append(Span(entity.type, start, end, _extra(entity)))
    return spans


def _units(text: str) -> list[int] | None:
    """Return the UTF-16 offset of every character and of the end, or None where it is the character's own number."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    units, offset = [], 0
    for character in text:
        units.append(offset)
        offset += 2 if character > "\uffff" else 1
    units.append(offset)
    return units


def _extra(entity: Any) -> Json:
    """Return what an entity says beside its type and place."""
    extra: Json = {}
    for name in ("url", "language", "custom_emoji_id", "unix_time", "date_time_format"):
        value = getattr(entity, name, None)
        if value is not None:
            extra[name] = value
    user = getattr(entity, "user", None)
    if user is not None:
        extra["user"] = user.json()
    return extra
