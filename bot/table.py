"""Tables for a narrow screen."""

import unicodedata
from collections.abc import Sequence

MAX_WIDTH = 34  # columns of a monospaced text that a phone shows without breaking its lines


def align(rows: Sequence[Sequence[str]], alignments: Sequence[str], *, growing: bool) -> str | None:
    """Lay out `rows`, the first of them the head, in columns; None where they are too wide for a phone.

    `alignments` holds left, right, center or nothing for each column. The last row has no say in the widths while it grows.
    """
    counted = rows[:-1] if growing and len(rows) > 1 else rows
    widths = [max(_width(row[column]) for row in counted) for column in range(len(alignments))]
    if sum(widths) + 2 * (len(widths) - 1) > MAX_WIDTH:
        return None
    lines = [_line(row, widths, alignments) for row in rows]
    if len(rows) > 1:
        lines.insert(1, _line(["─" * _width(cell) for cell in rows[0]], widths, alignments))
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], alignments: Sequence[str]) -> str:
    return "  ".join(map(_pad, cells, widths, alignments)).rstrip()


def _pad(cell: str, width: int, alignment: str) -> str:
    free = max(width - _width(cell), 0)
    left = {"right": free, "center": free // 2}.get(alignment, 0)
    return " " * left + cell + " " * (free - left)


def _width(text: str) -> int:
    """Return how many columns `text` takes: a Chinese character or emoji takes two, a combining mark none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
