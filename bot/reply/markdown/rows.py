"""Tables in the source: a head, a line of dashes, and rows. A rule of the parser."""

import re

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import escapedSplit

MAX_COLUMNS = 32  # short rows are filled up, so a wide head could make millions of cells
MAX_MISSING = 1024  # cells

_DASHES = re.compile(r"[-|:][-|:\s]*")
_MARKS = frozenset("\\$`~>*-_+#0123456789")  # what other blocks begin with


def rows(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table, unless so many of its cells are missing that it is none: each of them is made.

    This is asked of each line of a paragraph, so what the rows below a head were counted for is kept in mind: lines up
    to there begin no table of as many columns. The library says whether it is a table; rows are read here, where most
    begin no other block, and as tokens that only say what is in them: that is most of the time a table takes.
    """
    columns = _line(state, start).count("|")
    if not 0 < columns <= MAX_COLUMNS or start + 1 >= end or not _DASHES.fullmatch(_line(state, start + 1)):
        return False
    refused: dict[int, int] = state.env.setdefault("refused", {})
    if start < refused.get(columns, 0) or not table(state, start, end, True):
        return False
    missing = 0
    for line in range(start + 2, end):
        if state.isEmpty(line):
            break
        missing += max(columns - 1 - _line(state, line).count("|"), 0)
        if missing > MAX_MISSING:
            refused[columns] = line
            return False
    if not silent:
        _read(state, start, end)
    return True


def cells(line: str) -> list[str]:
    """Return what is between the bars of a line."""
    found = escapedSplit(line) if "\\" in line else line.split("|")
    if found and found[0] == "":
        del found[0]
    if found and found[-1] == "":
        del found[-1]
    return [mdTrim(cell) for cell in found]


def _read(state: StateBlock, start: int, end: int) -> None:
    around, state.parentType = state.parentType, "table"
    opening = state.push("table_open", "table", 1)
    _row(state, start)
    head = cells(mdTrim(_line(state, start)))
    for cell, dashes in zip(head, filter(None, map(mdTrim, _line(state, start + 1).split("|"))), strict=True):
        state.push("th_open", "th", 1).attrs = {"style": "text-align:" + _alignment(dashes)}
        state.push("inline", "", 0).content = cell
        state.push("th_close", "th", -1)
    line = start + 2
    while line < end and not _ends(state, line, end):
        _row(state, line)
        row = cells(mdTrim(_line(state, line)))
        for column in range(len(head)):
            state.push("inline", "", 0).content = row[column] if column < len(row) else ""
        line += 1
    state.push("table_close", "table", -1)
    opening.map = [start, line]
    state.parentType = around
    state.line = line


def _row(state: StateBlock, line: int) -> None:
    state.push("tr_open", "tr", 0).map = [line, line + 1]


def _ends(state: StateBlock, line: int, end: int) -> bool:
    """Tell whether a line is no row."""
    if state.sCount[line] < state.blkIndent or state.isEmpty(line) or state.is_code_block(line):
        return True
    if state.src[state.bMarks[line] + state.tShift[line]] not in _MARKS:
        return False
    return any(rule(state, line, end, True) for rule in state.md.block.ruler.getRules("blockquote"))


def _alignment(dashes: str) -> str:
    if dashes[-1] == ":":
        return "center" if dashes[0] == ":" else "right"
    return "left" if dashes[0] == ":" else ""


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
