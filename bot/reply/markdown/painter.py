"""What the blocks of Markdown look like in Telegram: the parser's tokens, painted on a canvas."""

import re
from collections.abc import Sequence
from itertools import takewhile

from markdown_it.token import Token

from bot.reply.markdown import table
from bot.reply.markdown.canvas import Canvas
from bot.reply.markdown.painting import Context
from bot.reply.markdown.pen import Pen

THOUGHT = "💭"  # begins the quotation of what a model thought, at the top of an answer
LONG_QUOTE = 500  # UTF-16 units; of a longer one Telegram shows three lines until it is unfolded
TAB = 4

_BULLETS = "•◦▪"
_BOXES = {" ": "☐", "x": "☑", "X": "☑"}
_INDENT = "    "
_RULE = "─" * 10
_TASK = re.compile(r"\[([ xX])\](?:[^\S\n]+|(?=\n)|$)")
_LANGUAGE = re.compile(r"[\w+#.-]+")


class Painter:
    """Paints blocks of one source.

    A block is parted from the one before as in the source: by a new line, or by a blank one. `above` tells what is
    above the source.
    """

    def __init__(self, source: str, above: Context) -> None:
        self._lines = source.split("\n")
        self._above = above
        self._number = above.number
        self._canvas = Canvas()
        self._growing: set[int] = set()  # ids of the tokens that end what is still growing
        self._numbers: list[int | None] = []  # of each list around: its next number, None for bullets
        self._indents = [("", "")]  # of each container around: of its text, of the lists in it
        self._beside_mark = False  # of a list or quote, on the same line

    @property
    def number(self) -> int | None:
        """The number of the next item of the list that is being painted."""
        return self._numbers[0] if self._numbers else None

    def paint(self, tokens: Sequence[Token], canvas: Canvas, *, partial: bool) -> None:
        """Paint `tokens` at the end of `canvas`; `partial` says that the last block is still growing."""
        self._canvas = canvas
        closings = takewhile(lambda token: token.nesting < 0, reversed(tokens))
        self._growing = {id(token) for token in closings} if partial else set()
        index = 0
        while index < len(tokens):
            if tokens[index].type == "table_open":
                start = index
                while tokens[index].type != "table_close":
                    index += 1
                self._table(tokens[start : index + 1])
            else:
                self._block(tokens[index], tokens[index + 1 : index + 3])
            index += 1

    def _block(self, token: Token, following: Sequence[Token]) -> None:
        match token.type:
            case "paragraph_open":
                self._begin(token)
            case "heading_open":
                self._begin(token)
                self._canvas.open("bold")
            case "heading_close":
                self._canvas.close()
            case "inline":
                Pen(self._canvas, self._indents[-1][0]).write(token.children or [])
            case "fence" | "code_block":
                self._code(token)
            case "hr":
                self._begin(token)
                self._canvas.write(_RULE)
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)) if self._number is None else self._number)
                self._number = None
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._item(token, following)
            case "blockquote_open":
                self._quote(token)
            case "blockquote_close":
                self._end_quote(token)
        if token.type in ("list_item_close", "blockquote_close"):
            self._indents.pop()
            self._beside_mark = False

    def _begin(self, token: Token, *, block: bool = False) -> None:
        """Go to a new line; right after the mark of a list or quote only for a `block`, which Telegram sets apart."""
        if self._beside_mark:
            self._beside_mark = False
            if block and self._canvas.size and self._canvas.gap in ("", " "):
                self._canvas.gap = "\n"
            return
        line = token.map[0] if token.map else 0
        above = self._lines[line - 1] if line else self._above.line
        if not line and self._above.gap is not None:
            self._canvas.gap = "\n" if block else self._above.gap
        elif above is not None:
            self._canvas.gap = ("\n" if above.strip(" \t>") else "\n\n") + ("" if block else self._indents[-1][0])

    def _code(self, token: Token) -> None:
        self._begin(token, block=True)
        language = _LANGUAGE.match(token.info.strip())
        self._canvas.open("pre", language[0] if language else None)
        self._canvas.write(token.content.expandtabs(TAB).rstrip())
        self._canvas.close()

    def _item(self, token: Token, following: Sequence[Token]) -> None:
        indent = self._indents[-1][1]
        self._indents.append((indent, indent + _INDENT))
        self._begin(token)
        number = self._numbers[-1]
        marker = _BULLETS[min(self._numbers.count(None), len(_BULLETS)) - 1]
        if number is not None:
            self._numbers[-1] = number + 1
            marker = f"{number}."
        if [token.type for token in following] == ["paragraph_open", "inline"] and (box := _take_box(following[1])):
            marker = box if number is None else f"{marker} {box}"
        self._canvas.write(marker)
        self._canvas.gap = " "
        self._beside_mark = True

    def _quote(self, token: Token) -> None:
        """Begin a quote; Telegram has no quotes in quotes, so an inner one keeps its marks."""
        self._begin(token, block=True)
        indent = self._indents[-1][0] + "> " if self._canvas.opened else ""
        self._indents.append((indent, indent))
        self._canvas.write(indent)
        self._canvas.open("blockquote")
        self._beside_mark = True

    def _end_quote(self, token: Token) -> None:
        """End a quote; while it grows it must not be folded, but for what a model thought, which is whole."""
        quote = self._canvas.close()
        is_thought = not quote.start and self._canvas.text.startswith(THOUGHT)
        is_long = quote.end - quote.start > LONG_QUOTE and id(token) not in self._growing
        if (is_thought or is_long) and not self._canvas.opened:
            quote.kind = "expandable_blockquote"

    def _table(self, tokens: Sequence[Token]) -> None:
        growing = id(tokens[-1]) in self._growing and self._lines[-1] != ""
        cells = table.read(tokens)
        columns, count = table.columns(cells, growing=growing)
        self._begin(tokens[0], block=count > 0)
        if count:
            self._canvas.open("pre")
            self._canvas.write(columns)
            self._canvas.close()
            self._canvas.gap = "\n" + self._indents[-1][0]
            cells = table.below(cells, count)
        if not count or len(cells.rows) > 1:
            table.write_records(cells, self._canvas, self._indents[-1][0], growing=growing)


def _take_box(text: Token) -> str | None:
    """Cut the box off the text of a task, and return it as a character."""
    first = text.children[0] if text.children else None
    if first is None or first.type != "text" or not (match := _TASK.match(first.content)):
        return None
    first.content = first.content[match.end() :]
    return _BOXES[match[1]]
