"""Title: what a conversation is called: by its first question until somebody names it; pure."""

import re
import unicodedata
from collections.abc import Sequence

from providers.blocks import Content, text_of

MAX_TITLE = 60  # characters, of the first question's first line
MAX_GIVEN_TITLE = 100

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


def title_of(contents: Sequence[Content]) -> str:
    """Return what a conversation is called that begins with these: 60 characters of the first line, maybe none."""
    lines = [line for content in contents for line in text_of(content).splitlines() if line.strip()]
    own = next((line for line in lines if not line.startswith("> ")), lines[0] if lines else "")
    return title(own, limit=MAX_TITLE)


def title(text: str, *, limit: int = MAX_GIVEN_TITLE) -> str:
    """Return a text as a title: one line without hidden signs, at most `limit` characters; no sign is cut in two."""
    line = " ".join(_HIDDEN.sub(" ", text).split())
    if len(line) <= limit:
        return line
    at = limit - 1
    while at > limit // 2 and _belongs_to_former(line[at], line[at - 1]):
        at -= 1
    return f"{line[:at].rstrip()}…"


def _belongs_to_former(sign: str, former: str) -> bool:
    """Tell whether a character is part of the sign that the one before begins."""
    flags = "\U0001f1e6" <= sign <= "\U0001f1ff" and "\U0001f1e6" <= former <= "\U0001f1ff"
    tones = "\U0001f3fb" <= sign <= "\U0001f3ff"
    return flags or tones or sign == "\u200d" or former == "\u200d" or unicodedata.category(sign).startswith("M")
