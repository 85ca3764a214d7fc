"""Glimpses: a conversation, or what was said in it, in a few words; pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.intake.notice import clipped
from bot.texts import Texts

MAX_LINE = 200  # UTF-16 units
BEFORE, BEHIND = 60, 140  # characters around what was found

_SIGNS = re.compile(r"[*_`~|]+|^\s*(?:[#>]+|[-+•]|\d+[.)])\s+", re.MULTILINE)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_ISOLATED = "\u2068{}\u2069"  # keeps what stands around it in its order (unicode.org/reports/tr9, FSI and PDI)


def day(at: float, now: float, texts: Texts) -> str:
    """Return a day (UTC), with its year where that is not the present one; times are Unix seconds."""
    date, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    written = f"{date.day} {texts.months.split()[date.month - 1]}"
    return written if date.year == today.year else f"{written} {date.year}"


def named(title: str, texts: Texts) -> str:
    """Return a title as it can stand between other words, or what stands for none."""
    title = title or texts.untitled
    return _ISOLATED.format(title) if _RIGHT_TO_LEFT.search(title) else title


def first_line(markdown: str) -> str:
    """Return the first line of a text that says something, without the signs of Markdown; empty where none does."""
    lines = (_plain(line) for line in markdown[:4_000].splitlines())
    return clipped(next((line for line in lines if re.search(r"\w", line)), ""), MAX_LINE)


def passage(said: Sequence[str], terms: Sequence[Sequence[str]]) -> str:
    """Return the words around the first place in some texts (Markdown) where a term is said, else a first line."""
    for term in terms:
        pattern = re.compile(r"\W*".join(map(_either, term)), re.IGNORECASE)
        for text in said:
            if found := re.search(rf"(?<!\w){pattern.pattern}", text, re.IGNORECASE) or pattern.search(text):
                return _around(text, found.start())
    return next((line for line in map(first_line, said) if line), "")


def _either(word: str) -> str:
    return re.escape(word).replace("е", "[её]")


def _around(text: str, at: int) -> str:
    begin = max(0, at - BEFORE)
    if begin:
        begin = text.find(" ", begin, at) + 1 or begin
    end = at + BEHIND
    if end < len(text):
        end = text.rfind(" ", at + BEHIND // 2, end) + 1 or end
    words = _plain(text[begin:end])
    return f"{'…' if begin else ''}{words}{'…' if end < len(text) else ''}"


def _plain(text: str) -> str:
    return " ".join(_HIDDEN.sub(" ", _SIGNS.sub("", text)).split())
