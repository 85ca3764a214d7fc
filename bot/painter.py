"""The look of Markdown in Telegram: the parser's tokens, painted on a canvas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from markdown_it.token import Token

from bot import latex, table
from bot.canvas import Canvas

LONG_QUOTE = 500  # UTF-16 units; Telegram shows three lines of a quote that can be unfolded
TAB = 4

_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough", "spoiler": "spoiler"}
_BULLETS = "•◦▪"
_BOXES = {" ": "☐", "x": "☑", "X": "☑"}
_INDENT = "    "
_RULE = "─" * 10
_TASK = re.compile(r"\[([ xX])\](?:\s+|$)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w+#.-]+")
_LINKABLE = re.compile(r"(?:https?://[^/?#]*\.|tg://|ton://)", re.IGNORECASE)  # tdlib LinkManager.cpp, check_link
_ABSOLUTE = re.compile(r"(?:mailto:|tel:)?((?<=:).+|[a-z][a-z0-9+.-]+:.+)", re.IGNORECASE)


class Painter:
    """Paints blocks of one source.

    A block is parted from the one before as in the source: by a new line, or by a blank one. `before` is the line
    above the source, None where nothing is above it.
    """

    def __init__(self, source: str, before: str | None) -> None:
        self._lines = source.split("\n")
        self._before = before
        self._canvas = Canvas()
        self._growing: set[int] = set()
        self._numbers: list[int | None] = []  # of each list around: its next number, None for bullets
        self._indents = [("", "")]  # of each container around: of its text, of the lists in it
        self._beside_mark = False
        self._link: _Link | None = None

    def paint(self, tokens: Sequence[Token], canvas: Canvas, *, partial: bool) -> None:
        """Paint `tokens` at the end of `canvas`; `partial` says that the last block is still growing."""
        self._canvas = canvas
        self._growing = _last_closings(tokens) if partial else set()
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
                self._text(token)
            case "fence" | "code_block":
                self._begin(token, block=True)
                self._code(token)
            case "hr":
                self._begin(token)
                self._canvas.write(_RULE)
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._item(token, following)
            case "list_item_close":
                self._indents.pop()
                self._beside_mark = False
            case "blockquote_open":
                self._quote(token)
            case "blockquote_close":
                self._end_quote(token)

    def _begin(self, token: Token, *, block: bool = False) -> None:
        """Go to a new line; right after the mark of a list or quote only for a `block`, which Telegram sets apart."""
        if self._beside_mark:
            self._beside_mark = False
            if block and self._canvas.size and self._canvas.gap in ("", " "):
                self._canvas.gap = "\n"
            return
        line = token.map[0] if token.map else 0
        above = self._lines[line - 1] if line else self._before
        if above is not None:
            self._canvas.gap = ("\n" if above.strip(" \t>") else "\n\n") + ("" if block else self._indents[-1][0])

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
        self._begin(token, block=True)
        indent = self._indents[-1][0] + "> " if self._canvas.opened else ""  # Telegram has no quotes in quotes
        self._indents.append((indent, indent))
        self._canvas.write(indent)
        self._canvas.open("blockquote")
        self._beside_mark = True

    def _end_quote(self, token: Token) -> None:
        self._indents.pop()
        self._beside_mark = False
        quote = self._canvas.close()
        if quote.end - quote.start > LONG_QUOTE and id(token) not in self._growing and not self._canvas.opened:
            quote.kind = "expandable_blockquote"

    def _code(self, token: Token) -> None:
        language = _LANGUAGE.match(token.info.strip())
        self._canvas.open("pre", language[0] if language else None)
        self._canvas.write(token.content.expandtabs(TAB).rstrip())
        self._canvas.close()

    def _table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Token]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
        alignments = [str(token.attrs.get("style", ""))[11:] for token in tokens if token.type == "th_open"]
        growing = id(tokens[-1]) in self._growing and self._lines[-1] != ""
        texts = [[_plain(cell) for cell in row] for row in rows]
        aligned = None
        if not any(
            _is_rich(cell, text)
            for row, line in zip(rows, texts, strict=True)
            for cell, text in zip(row, line, strict=True)
        ):
            aligned = table.align(texts, alignments, growing=growing)
        self._begin(tokens[0], block=aligned is not None)
        if aligned is None:
            self._records(rows, growing=growing)
        else:
            self._canvas.open("pre")
            self._canvas.write(aligned)
            self._canvas.close()

    def _records(self, rows: Sequence[Sequence[Token]], *, growing: bool) -> None:
        """Show each row of a wide table as an item of lines `head: cell`."""
        canvas, indent = self._canvas, self._indents[-1][0]
        head = rows[0]
        if len(rows) == 1:
            for index, cell in enumerate(head):
                canvas.write(" | " if index else "")
                self._text(cell)
        for number, row in enumerate(rows[1:]):
            if number:
                canvas.gap = "\n" + indent
            canvas.write("• ")
            for index, (label, cell) in enumerate(zip(head, row, strict=True)):
                if not cell.content and (number or not label.content):
                    continue
                if index:
                    canvas.gap = "\n" + indent + _INDENT
                if label.content:
                    self._text(label)
                    canvas.write(": ")
                if not index:
                    canvas.open("bold")
                for child in cell.children or []:
                    child.content = _BREAK.sub("\n" + indent + _INDENT, child.content)
                self._text(cell)
                if not index:
                    canvas.close()
                if not cell.content and not growing:
                    canvas.write("—")

    def _text(self, token: Token) -> None:
        self._inline(token.children or [])

    def _inline(self, tokens: Sequence[Token]) -> None:
        canvas = self._canvas
        for token in tokens:
            match token.type:
                case "text":
                    canvas.write(token.content)
                case "softbreak" | "hardbreak":
                    canvas.write("\n" + self._indents[-1][0])
                case "code_inline":
                    canvas.open("code")
                    canvas.write(token.content)
                    canvas.close()
                case "formula":
                    canvas.write(latex.readable(token.content).replace("\n", "\n" + self._indents[-1][0]))
                case "link_open":
                    self._open_link(str(token.attrs["href"]))
                case "link_close":
                    self._close_link()
                case "image":
                    self._image(token)
                case _ if token.nesting > 0:
                    canvas.open(_STYLES[token.type.removesuffix("_open")])
                case _:
                    canvas.close()

    def _open_link(self, address: str) -> None:
        """Begin the text of a link; Telegram's links are in no other link."""
        self._link = _Link(address, len(self._canvas.pieces))
        if _LINKABLE.match(address):
            self._canvas.open("text_link", address)

    def _close_link(self) -> None:
        """End a link: show its address where Telegram makes no link of it, or where it has no text."""
        canvas, link, self._link = self._canvas, self._link, None
        if link is None:
            return
        text = "".join(canvas.pieces[link.start :])
        if not text.strip():
            canvas.write(link.address)
        if _LINKABLE.match(link.address):
            canvas.close()
        elif text.strip() and (absolute := _ABSOLUTE.fullmatch(link.address)) and absolute[1] not in text:
            canvas.write(f" ({absolute[1]})")

    def _image(self, token: Token) -> None:
        """Show an image as a link, or in a link as its text."""
        address = str(token.attrs["src"])
        inside, linkable = self._link, _LINKABLE.match(address)
        if linkable and not inside:
            self._canvas.open("text_link", address)
        self._canvas.write("🖼 ")
        self._link = inside or _Link(address, 0)
        self._inline(token.children or [Token("text", "", 0, content=address.rpartition("/")[2])])
        self._link = inside
        if linkable and not inside:
            self._canvas.close()


@dataclass(frozen=True, slots=True)
class _Link:
    address: str
    start: int  # the piece of the canvas that its text begins with


def _last_closings(tokens: Sequence[Token]) -> set[int]:
    """Return the ids of the tokens that only end the last block."""
    return {id(token) for token in takewhile(lambda token: token.nesting < 0, reversed(tokens))}


def _take_box(text: Token) -> str | None:
    """Cut the box off the text of a task, and return it as a character."""
    first = text.children[0] if text.children else None
    if first is None or first.type != "text" or not (match := _TASK.match(first.content)):
        return None
    first.content = first.content[match.end() :]
    return _BOXES[match[1]]


def _plain(cell: Token) -> str:
    canvas = Canvas()
    painter = Painter("", None)
    painter.paint([cell], canvas, partial=False)
    return canvas.text


def _is_rich(cell: Token, text: str) -> bool:
    """Tell whether a cell would lose something in a monospaced line."""
    return (
        "\n" in text
        or bool(_BREAK.search(text))
        or any(child.type in ("link_open", "image") for child in cell.children or [])
    )
