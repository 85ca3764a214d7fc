"""The end of a text that is still growing: what to hold back, and what an unfinished construct will become.

A mark at the very end is held back until the next character says what it is; an open bold, code, link, formula or table
is shown as if it were closed. So raw marks do not flash, and text already shown keeps its look.
"""

import re
from collections.abc import Sequence

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

MAX_COLUMNS = 32  # of a table
MAX_BRACKETS = 32  # from the beginning of a link to its address
MAX_LABEL = 60  # characters; in a longer one the bracket is shown, because hardly a link begins with it

_PREFIX = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_ONLY_MARKS = re.compile(r"[-=*_+|:>~`#\\$ \t]*")
_FENCE = re.compile(_PREFIX + r"(?=`{3,}[^`]*$|~{3,})")
_TASK = re.compile(_PREFIX + r"(?=(?<=[ \t])\[[ xX]?\]?$)")
_MARKS = "*_~|`\\$["
_CLOSED = re.compile(r"\n[ \t>]*\n[ \t>]*$")
_LABEL = re.compile(r"!?\[")
_PLAIN_LABEL = re.compile(r"[\d\s^]|[xX]?$")
_ADDRESS = re.compile(r"""\(\s*(?:<[^<>\n)]*|(?:<[^<>\n]*>|[^\s<>]*)(?:\s+(?:"[^"]*"?|'[^']*'?|\([^)]*\)?)?\s*)?)""")
_AUTOLINK = re.compile(r"<(?:https?|ftp|mailto|tel|tg):[^\s<>]*$", re.IGNORECASE)


def hold(source: str) -> str:
    """Take from the end of `source` the marks whose meaning only the next characters will tell."""
    start = source.rfind("\n") + 1
    line = source[start:]
    if _ONLY_MARKS.fullmatch(line):
        return source[:start]
    if match := _FENCE.match(line) or _TASK.match(line):
        return hold(source[: start + match.end()])
    while (shorter := line.removesuffix("\\(").removesuffix("![").rstrip(_MARKS)) != line:
        line = shorter
    return source[:start] + line


def last(tokens: Sequence[Token], source: str) -> Token | None:
    """Return the token whose text the next characters of `source` will continue."""
    index = len(tokens) - 1
    while index >= 0 and (tokens[index].nesting < 0 or _is_empty(tokens[index])):
        index -= 1
    if index < 0 or tokens[index].type != "inline" or _CLOSED.search(source):
        return None
    one_line = tokens[index + 1].type != "paragraph_close"
    return None if one_line and source.endswith("\n") else tokens[index]


def _is_empty(token: Token) -> bool:
    return token.type == "inline" and not token.content


# Rules of the parser


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take a line at the end that begins with `|` for the head of a table."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].strip()
    if not state.env["partial"] or not is_last(state, start) or state.is_code_block(start) or line[:1] != "|":
        return False
    cells = escapedSplit(line.strip("|"))
    if len(cells) > MAX_COLUMNS:
        return False
    if silent:
        return True
    opening = state.push("table_open", "table", 1)
    opening.map, opening.meta["open"] = [start, start + 1], True
    state.push("tr_open", "tr", 1).map = [start, start + 1]
    for cell in cells:
        state.push("th_open", "th", 1)
        state.push("inline", "", 0).content = cell.strip()
        state.push("th_close", "th", -1)
    state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)
    state.line = start + 1
    return True


def is_last(state: StateBlock, line: int) -> bool:
    """Tell whether nothing follows a line in the source; `state.lineMax` is only the end of the quote around it."""
    return state.eMarks[line] + 1 >= len(state.src)


def code(state: StateInline, silent: bool) -> bool:
    """Take what follows a backtick for code up to the end, if no other backtick ends it."""
    if not state.env["growing"] or state.src[state.pos] != "`":
        return False
    start = state.pos
    while start < state.posMax and state.src[start] == "`":
        start += 1
    marks = state.src[state.pos : start]
    if re.compile(f"(?<!`){marks}(?!`)").search(state.src, start):
        return False
    if not silent:
        state.push("code_inline", "code", 0).content = state.src[start : state.posMax].replace("\n", " ")
    state.pos = state.posMax
    return True


def link(state: StateInline, silent: bool) -> bool:
    """Show only the text of a link or image that breaks off."""
    sign = _LABEL.match(state.src, state.pos)
    if silent or not state.env["growing"] or not sign:
        return False
    start, maximum = sign.end(), state.posMax
    end = state.md.helpers.parseLinkLabel(state, start - 1, True) if _may_end(state, start) else -1
    if _PLAIN_LABEL.match(state.src, start, maximum if end < 0 else end):
        return False
    if end < 0:
        if maximum - start > MAX_LABEL or "]" in state.src[start:maximum]:
            return False
        state.pos = start
        return True
    if end + 1 < maximum and not _ADDRESS.fullmatch(state.src, end + 1, maximum):
        return False
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.pos = state.posMax = maximum
    return True


def _may_end(state: StateInline, start: int) -> bool:
    """Tell whether a label that is followed by the end of the text, or an address there, may begin at `start`.

    The library reads up to the end of the text for each bracket, so there must not be many of them.
    """
    src, maximum = state.src, state.posMax
    end = maximum - 1 if src.endswith("]", start, maximum) else src.rfind("](", start, maximum)
    return end >= 0 and src.count("[", start, end) < MAX_BRACKETS


def autolink(state: StateInline, silent: bool) -> bool:
    """Show `<https://…` without its bracket."""
    if silent or not state.env["growing"] or not _AUTOLINK.match(state.src, state.pos, state.posMax):
        return False
    state.append_pending(state.src[state.pos + 1 : state.posMax])
    state.pos = state.posMax
    return True


def pairs(state: StateInline) -> None:
    """Close the styles that are open, the innermost first."""
    if not state.env["growing"]:
        return
    opened: list[Delimiter] = []
    index = 0
    while index < len(state.delimiters):
        delimiter = state.delimiters[index]
        if delimiter.end >= 0:
            index = delimiter.end
        elif delimiter.open:
            opened.append(delimiter)
        index += 1
    for opener in reversed(opened):
        state.tokens.append(Token("text", "", 0))
        opener.end = len(state.delimiters)
        state.delimiters.append(
            Delimiter(opener.marker, opener.length, len(state.tokens) - 1, -1, open=False, close=True)
        )
