"""LaTeX in Markdown: where a formula begins and ends. Two rules of the parser."""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from bot.reply.markdown.growing import is_last

MAX_LENGTH = 4096  # characters; what is longer is no formula
MAX_LINES = 64  # the same

_OPENING = re.compile(r"\\\(|\\\[|\$\$|\\begin\{(?P<environment>\w{1,16}\*?)\}")
_CLOSINGS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_COMMAND = re.compile(r"\\[a-zA-Z]*$")
_WORDS = re.compile(r"(?<![\\{\w])[^\W\d_]{3,}")
_SIGNS = re.compile(r"[\\^_=<>+*/]|^\W*[^\W\d_]\W*$")


def lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Keep the lines of a displayed formula together: a line in it may begin like a list or a heading."""
    rest = _line(state, start)
    opening = _OPENING.match(rest)
    if state.is_code_block(start) or not opening or opening[0] == "\\(":
        return False
    closing = _closing(opening)
    is_closed = state.src.find(closing, state.bMarks[start] + opening.end()) >= 0
    if not is_closed and not (state.env["partial"] and state.lineMax - start <= MAX_LINES):
        return False
    rest, line = rest[opening.end() :], start + 1
    while closing not in rest and line < min(end, start + MAX_LINES) and _continues(state, line):
        rest, line = _line(state, line), line + 1
    complete = closing in rest
    if complete and rest.rpartition(closing)[2].strip(" .,;"):
        return False
    if not complete and not (state.env["partial"] and is_last(state, line - 1)):
        return False
    if not silent:
        paragraph = state.push("paragraph_open", "p", 1)
        paragraph.map, paragraph.meta["open"] = [start, line], not complete
        state.push("inline", "", 0).content = state.getLines(start, line, state.blkIndent, False).strip()
        state.push("paragraph_close", "p", -1)
        state.line = line
    return True


def text(state: StateInline, silent: bool) -> bool:
    """Read a formula within a text; one that is open at the end of a growing text is read as far as it goes."""
    if state.src[state.pos] not in "\\$":
        return False
    opening = _OPENING.match(state.src, state.pos, state.posMax)
    found = _between(state, opening) if opening else _dollars(state.src, state.pos, state.posMax)
    if found is None:
        return False
    latex, end = found
    if not silent:
        state.push("formula", "", 0).content = latex
    state.pos = end
    return True


def _between(state: StateInline, opening: re.Match[str]) -> tuple[str, int] | None:
    """Return the formula that `opening` begins, and where it ends."""
    src, closing = state.src, _closing(opening)
    start = opening.start() if opening["environment"] else opening.end()
    end = src.find(closing, opening.end(), min(state.posMax, opening.end() + MAX_LENGTH))
    if end >= 0:
        after = end + len(closing)
        latex = src[start : after if opening["environment"] else end]
    elif state.env["growing"] and state.posMax - start < MAX_LENGTH:
        latex, after = _COMMAND.sub("", src[start : state.posMax]), state.posMax
    else:
        return None
    if closing == "$$" and (src.startswith("$", after) or not (_looks_mathematical(latex) or not latex.strip())):
        return None
    return latex, after


def _dollars(src: str, start: int, maximum: int) -> tuple[str, int] | None:
    """Read `$…$` where it cannot mean money: no blank inside the signs, no word outside, and signs of maths between."""
    end = src.find("$", start + 1, min(maximum, start + MAX_LENGTH))
    latex = src[start + 1 : end]
    if src[start] != "$" or end < 0 or not latex or latex != latex.strip():
        return None
    before, after = src[start - 1 : start], src[end + 1 : end + 2]
    if before.isalnum() or after.isalnum() or after == "$" or not _looks_mathematical(latex):
        return None
    return latex, end + 1


def _looks_mathematical(latex: str) -> bool:
    return "\\" in latex or bool(_SIGNS.search(latex) and not _WORDS.search(latex))


def _closing(opening: re.Match[str]) -> str:
    return f"\\end{{{opening['environment']}}}" if opening["environment"] else _CLOSINGS[opening[0]]


def _continues(state: StateBlock, line: int) -> bool:
    return not state.isEmpty(line) and state.sCount[line] >= state.blkIndent


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
