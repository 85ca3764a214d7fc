"""Text inside the blocks of rich messages, written in Markdown; anything unclosed stays as it is."""

import re
from typing import Any

from telegram_playground.protocol.wire import Json
from telegram_playground.text import detect
from telegram_playground.text.links import checked_link

RichText = Any  # a str, an object with "type" and "text", or a list of these; core.telegram.org/bots/api#richtext
_PAIRS = (
    ("**", "bold"),
    ("__", "bold"),
    ("~~", "strikethrough"),
    ("||", "spoiler"),
    ("==", "marked"),
    ("*", "italic"),
    ("_", "italic"),
)
_START = re.compile(r"[*_~|=`\[$\\]")
_LINK = re.compile(r"\[([^\[\]\n]*)\]\(([^()\s]*)\)")
_NAMES = {
    "mention": ("mention", "username"),
    "hashtag": ("hashtag", "hashtag"),
    "cashtag": ("cashtag", "cashtag"),
    "bot_command": ("bot_command", "bot_command"),
    "url": ("url", "url"),
    "email": ("email_address", "email_address"),
}
_MAX_NESTED = 8


def inline(text: str, *, nested: int = 0) -> RichText:
    """Return the formatted text of one line or paragraph."""
    pieces: list[RichText] = []
    at = plain = 0
    while True:
        sign = _START.search(text, at)
        if sign is None:
            break
        found = _at(text, sign.start(), nested) if nested < _MAX_NESTED else None
        if found is None:
            at = sign.end()
            continue
        piece, end = found
        pieces += plain_text(text[plain : sign.start()])
        pieces.append(piece)
        at = plain = end
    pieces += plain_text(text[plain:])
    return joined(pieces)


def plain_text(text: str) -> list[RichText]:
    """Return a text with what is found in it by itself."""
    pieces: list[RichText] = []
    at = 0
    for span in detect.found(text):
        kind, name = _NAMES[span.kind]
        word = text[span.start : span.end]
        value = (checked_link(word) or word) if kind == "url" else word
        pieces += [text[at : span.start], {"type": kind, "text": word, name: value}]
        at = span.end
    return [piece for piece in (*pieces, text[at:]) if piece]


def joined(pieces: list[RichText]) -> RichText:
    """Return pieces as one text."""
    if not pieces:
        return ""
    return pieces[0] if len(pieces) == 1 else pieces


def _at(text: str, at: int, nested: int) -> tuple[RichText, int] | None:
    """Return the formatted piece that begins at a sign, and its end."""
    if text[at] == "\\" and text[at + 1 : at + 2] and not text[at + 1].isalnum():
        return text[at + 1], at + 2
    if text[at] == "`":
        end = text.find("`", at + 1)
        return ({"type": "code", "text": text[at + 1 : end]}, end + 1) if end > at + 1 else None
    if text[at] == "$":
        end = text.find("$", at + 1)
        closed = end > at + 1 and not text[at + 1].isspace() and not text[end - 1].isspace()
        return ({"type": "mathematical_expression", "expression": text[at + 1 : end]}, end + 1) if closed else None
    if text[at] == "[":
        link = _LINK.match(text, at)
        return _link(link, nested) if link else None
    for sign, kind in _PAIRS:
        if text.startswith(sign, at):
            return _pair(text, at, sign, kind, nested)
    return None


def _pair(text: str, at: int, sign: str, kind: str, nested: int) -> tuple[RichText, int] | None:
    start = at + len(sign)
    end = text.find(sign, start + 1)
    if end < 0 or text[start].isspace() or text[end - 1].isspace():
        return None
    if sign == "_" and (text[at - 1 : at].isalnum() or text[end + 1 : end + 2].isalnum()):
        return None
    inner: Json = {"type": kind, "text": inline(text[start:end], nested=nested + 1)}
    return inner, end + len(sign)


def _link(link: re.Match[str], nested: int) -> tuple[RichText, int] | None:
    url = checked_link(link[2])
    shown = inline(link[1], nested=nested + 1)
    return ({"type": "url", "text": shown, "url": url} if url and link[1] else shown), link.end()
