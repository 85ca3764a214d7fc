"""Rich messages: from their source to blocks, within Telegram's limits.

How Telegram's own parser treats unfinished markup, and how it words its refusals, is not published: here what is not
closed ends with its block, and the refusals speak for themselves.
"""

from collections.abc import Iterator
from typing import Any

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.rich.html import html_blocks
from telegram_playground.text.rich.markdown import markdown_blocks

MAX_CHARACTERS = 32768  # these five: core.telegram.org/bots/api#rich-message-limits
MAX_BLOCKS = 500
MAX_LEVELS = 16
MAX_MEDIA = 50
MAX_COLUMNS = 20
MAX_ROW_BUTTONS = 8
_MEDIA = frozenset({"photo", "video", "animation", "audio", "voice_note", "document", "collage", "slideshow"})
_MAP = {"zoom": 15, "width": 600, "height": 300}  # of a map whose sender says nothing of it
_CHILDREN = ("blocks", "items", "cells", "buttons")
_WORDS = ("text", "summary", "caption", "credit", "label", "expression", "alternative_text")
_BROKEN = frozenset({"paragraph", "heading", "pre", "footer", "thinking", "mathematical_expression", "pullquote"})


def read(message: Values, *, draft: bool = False) -> Json:
    """Return a rich message as the Bot API shows it; raises ApiError for one that is over a limit.

    Thinking blocks are for drafts only.
    """
    sources = [source for source in (message.html, message.markdown, message.blocks) if source is not None]
    if len(sources) != 1:
        raise bad_request("exactly one of the fields html, markdown and blocks must be specified")
    if len(message.media or ()) > MAX_MEDIA:
        raise bad_request("rich message has too much media")
    if isinstance(sources[0], str) and len(sources[0]) > MAX_CHARACTERS:
        raise bad_request("rich message is too long")
    blocks = _blocks(message)
    if not draft and not words({"blocks": blocks}).strip() and not any(block["type"] == "divider" for block in blocks):
        raise bad_request("rich message must be non-empty")
    _check(blocks, draft=draft)
    rich: Json = {"blocks": blocks}
    if message.is_rtl:
        rich["is_rtl"] = True
    return rich


def words(message: Json) -> str:
    """Return the plain words of a rich message, a line per block."""
    return "".join(_words(message.get("blocks", []))).strip("\n")


def _blocks(message: Values) -> list[Json]:
    if message.markdown is not None:
        return markdown_blocks(message.markdown, levels=MAX_LEVELS)
    if message.html is not None:
        return html_blocks(message.html, levels=MAX_LEVELS)
    given = [block.json() for block in message.blocks or ()]
    for place in (value for value in _all(given) if value.get("type") == "map"):
        place.update(_MAP | place)
    for item_list in (value for value in _all(given) if value.get("type") == "list"):
        for number, item in enumerate(item_list["items"], 1):
            item["label"] = (
                f"{item['value']}." if "value" in item else "•" if item.get("type") is None else f"{number}."
            )
    return given


def _check(blocks: list[Json], *, draft: bool) -> None:
    count = 0
    for value in _all(blocks):
        count += "type" in value and ("items" not in value or value["type"] == "list")
        if value.get("type") in _MEDIA:
            raise bad_request(f"not simulated: {value['type']} blocks in rich messages")
        if value.get("type") == "thinking" and not draft:
            raise bad_request("thinking blocks are allowed only in drafts")
        if any(len(row) > MAX_COLUMNS for row in value.get("cells", ())):
            raise bad_request("rich message has a table with too many columns")
        if value.get("type") == "buttons" and not 1 <= len(value["buttons"]) <= MAX_ROW_BUTTONS:
            raise bad_request("rich message has a row with too many buttons")
        count += len(value.get("cells", ())) + len(value.get("items", ()))
    if count > MAX_BLOCKS:
        raise bad_request("rich message has too many blocks")
    if _depth(blocks) > MAX_LEVELS:
        raise bad_request("rich message is nested too deep")
    if len(words({"blocks": blocks})) > MAX_CHARACTERS:
        raise bad_request("rich message is too long")


def _all(value: Any) -> Iterator[Json]:
    """Yield every block, item and cell, outermost first."""
    if isinstance(value, list):
        for item in value:
            yield from _all(item)
    elif isinstance(value, dict):
        yield value
        for name in _CHILDREN:
            yield from _all(value.get(name, []))


def _depth(blocks: list[Json]) -> int:
    deepest, level = 0, [block for block in blocks if isinstance(block, dict)]
    while level:
        deepest += 1
        level = [child for block in level for child in (*block.get("blocks", ()), *_inner(block))]
    return deepest


def _inner(block: Json) -> list[Json]:
    return [child for item in block.get("items", ()) for child in item.get("blocks", ())]


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict):
        for name in (*_WORDS, *_CHILDREN):
            if name in value:
                yield from _words(value[name])
        if value.get("type") in _BROKEN:
            yield "\n"
