"""What Telegram finds in a text by itself: mentions, commands, hashtags, cashtags, addresses.

After tdlib td/telegram/MessageEntity.cpp (find_mentions, find_bot_commands, find_hashtags, find_cashtags, find_urls).
"""

import re
from collections.abc import Iterator

from telegram_playground.text.spans import Span

# Without a scheme only names that end in a known top-level domain are addresses; tdlib has the whole list.
_TOP_LEVEL = (
    "com|org|net|info|biz|edu|gov|io|ai|app|dev|me|tv|co|cc|xyz|site|online|store|tech|cloud|chat|ru|su|by|ua|kz|uz|de|at|ch"
    "|uk|fr|it|es|pt|nl|be|pl|cz|se|no|fi|dk|eu|us|ca|br|mx|ar|in|cn|jp|kr|tr|ir|il|au|nz|za|рф"
)
_SCHEME = r"(?:https?|ftp|tg|ton|tonsite)://"
_HOST = r"(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.)+"
_TAIL = r"(?::\d{1,5})?(?:[/?#][^\s<>\"«»…]*)?"
_URL = re.compile(
    rf"(?<![\w@.$#/-])(?:{_SCHEME}(?:{_HOST}[^\W\d_][\w-]*|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|localhost)|{_HOST}(?:{_TOP_LEVEL})(?![\w-])(?!\.\w)){_TAIL}",
    re.IGNORECASE,
)
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@{_HOST}[^\W\d_]{{2,}}(?![\w-])")
_MENTION = re.compile(r"(?<![\w/])@([A-Za-z0-9_]{2,32})(?![\w])", re.ASCII)
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_HASHTAG = re.compile(r"(?<![\w#])#\w{1,256}(?![\w#])(?:@[A-Za-z0-9_]{3,32})?")
_CASHTAG = re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])")
_SHORT_NAMES = frozenset({"gif", "pic", "vid", "wiki", "bing", "imdb", "bold", "vote", "like", "coub", "ya"})
_MENTION_MIN = 4  # letters; shorter names belong to Telegram's own bots
_SIGNS = re.compile(r"[@/#$.:]")


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
    if "." in text or "://" in text:
        for match in _URL.finditer(text):
            start, end = match.span()
            while text[end - 1] in ".,:;!?'\")]}":
                if text[end - 1] == ")" and "(" in text[start:end]:
                    break
                end -= 1
            yield Span("url", start, end)
