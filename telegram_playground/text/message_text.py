"""What happens to a text on its way into a message: markup, cleaning, trimming, limits.

    parse  the request's text, parse_mode and entities -> Parsed (checked before the chat is)
    settle Parsed -> Formatted, as it is stored          (checked after the chat is)

After telegram-bot-api Client.cpp (get_formatted_text), tdlib misc.cpp (clean_input_string), MessageEntity.cpp
(fix_formatted_text).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.text import detect
from telegram_playground.text.html import parse_html
from telegram_playground.text.links import link_span
from telegram_playground.text.markdown import parse_markdown
from telegram_playground.text.markdown_v2 import parse_markdown_v2
from telegram_playground.text.markup import MarkupError
from telegram_playground.text.normal import kept, normal, with_found
from telegram_playground.text.spans import Formatted, Span, from_entities, to_entities, utf16_length

MAX_RAW_BYTES = 32768  # before markup is parsed; telegram-bot-api Client.cpp
MAX_TEXT = 4096  # after entities parsing; core.telegram.org/bots/api#sendmessage
MAX_CAPTION = 1024
_PARSERS = {"html": parse_html, "markdown": parse_markdown, "markdownv2": parse_markdown_v2}
_SPACED = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_REMOVED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")  # tdlib misc.cpp clean_input_string
_DIRECTIONS = re.compile("[\u200e\u200f]+(?=[\u200e\u200f])")  # tdlib misc.cpp replace_offending_characters
_UNSEEN = re.compile(  # tdlib misc.cpp strip_empty_characters
    "[ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]*"
)
_BLANK = " \n"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text without its markup, not cleaned yet."""

    text: str
    spans: list[Span]


def parse(
    text: str | None, parse_mode: object, entities: Sequence[Any] | None, *, can_be_empty: bool = False
) -> Parsed:
    """Read a request's text. A parse_mode beats entities.

    Raises ApiError for an empty text (unless it can be), one over 32768 bytes, bad markup and bad entities.
    """
    if not text:
        if can_be_empty:
            return Parsed("", [])
        raise bad_request("message text is empty")
    if size_bytes(text) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower() if isinstance(parse_mode, str) else ""
    if mode not in ("", "none"):
        parser = _PARSERS.get(mode)
        if parser is None:
            raise bad_request("unsupported parse_mode")
        try:
            parsed = Parsed(*parser(text))
            size_bytes(parsed.text)  # a reference to half a pair of surrogates
            return parsed
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    return Parsed(text, from_entities(text, entities or ()))


def settle(parsed: Parsed, user: Callable[[int], Json | None], *, can_be_empty: bool = False) -> Formatted:
    """Clean and trim a text and find what Telegram finds in it; `user` tells who has an id.

    A mention of an unknown user stays plain. Raises ApiError where nothing but blanks is left and that is not allowed.
    """
    text, spans = _clean(parsed.text, normal(_known(parsed.spans, user)))
    text, spans = _trim(text, normal(spans))
    if not text and can_be_empty:
        return Formatted("", [])
    if not can_be_empty and _UNSEEN.fullmatch(text):
        raise bad_request("text must be non-empty")
    return Formatted(text, to_entities(text, with_found(kept(spans), detect.found(text))))


def size_bytes(text: str) -> int:
    """Return the number of bytes in UTF-8; raises ApiError for half a surrogate pair."""
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def too_long(text: str, *, unit: str, limit: int = MAX_TEXT) -> bool:
    """Tell whether a text exceeds the limit, counted in `utf16` code units or `codepoints`."""
    return (utf16_length(text) if unit == "utf16" else len(text)) > limit


def _clean(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Turn control characters into spaces (line feeds stay), take out what Telegram removes and replace runs of signs
    of direction.
    """
    text = _SPACED.sub(" ", text)
    if not _REMOVED.search(text):
        return _undirected(text), spans
    removed = [match.start() for match in _REMOVED.finditer(text)]
    place, count, removals = [], 0, iter([*removed, -1])
    following = next(removals)
    for character in range(len(text) + 1):
        place.append(character - count)
        if character == following:
            count += 1
            following = next(removals)
    return _undirected(_REMOVED.sub("", text)), [span.moved(place[span.start], place[span.end]) for span in spans]


def _trim(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Cut trailing blanks, and leading blanks up to the first span."""
    text = text.rstrip(_BLANK)
    spans = [span.moved(span.start, min(span.end, len(text))) for span in spans if span.start < len(text)]
    first = min((span.start for span in spans), default=len(text))
    cut = min(first, len(text) - len(text.lstrip(_BLANK)))
    if not cut:
        return text, spans
    return text[cut:], [span.moved(span.start - cut, span.end - cut) for span in spans]


def _known(spans: list[Span], user: Callable[[int], Json | None]) -> Iterator[Span]:
    """Put the user into each mention by id and a checked address into each link."""
    for span in spans:
        if span.kind == "text_link":
            link = link_span(str(span.extra.get("url", "")), span.start, span.end)
            if link is None:
                continue
            span = link
        if span.kind == "text_mention":
            account = user(span.extra["user"]["id"]) if "user" in span.extra else None
            if account is None:
                continue
            span = replace(span, extra={"user": account})
        yield span


def _undirected(text: str) -> str:
    return _DIRECTIONS.sub(lambda match: "\u200c" * len(match[0]), text)
