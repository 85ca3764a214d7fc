"""Tables for a narrow screen: in columns as far as a phone has room for them, else a record for each row."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.pen import Pen

MAX_WIDTH = 34  # columns of a monospaced text that a phone shows without breaking its lines
SLACK = 2  # of them that head and first row leave free for each column: later rows are often wider
WIDER = 40  # so wide a row that comes later may be: some phones break its line

_GAP = "  "
_INDENT = "    "
_BREAK = re.compile(r" *<br\s*/?> *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the parser read it: its cells, the head first, and how each column is aligned ("" where not said)."""

    rows: Sequence[Sequence[Token]]
    alignments: Sequence[str]


def read(tokens: Sequence[Token]) -> Table:
    """Read the tokens from `table_open` to `table_close`."""
    rows: list[list[Token]] = []
    alignments: list[str] = []
    for token in tokens:
        for text in token.children or []:
            text.content = _BREAK.sub("\n", text.content) if text.type == "text" else text.content
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            alignments.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
        elif token.type == "inline":
            rows[-1].append(token)
    return Table(rows, alignments)


def columns(table: Table, *, growing: bool) -> tuple[str, int]:
    """Lay out the head and the rows that a phone has room for in columns; return them, and how many they are.

    The head and the first row decide: none (0) are in columns where they are too wide, or a cell would lose a link or a
    line break. From the first later row on that does not fit so the rows are no columns, and those above it stay.
    While the last row is `growing` it has no say in the widths, so that the rows above it keep still.
    """
    rows: list[list[str]] = []
    widths = [0] * len(table.alignments)
    for number, cells in enumerate(table.rows):
        row = [_plain(cell) for cell in cells]
        wider = [max(width, _width(cell)) for width, cell in zip(widths, row, strict=True)]
        is_open = growing and 0 < number == len(table.rows) - 1
        room = WIDER if number > 1 or is_open else MAX_WIDTH - SLACK * len(widths)
        if any("\n" in cell for cell in row) or any(map(_links, cells)) or _total(wider) > room:
            if number < 2:
                return "", 0
            break
        rows.append(row)
        if not is_open:
            widths = wider
    lines = [_line(row, widths, table.alignments) for row in rows]
    if len(table.rows) > 1:
        lines.insert(1, _line(["─" * _width(cell) for cell in rows[0]], widths, table.alignments))
    return "\n".join(lines), len(rows)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def below(table: Table, count: int) -> Table:
    """Return a table without its first `count` rows, under the same head."""
    return Table([table.rows[0], *table.rows[max(count, 1) :]], table.alignments)


def write_records(table: Table, canvas: Canvas, indent: str, *, growing: bool) -> None:
    """Write each row as an item of lines `head: cell`; the first has all heads, later ones those of their cells."""
    pen = Pen(canvas, indent + _INDENT)
    head = table.rows[0]
    if len(table.rows) == 1:
        for index, label in enumerate(head):
            canvas.write(" | " if index else "")
            pen.write(label.children or [])
    for number, row in enumerate(table.rows[1:]):
        if number:
            canvas.gap = "\n" + indent
        canvas.write("•")
        canvas.gap = " "
        for column, (label, cell) in enumerate(zip(head, row, strict=True)):
            if not cell.content and (number or not label.content):
                continue
            if label.content:
                pen.write(label.children or [])
                canvas.write(":")
                canvas.gap = " "
            if column == 0:
                canvas.open("bold")
            pen.write(cell.children or [])
            if column == 0:
                canvas.close()
            if not cell.content and not growing:
                canvas.write("—")
            canvas.gap = "\n" + indent + _INDENT


def _plain(cell: Token) -> str:
    canvas = Canvas()
    Pen(canvas).write(cell.children or [])
    return canvas.text


def _links(cell: Token) -> bool:
    return any(token.type in ("link_open", "image") for token in cell.children or [])


def _line(cells: Sequence[str], widths: Sequence[int], alignments: Sequence[str]) -> str:
    return _GAP.join(map(_pad, cells, widths, alignments)).rstrip()


def _pad(cell: str, width: int, alignment: str) -> str:
    free = max(width - _width(cell), 0)
    left = {"right": free, "center": free // 2}.get(alignment, 0)
    return " " * left + cell + " " * (free - left)


def _width(text: str) -> int:
    """Return how many columns `text` takes: a Chinese character or emoji takes two, a combining mark none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
