"""Plain lines: most begin no block, which their first sign tells, so the library's rules are not asked about them."""

from collections.abc import Callable, Mapping, Sequence

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block

from bot.reply.markdown import formula, growing, rows

_Rule = Callable[[StateBlock, int, int, bool], bool]
_BLOCKS: Mapping[str, Sequence[_Rule]] = {  # what ends a paragraph; a line with a bar may be a table's head besides
    "|": [growing.table],
    "\\": [formula.lines],
    "$": [formula.lines],
    "`": [fence],
    "~": [fence],
    ">": [blockquote],
    "*": [hr, list_block],
    "-": [hr, list_block],
    "_": [hr],
    "+": [list_block],
    "#": [heading],
    **dict.fromkeys("0123456789", (list_block,)),
}
_UNDERLINES = frozenset("=-")


def block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a paragraph that no other block can be; other rules are asked about the rest."""
    if silent or _first(state, start) in _BLOCKS or _has_bar(state, start) or state.is_code_block(start):
        return False
    following = start + 1
    if following < end and not state.isEmpty(following) and _first(state, following) in _UNDERLINES:
        return False
    return paragraph(state, start, end, silent)


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read the lines up to an empty one, or one that begins another block."""
    around, state.parentType = state.parentType, "paragraph"
    line, last = start + 1, state.lineMax
    while line < last and not state.isEmpty(line) and not _ends(state, line, last):
        line += 1
    state.parentType = around
    state.line = line
    if state.level:
        content = state.getLines(start, line, state.blkIndent, False)
    else:
        content = state.src[state.bMarks[start] : state.eMarks[line - 1]]
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [start, line]
    state.push("inline", "", 0).content = mdTrim(content)
    state.push("paragraph_close", "p", -1)
    return True


def _ends(state: StateBlock, line: int, last: int) -> bool:
    """Tell whether a line begins another block: not where it is indented as code, or goes on in a quote without `>`."""
    blocks, has_bar = _BLOCKS.get(_first(state, line), ()), _has_bar(state, line)
    if not (blocks or has_bar) or state.sCount[line] < 0 or state.is_code_block(line):
        return False
    if has_bar and rows.rows(state, line, last, True):
        return True
    for ends in blocks:  # noqa: SIM110  # `any` takes longer
        if ends(state, line, last, True):
            return True
    return False


def _has_bar(state: StateBlock, line: int) -> bool:
    return state.src.find("|", state.bMarks[line], state.eMarks[line]) >= 0


def _first(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line]]
