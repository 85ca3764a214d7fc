"""What Telegram finds in a text by itself: mentions, commands, hashtags, cashtags, addresses, phone numbers.

After tdlib td/telegram/MessageEntity.cpp (find_mentions, find_bot_commands, find_hashtags, find_cashtags, find_urls,
fix_url); phone numbers are found by Telegram's servers.
"""

import re
from collections.abc import Iterator

from telegram_playground.text.domains import TOP_LEVEL
from telegram_playground.text.spans import Span

_URL = re.compile(
    r"(?<![\w@.$#/-])"
    r"(?P<scheme>(?:https?|ftp|tg|ton|tonsite)://)?"
    r"(?P<user>[\w.~!$&*+=%:-]{1,256}@)?"
    r"(?P<host>[\w-]+(?:\.[\w-]+)*)"
    r"(?P<port>:(?!0)\d{1,5})?(?!\d)"
    r"(?P<tail>[/?#][^\s<>\"«»…]*)?",
    re.IGNORECASE,
)
_OWN_SCHEMES = ("tg://", "ton://", "tonsite://")  # what follows them need not be a domain
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.)+[^\W\d_]{2,}(?![\w-])")
_MENTION = re.compile(r"(?<![\w/])@([A-Za-z0-9_]{2,32})(?![\w])", re.ASCII)
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_HASHTAG = re.compile(r"(?<![\w#])#\w{1,256}(?![\w#])(?:@[A-Za-z0-9_]{3,32})?")
_CASHTAG = re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?:@[A-Za-z0-9_]{3,32})?(?![\w$])")
_PHONE = re.compile(r"(?<![\w+])\+[0-9](?:[ ()-]{0,2}[0-9]){6,14}(?!\w)")
_SHORT_NAMES = frozenset({"gif", "pic", "vid", "wiki", "bing", "imdb", "bold", "vote", "like", "coub", "ya"})
_MENTION_MIN = 4  # letters; shorter names belong to Telegram's own bots
_SIGNS = re.compile(r"[@/#$.:+]")
_MAX_PORT, _MAX_PART = 65535, 63
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_NOT_LAST = ".:;,('?!`#"


def found(text: str) -> list[Span]:
    """Return what is found in a text, by start; nothing overlaps."""
    if not _SIGNS.search(text):
        return []
    spans: list[Span] = []
    end = 0
    for span in sorted(_all(text), key=lambda span: (span.start, -span.end)):
        if span.start >= end:
            spans.append(span)
            end = span.end
    return spans


def _all(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in _MENTION.finditer(text):
            name = match[1]
            if len(name) >= _MENTION_MIN or name.lower() in _SHORT_NAMES:
                yield Span("mention", *match.span())
        for match in _EMAIL.finditer(text):
            yield Span("email", *match.span())
    if "/" in text:
        for match in _COMMAND.finditer(text):
            yield Span("bot_command", *match.span())
    if "#" in text:
        for match in _HASHTAG.finditer(text):
            if any(character.isalpha() for character in match[0]):
                yield Span("hashtag", *match.span())
    if "$" in text:
        for match in _CASHTAG.finditer(text):
            yield Span("cashtag", *match.span())
    if "+" in text:
        for match in _PHONE.finditer(text):
            yield Span("phone_number", *match.span())
    if "." in text or "://" in text:
        for match in _URL.finditer(text):
            if _is_address(match, text):
                yield Span(
                    "url",
                    match.start(),
                    match.start("tail") + _tail_length(match["tail"]) if match["tail"] else match.end(),
                )


def _is_address(match: "re.Match[str]", text: str) -> bool:
    scheme, host = (match["scheme"] or "").lower(), match["host"]
    if scheme in _OWN_SCHEMES:
        return True
    if match["user"] and not scheme and ":" not in match["user"]:
        return False  # an e-mail address, if anything
    if match["port"] and int(match["port"][1:]) > _MAX_PORT:
        return False
    if not match["tail"] and text[match.end() : match.end() + 1] == "@":
        return False
    parts = host.split(".")
    if scheme and host == "localhost":
        return True
    if len(parts) < 2 or any(not part or len(part) > _MAX_PART or part[-1] == "-" or part[0] == "-" for part in parts):
        return False
    if all(part.isascii() and part.isdigit() for part in parts):
        return len(parts) == 4 and all(len(part) < 4 and int(part) < 256 for part in parts)
    last = parts[-1].lower()
    if last.startswith("xn--"):
        return len(last) > 5 and last[4:].isalnum()
    if len(last) < 2 or not last.isalpha() or "_" in parts[-2]:
        return False
    return bool(scheme) or last in TOP_LEVEL


def _tail_length(tail: str) -> int:
    """Return how much of a path belongs to the address: brackets in pairs, no sign at its end that ends a sentence."""
    open_ones: dict[str, int] = dict.fromkeys(_BRACKETS.values(), 0)
    end = len(tail)
    for at, sign in enumerate(tail):
        if sign in open_ones:
            open_ones[sign] += 1
        elif sign in _BRACKETS:
            open_ones[_BRACKETS[sign]] -= 1
            if open_ones[_BRACKETS[sign]] < 0:
                end = at
                break
    while end and tail[end - 1] in _NOT_LAST:
        end -= 1
    return end
