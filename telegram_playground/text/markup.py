"""What the parsers of the three parse modes share.

Errors are worded, and their offsets counted in bytes of UTF-8, as by tdlib td/telegram/MessageEntity.cpp.
"""

import re
from dataclasses import dataclass
from typing import Any

from telegram_playground.text.links import link_span
from telegram_playground.text.spans import Span

_PRE_LANGUAGE = re.compile(r"[^\s`]*")
_MAX_ADDRESS = 2048
_UNIX = re.compile(r"[0-9]{1,10}")
_SHOWN_AS = re.compile(r"r|w?[dD]?[tT]?")
_LINE_END = re.compile(r"\r\n|\n\r|\n|\r")


class MarkupError(ValueError):
    """Markup that Telegram refuses; its text follows "can't parse entities: "."""


@dataclass(slots=True)
class Open:
    """A span whose end is not reached yet."""

    name: str
    argument: str
    start: int
    at: int


class Output:
    """The text so far, as characters are added."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.spans: list[Span] = []

    def add(self, piece: str) -> None:
        """Add characters."""
        if piece:
            self.pieces.append(piece)
            self.length += len(piece)

    def since(self, start: int) -> str:
        """Return what was added after a place, to be taken for an address; nothing where it is too long to be one."""
        wanted = self.length - start
        if wanted > _MAX_ADDRESS:
            return ""
        tail = "".join(self.pieces[-wanted:]) if wanted else ""  # no piece is empty
        return tail[len(tail) - wanted :]

    def finish(self) -> tuple[str, list[Span]]:
        """Return the text and its spans."""
        return "".join(self.pieces), self.spans

    def span(self, kind: str, start: int, **extra: Any) -> None:
        """Format what was added after a place; nothing where nothing was."""
        if self.length > start:
            self.spans.append(Span(kind, start, self.length, dict(extra)))

    def link(self, url: str, start: int) -> None:
        """Put an address behind what was added after a place, unless it is refused."""
        span = link_span(url, start, self.length) if self.length > start else None
        if span:
            self.spans.append(span)


def pre_language(text: str, at: int) -> tuple[str, int]:
    """Read what follows three backticks: the language, if any, and one line end."""
    match = _PRE_LANGUAGE.match(text, at)
    language = match[0] if match and match.end() < len(text) and text[match.end()] != "`" else ""
    at += len(language)
    line_end = _LINE_END.match(text, at)
    return language, line_end.end() if line_end else at


def date_time(unix: str, shown: str) -> dict[str, Any] | None:
    """Return what a date-time entity says, or None for a time or form that is none.

    core.telegram.org/bots/api#date-time-entity-formatting
    """
    if not _UNIX.fullmatch(unix) or not _SHOWN_AS.fullmatch(shown):
        return None
    return {"unix_time": int(unix), **({"date_time_format": shown} if shown else {})}


def byte_offset(text: str, at: int) -> int:
    """Return the number of bytes before a character."""
    return len(text[:at].encode("utf-8", "surrogatepass"))
