"""Marks around words: bold, italic and spoilers. Rules of the parser.

Less eager than CommonMark where code is meant (`2*3*4`, `__init__`, `a||b`).
"""

import re
import unicodedata

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

MAX_RUN = 16  # equal signs of emphasis in a row; more are a line that somebody has drawn

_DUNDER = re.compile(r"__[a-z][a-z0-9_]{,64}?(?:__(?!\w)|$)")
_AFTER_BOLD = frozenset(".,:;!?…)]}»”’。，：；！？）】」』")


def emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_`, but leave `2*3*4`, `2**3` and `__init__` as they are."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    run, before, after = _run(state)
    in_word = before.isalnum() and after.isalnum() and not _is_wide(before) and not _is_wide(after)
    operator = run == 1 and (in_word or (before in ")]" and (after.isalnum() or after in "([")))
    power = run == 2 and in_word and (before.isdigit() or after.isdigit())
    if run > MAX_RUN or (marker == "*" and (operator or power)):
        return _leave(state, run)
    dunder = _DUNDER.match(state.src, state.pos, state.posMax) if marker == "_" and run == 2 else None
    if dunder and (dunder[0].endswith("__") or state.env["growing"]):
        return _leave(state, len(dunder[0]))
    left, right = _flanks(before, after)
    if marker == "_":
        left, right = left and (not right or _is_mark(before)), right and (not left or _is_mark(after))
    elif run == 2 and before in _AFTER_BOLD and after.isalnum():
        right = True  # **Note:**text
    if in_word and state.env["growing"] and marker * run not in state.src[state.pos + run : state.posMax]:
        left = False
    if not (left or right):
        return _leave(state, run)
    _mark(state, run, 1, left, right)
    return True


def spoiler(state: StateInline, silent: bool) -> bool:
    """Read `||`, but leave `a||b` as it is."""
    if silent or state.src[state.pos] != "|":
        return False
    run, before, after = _run(state)
    if run != 2 or (before.isalnum() and after.isalnum()):
        return _leave(state, run)
    _mark(state, run, 2, *_flanks(before, after))
    return True


def spoilers(state: StateInline) -> None:
    """Make spoilers of the pairs of `||` that were found."""
    nested = [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]
    for delimiters in (state.delimiters, *nested):
        for opener in delimiters:
            if opener.marker == ord("|") and opener.end >= 0:
                first, last = state.tokens[opener.token], state.tokens[delimiters[opener.end].token]
                first.type, first.nesting, first.content = "spoiler_open", 1, ""
                last.type, last.nesting, last.content = "spoiler_close", -1, ""


def _run(state: StateInline) -> tuple[int, str, str]:
    """Return the length of the run of equal signs that begins here, and the characters around it."""
    marker, end = state.src[state.pos], state.pos + 1
    while end < state.posMax and state.src[end] == marker:
        end += 1
    before = state.src[state.pos - 1] if state.pos else " "
    return end - state.pos, before, state.src[end] if end < state.posMax else " "


def _leave(state: StateInline, length: int) -> bool:
    state.append_pending(state.src[state.pos : state.pos + length])
    state.pos += length
    return True


def _mark(state: StateInline, run: int, width: int, left: bool, right: bool) -> None:
    """Add a run of signs that may open or close a style; `width` of them make one mark."""
    marker = state.src[state.pos]
    length = run if width == 1 else 0  # 0: without CommonMark's rule on lengths divisible by 3
    if state.pending:
        state.pushPending()
    for _ in range(run // width):
        state.delimiters.append(Delimiter(ord(marker), length, len(state.tokens), -1, left, right))
        state.tokens.append(Token("text", "", 0, content=marker * width))
        state.tokens_meta.append(None)
    state.pos += run


def _flanks(before: str, after: str) -> tuple[bool, bool]:
    """Tell whether a run may open and may close (spec.commonmark.org, left- and right-flanking).

    Chinese and Japanese have no blanks, so a character of theirs beyond a mark counts as one.
    """
    left = not after.isspace() and (not _is_mark(after) or before.isspace() or _is_mark(before) or _is_wide(before))
    right = not before.isspace() and (not _is_mark(before) or after.isspace() or _is_mark(after) or _is_wide(after))
    return left, right


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _is_wide(character: str) -> bool:
    return character >= "\u2e80" and unicodedata.east_asian_width(character) in "WF"
