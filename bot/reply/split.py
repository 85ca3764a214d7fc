"""Cut a rendered text into the parts of a reply.

A cut depends only on the text up to the limit of its part. So text added at the end never moves a cut, and a full part
stays as it is.
"""

import re
from collections.abc import Iterator, Sequence

import regex  # type: ignore[import-untyped]  # it ships no types
from aiogram.types import MessageEntity

from bot.reply.markdown.rendered import Rendered, clip, from_units, to_units

MAX_PART = 4096  # UTF-16 units of one message, core.telegram.org/bots/api#sendmessage
MAX_ENTITIES = 100  # of one message; further ones are dropped in silence, tdlib MessageEntity.cpp MAX_USER_ENTITY_COUNT

_BLANK_LINES = re.compile(r"[ \n]*\n")
_PARAGRAPH = re.compile(r"\n[ \n]*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"""[.!?…]["'»”’)\]]*(?=\s)|[。！？]""")
_WORD = re.compile(r"\s")
_GRAPHEME = regex.compile(r"\X")
_LOOKBACK = 256  # units; a longer grapheme is no writing of any language and may be cut


def split(rendered: Rendered, *, limit: int = MAX_PART) -> list[Rendered]:
    """Cut a text into all its parts; see `parts`."""
    return list(parts(rendered, limit=limit))


def parts(rendered: Rendered, *, limit: int = MAX_PART) -> Iterator[Rendered]:
    """Cut a text into parts of at most `limit` UTF-16 units and 100 entities, never inside a grapheme.

    Breaks after a paragraph, else a line, sentence or word that leaves the part at least half full, else hard; where it
    can be helped, not inside the text of a link or inline code, nor after a heading or a colon. Entities are cut and
    shifted with the text. Only blanks at the breaks go. `limit` is at least 2. No part is blank.
    """
    units = to_units(rendered.text)
    start = following = 0
    entities: list[MessageEntity] = []
    while start < len(units):
        entities = [entity for entity in entities if _end(entity) > start]
        while following < len(rendered.entities) and rendered.entities[following].offset <= start + limit:
            entities.append(rendered.entities[following])
            following += 1
        end = _window(entities, start, start + limit)
        cut = len(units) if len(units) <= end else _cut(units, entities, start, end)
        part = clip(units, entities, start, cut)
        if part.text:
            yield part
        start = _after_blanks(units, entities, cut)


def _after_blanks(units: str, entities: Sequence[MessageEntity], cut: int) -> int:
    """Return where the part after `cut` begins: in a code block with the blanks of its first line."""
    blank_lines = _BLANK_LINES.match(units, cut)
    start = blank_lines.end() if blank_lines else cut
    if not any(entity.type == "pre" and entity.offset <= start < _end(entity) for entity in entities):
        while start < len(units) and units[start] == " ":
            start += 1
    return start


def _window(entities: Sequence[MessageEntity], start: int, end: int) -> int:
    """Return where a part from `start` must end at the latest, given its number of entities."""
    if len(entities) > MAX_ENTITIES and start < entities[MAX_ENTITIES].offset < end:
        return entities[MAX_ENTITIES].offset
    return end


def _cut(units: str, entities: Sequence[MessageEntity], start: int, end: int) -> int:
    half = start + (end - start) // 2
    whole = [entity for entity in entities if entity.type in ("text_link", "code")]
    code = [entity for entity in entities if entity.type == "pre"]

    paragraphs = [cut for cut in _breaks(_PARAGRAPH, units, half, end) if not _inside(cut, code)]
    lines = [cut for cut in _breaks(_LINE, units, half, end) if not _inside(cut, whole)]
    for cuts in (paragraphs, lines):
        for cut in reversed(cuts):
            if not _introduces(units, entities, cut):
                return cut
    sentences = [match.end() for match in _SENTENCE.finditer(units, half, end + 1) if match.end() <= end]
    words = _breaks(_WORD, units, half, end)
    for cuts in (lines, sentences, words):
        for cut in reversed(cuts):
            if not _inside(cut, whole):
                return cut
    return _hard(units, whole, start, end)


def _breaks(pattern: re.Pattern[str], units: str, half: int, end: int) -> list[int]:
    return [match.start() for match in pattern.finditer(units, half, end + 2) if half < match.start() <= end]


def _introduces(units: str, entities: Sequence[MessageEntity], cut: int) -> bool:
    """Tell whether the line before `cut` belongs to what follows: it is a heading (all bold) or ends in a colon."""
    line = units.rfind("\n", 0, cut) + 1
    return units[cut - 1] == ":" or any(
        entity.type == "bold" and entity.offset == line and _end(entity) == cut for entity in entities
    )


def _hard(units: str, whole: Sequence[MessageEntity], start: int, end: int) -> int:
    """Return the last place up to `end` that is inside no grapheme, and inside no link where that can be helped."""
    outer = next((entity for entity in whole if start < entity.offset < end < _end(entity)), None)
    if outer:
        return outer.offset
    cut = max(_graphemes(units, max(start, end - _LOOKBACK), end), default=start)
    if cut > start:
        return cut
    return end - 1 if end - 1 > start and "\udc00" <= units[end] <= "\udfff" else end


def _graphemes(units: str, start: int, end: int) -> Iterator[int]:
    """Yield the ends, up to `end`, of the graphemes of `units[start:]`."""
    if "\udc00" <= units[start] <= "\udfff":
        start += 1
    for match in _GRAPHEME.finditer(from_units(units[start : end + 2])):
        start += len(to_units(match[0]))
        if start <= end:
            yield start


def _inside(cut: int, entities: Sequence[MessageEntity]) -> bool:
    return any(entity.offset < cut < _end(entity) for entity in entities)


def _end(entity: MessageEntity) -> int:
    return entity.offset + entity.length
