"""Thought: what a model thinks, in a quotation of its own beside the answer, and known again as such; pure.

It begins with 💭 and stands at the very top, so that it is told from the answer also where it is read back from the
screen. While the model thinks its last lines are all there is; a chat that wants it keeps it folded above the answer.
"""

import re
from functools import lru_cache

import regex  # type: ignore[import-untyped]  # it ships no types
from aiogram.types import MessageEntity

from bot.reply.markdown.painter import THOUGHT
from bot.reply.markdown.rendered import Rendered, from_units, to_units
from bot.reply.markdown.renderer import render
from providers.visible import is_visible

LIVE = 400  # characters of the last lines
LINES = 6
FOLDED = 3_000  # UTF-16 units, the last ones, so that the answer stays in sight
READ = 4 * FOLDED  # characters of the source: looks may take most of them

_QUOTES = ("blockquote", "expandable_blockquote")
_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")  # all signs that Markdown may read something into
_GRAPHEME = regex.compile(r"\X")
_QUOTATION = re.compile(rf"> {THOUGHT}[^\n]*  \n(?:>[^\n]*  \n)*\n")  # as `folded` writes it
_BLANKS = re.compile(r"\n\s*\n")


def growing(thought: str) -> Rendered:
    """Return the last lines of a thought that goes on; nothing where there is nothing to see."""
    lines = _plain(thought[-4 * LIVE :], is_final=False).split("\n")
    text = _last("\n".join(lines[-LINES:]), LIVE, is_cut=len(lines) > LINES)
    if not is_visible(text):
        return Rendered("")
    shown = f"{THOUGHT} {text}"
    return Rendered(shown, (MessageEntity(type="blockquote", offset=0, length=len(to_units(shown))),))


@lru_cache(maxsize=32)  # it is asked for with each frame of the answer
def folded(thought: str) -> str:
    """Return a thought as the Markdown of a quotation, with an empty line under it; "" where there is nothing to see.

    Its signs are written as characters, so that none of them has a meaning for the answer below: no link's address, no
    code block that stays open.
    """
    text = _last(_plain(thought[-READ:], is_final=True), FOLDED)
    while (units := len(to_units(text))) > FOLDED:  # the quotation must never reach into a second part
        text = _last(text, FOLDED * len(text) // units - 1)
    if not is_visible(text):
        return ""
    lines = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text).split("\n")
    return "".join(f"> {line}  \n" for line in [f"{THOUGHT} {lines[0]}", *lines[1:]]) + "\n"


def below(markdown: str) -> str:
    """Return the source of an answer without the quotation that `folded` put above it."""
    found = _QUOTATION.match(markdown)
    return markdown[found.end() :] if found else markdown


def answer_in(shown: Rendered) -> str:
    """Return what a message, as it was laid out or read back, shows of the answer."""
    if not shown.entities or not shown.text.startswith(THOUGHT):
        return shown.text
    first = shown.entities[0]
    if first.type not in _QUOTES or first.offset:
        return shown.text
    return from_units(to_units(shown.text)[first.length :]).lstrip("\n")


def _plain(thought: str, *, is_final: bool) -> str:
    """Return a thought without the signs of its looks, and without empty lines."""
    return _BLANKS.sub("\n", render(thought, partial=not is_final).text.strip())


def _last(text: str, length: int, *, is_cut: bool = False) -> str:
    """Return the last characters of a text, from a line, else a word, else a whole character on."""
    if len(text) <= length:
        return f"…{text}" if is_cut and not text.startswith("…") else text
    tail = text[-length:]
    begins = [tail.find(sign, 0, length // 2) + 1 for sign in "\n "]
    begin = next(filter(None, begins), 0)
    if not begin:
        window = text[-length - 64 :]
        ends = (found.end() for found in _GRAPHEME.finditer(window))
        begin = next((end - (len(window) - length) for end in ends if end >= len(window) - length), 0)
    return f"…{tail[begin:]}"
