"""Handouts: what of an answer can be had as a file: all of it, its long code, its tables; pure."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice

from bot.reply.markdown.renderer import render

WHOLE = 3_000  # characters: a longer answer can be had whole
CODE_LINES, CODE_LENGTH = 20, 1_000  # so long a code can be had by itself
TABLE_ROWS = 4  # under the head
MOST = 6  # files of an answer
MAX_CELL = 2_000  # characters of a cell that are cleared of Markdown

_FENCE = re.compile(r"(?P<before>(?:[ \t>]|[-*+] |\d{1,9}[.)] )*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)")
_RULE = re.compile(r":?-+:?")
_EDGE = " \t>"  # what may stand around a line in a quotation
_CELL = re.compile(r"(?<!\\)\|")
_NUMBER = re.compile(r"[-+]?[\d.,\s%]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SAME = "c cpp cs css csv dart diff go html ini java js json jsx lua md php pl py r rb rs scala sh sql svg swift tex"
_OTHERS = (
    "python=py javascript=js typescript=ts rust=rs ruby=rb perl=pl bash=sh shell=sh zsh=sh powershell=ps1 kotlin=kt"
)
_MORE = "c++=cpp c#=cs csharp=cs yml=yaml markdown=md latex=tex haskell=hs"
_EXTENSIONS = {name: name for name in (*_SAME.split(), "toml", "ts", "tsx", "vue", "xml", "yaml")}
_EXTENSIONS |= dict(each.split("=") for each in f"{_OTHERS} {_MORE}".split())


@dataclass(frozen=True, slots=True)
class Handout:
    """A file: its name, and the lines of the answer that it is made of; `make` writes it, which may take a moment."""

    name: str
    lines: Sequence[str]
    make: Callable[[Sequence[str]], str]

    @property
    def text(self) -> str:
        """What is in the file."""
        return self.make(self.lines)


def handouts(answer: str) -> list[Handout]:
    """Return the files that an answer (Markdown) can be had as, always the same for the same answer."""
    lines = answer.split("\n")
    whole = [Handout("answer.md", lines, "\n".join)] if len(answer) > WHOLE else []
    found: list[Handout] = []
    numbers: Counter[str] = Counter()
    for piece in islice(_pieces(lines), MOST - len(whole)):
        stem, _, extension = piece.name.partition(".")
        numbers[stem] += 1
        found.append(replace(piece, name=f"{stem}{numbers[stem]}.{extension}"))
    return [*whole, *found]


def _pieces(lines: Sequence[str]) -> Iterator[Handout]:
    at = 0
    while at < len(lines):
        if (opening := _FENCE.fullmatch(lines[at])) is not None:
            end = _closing(lines, at, opening["fence"])
            code = [_without(line, opening["before"]) for line in lines[at + 1 : end]]
            if len(code) >= CODE_LINES or sum(map(len, code)) >= CODE_LENGTH:
                word = opening["info"].strip().split(" ")[0].casefold()
                yield Handout(f"code.{_EXTENSIONS.get(word, 'txt')}", code, _code)
            at = end + 1
        elif "|" in lines[at] and at + 1 < len(lines) and _is_rule(lines[at + 1]):
            end = at + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            if end - at - 2 >= TABLE_ROWS:
                yield Handout("table.csv", [lines[at], *lines[at + 2 : end]], _csv)
            at = end
        else:
            at += 1


def _is_rule(line: str) -> bool:
    """Tell whether a line stands between the head of a table and its rows."""
    cells = line.strip(_EDGE).strip("|").split("|")
    return "|" in line and all(_RULE.fullmatch(cell.strip()) for cell in cells)


def _code(lines: Sequence[str]) -> str:
    return "\n".join([*lines, ""])


def _closing(lines: Sequence[str], at: int, fence: str) -> int:
    """Return the line that ends a block of code, or the one behind the last."""
    closing = (
        number
        for number in range(at + 1, len(lines))
        if (line := lines[number].strip(_EDGE)).startswith(fence) and not line.strip(fence[0])
    )
    return next(closing, len(lines))


def _without(line: str, before: str) -> str:
    """Return a line of code without what stands before it in a list or a quotation."""
    for sign in before:
        if line.startswith(sign) or (sign not in " \t>" and line.startswith(" ")):
            line = line[1:]
        else:
            break
    return line


def _csv(rows: Sequence[str]) -> str:
    """Write a table for spreadsheets: no cell of it is a formula."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    cells = [[_cell(cell) for cell in _cells(row)] for row in rows]
    writer.writerows([*row[: len(cells[0])], *[""] * (len(cells[0]) - len(row))] for row in cells)
    return f"\ufeff{file.getvalue()}"  # by which spreadsheets tell UTF-8


def _cells(row: str) -> list[str]:
    row = row.strip(_EDGE)
    row = row.removeprefix("|")
    row = row[:-1] if row.endswith("|") and not row.endswith("\\|") else row
    return [cell.replace("\\|", "|") for cell in _CELL.split(row)]


def _cell(cell: str) -> str:
    text = cell.strip()
    text = render(text).text if len(text) <= MAX_CELL else text
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
